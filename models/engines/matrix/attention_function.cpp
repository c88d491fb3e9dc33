// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/attention_function.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/common/score_exponential.h"
#include "models/engines/matrix/matmul_function.h"

namespace dixion {
namespace {

constexpr std::size_t kBlockScores = 64 * 1024;  // accumulators that stay in the workstation's L2 cache
// Longest sum of products of an exponential and a 12-bit value that int32 always holds.
constexpr std::size_t kValueDepth = std::numeric_limits<std::int32_t>::max() / (4095 * 2048);

/// One head: rows of queries against all its keys.
class Head {
 public:
  Head(const KernelSet& kernels, const AttentionOperands& operands)
      : kernels_(kernels),
        operands_(operands),
        exponential_(operands.score_multiplier, operands.score_shift),
        block_(std::clamp<std::size_t>(kBlockScores / operands.keys, 16, 256)),
        score_depth_(exact_depth(12, 12)) {
    const std::size_t scores = block_ * operands.keys, outputs = block_ * operands.depth;
    parts_.resize(std::max(scores, outputs));
    if (operands.depth > score_depth_) scores_.resize(scores);
    weights_.resize(scores);
    norms_.resize(block_);
    outputs_.resize(outputs);
    values_.resize(operands.keys * operands.depth);
  }

  std::uint64_t run(std::size_t head, std::int16_t* dst) {
    const std::size_t keys = operands_.keys, depth = operands_.depth;
    const std::int16_t* q = operands_.q + head * operands_.queries * depth;
    const std::int16_t* v = operands_.v + head * keys * depth;
    for (std::size_t j = 0; j < keys; ++j) {
      for (std::size_t d = 0; d < depth; ++d) values_[d * keys + j] = v[j * depth + d];
    }
    for (std::size_t row = 0; row < operands_.queries; row += block_) {
      const std::size_t rows = std::min(block_, operands_.queries - row);
      weigh(rows, q + row * depth, operands_.k + head * keys * depth);
      accumulate(rows);
      divide(rows, dst + (head * operands_.queries + row) * depth);
    }
    return saturations_;
  }

 private:
  /// weights_ = exponentials of the scores below their row's maximum, norms_ = their sums.
  void weigh(std::size_t rows, const std::int16_t* q, const std::int16_t* k) {
    const std::size_t keys = operands_.keys, depth = operands_.depth;
    if (depth <= score_depth_) {
      kernels_.dot_products(rows, keys, depth, q, depth, k, depth, parts_.data(), keys);
      for (std::size_t i = 0; i < rows; ++i) {
        norms_[i] = kernels_.softmax_weights(keys, parts_.data() + i * keys, exponential_, weights_.data() + i * keys);
      }
      return;
    }
    std::fill(scores_.begin(), scores_.end(), 0);
    for (std::size_t d = 0; d < depth; d += score_depth_) {
      const std::size_t part = std::min(score_depth_, depth - d);
      kernels_.dot_products(rows, keys, part, q + d, depth, k + d, depth, parts_.data(), keys);
      for (std::size_t i = 0; i < rows * keys; ++i) scores_[i] += parts_[i];
    }
    for (std::size_t i = 0; i < rows; ++i) weigh_wide_row(i);
  }

  /// softmax_weights for scores beyond int32.
  void weigh_wide_row(std::size_t row) {
    const std::int64_t* scores = scores_.data() + row * operands_.keys;
    const std::int64_t top = *std::max_element(scores, scores + operands_.keys);
    norms_[row] = 0;
    for (std::size_t j = 0; j < operands_.keys; ++j) {
      const std::int32_t weight = exponential_(top - scores[j]);
      weights_[row * operands_.keys + j] = static_cast<std::int16_t>(weight);
      norms_[row] += weight;
    }
  }

  void accumulate(std::size_t rows) {
    const std::size_t keys = operands_.keys, depth = operands_.depth;
    std::fill(outputs_.begin(), outputs_.end(), 0);
    for (std::size_t j = 0; j < keys; j += kValueDepth) {
      const std::size_t part = std::min(kValueDepth, keys - j);
      kernels_.dot_products(rows, depth, part, weights_.data() + j, keys, values_.data() + j, keys, parts_.data(),
                            depth);
      for (std::size_t i = 0; i < rows * depth; ++i) outputs_[i] += parts_[i];
    }
  }

  void divide(std::size_t rows, std::int16_t* dst) {
    const std::size_t depth = operands_.depth;
    for (std::size_t i = 0; i < rows; ++i) {
      const Wide divisor = static_cast<Wide>(norms_[i]) << operands_.output_shift;
      const bool narrow_divisor = divisor < (Wide{1} << 62);
      for (std::size_t d = 0; d < depth; ++d) {
        const std::int64_t output = outputs_[i * depth + d];
        const Wide quotient = narrow_divisor && fits_int32(output)
                                  ? narrow_quotient(output, static_cast<std::uint64_t>(divisor))
                                  : rdiv(static_cast<Wide>(output) * operands_.output_multiplier, divisor);
        dst[i * depth + d] = static_cast<std::int16_t>(saturate(quotient, 12, saturations_));
      }
    }
  }

  /// rdiv in 64 bits: the product is at most 2^62 and so is the divisor.
  [[nodiscard]] std::int64_t narrow_quotient(std::int64_t output, std::uint64_t divisor) const {
    const std::int64_t product = output * operands_.output_multiplier;
    const auto magnitude = static_cast<std::uint64_t>(product < 0 ? -product : product);
    const auto quotient = static_cast<std::int64_t>((2 * magnitude + divisor) / (2 * divisor));
    return product < 0 ? -quotient : quotient;
  }

  const KernelSet& kernels_;
  const AttentionOperands& operands_;
  ScoreExponential exponential_;
  std::size_t block_;        // rows of queries at a time
  std::size_t score_depth_;  // longest exact sum over D in int32
  std::vector<std::int32_t> parts_;
  std::vector<std::int64_t> scores_;   // used where int32 cannot hold the sum over D
  std::vector<std::int16_t> weights_;  // [rows, Tk]
  std::vector<std::int64_t> norms_;    // [rows]
  std::vector<std::int64_t> outputs_;  // [rows, D]
  std::vector<std::int16_t> values_;   // V transposed, [D, Tk]
  std::uint64_t saturations_ = 0;
};

}  // namespace

std::uint64_t attention_function(const KernelSet& kernels, const AttentionOperands& operands, std::int16_t* dst) {
  Head head(kernels, operands);
  std::uint64_t saturations = 0;
  for (std::size_t i = 0; i < operands.heads; ++i) saturations = head.run(i, dst);
  return saturations;
}

}  // namespace dixion
