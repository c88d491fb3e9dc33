// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/attention_function.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/common/mask_bits.h"
#include "models/common/score_exponential.h"
#include "models/engines/matrix/matmul_function.h"

namespace dixion {
namespace {

constexpr std::size_t kBlockScores = 64 * 1024;  // accumulators that stay in the workstation's L2 cache
// Longest sum of products of an exponential and a 12-bit value that int32 always holds.
constexpr std::size_t kValueDepth = std::numeric_limits<std::int32_t>::max() / (4095 * 2048);

/// Threads keep theirs: fresh memory costs more than what is written to it.
struct Scratch {
  std::vector<std::int32_t> parts;    // sums of a kernel, [rows, Tk] or [rows, D]
  std::vector<std::int64_t> scores;   // [rows, Tk], used where int32 cannot hold the sum over D
  std::vector<std::int16_t> weights;  // [rows, Tk]
  std::vector<std::int64_t> norms;    // [rows]
  std::vector<std::int64_t> outputs;  // [rows, D]
  std::vector<std::int16_t> values;   // V transposed, [D, Tk]
  std::vector<std::int16_t> packed;   // [Tk], weights of one row's kept keys
};

Scratch& scratch_of_this_thread() {
  thread_local Scratch scratch;
  return scratch;
}

/// Rounded quotients by one divisor, in 64 bits.
class Divider {
 public:
  /// divisor from 1 to 2^62.
  explicit Divider(std::uint64_t divisor)
      : divisor_(divisor), twice_(2 * divisor), reciprocal_(std::numeric_limits<std::uint64_t>::max() / twice_) {}
  /// rdiv(x, divisor), |x| at most 2^62.
  [[nodiscard]] std::int64_t operator()(std::int64_t x) const {
    const auto magnitude = static_cast<std::uint64_t>(x < 0 ? -x : x);
    const std::uint64_t numerator = 2 * magnitude + divisor_;
    // At most one too small: numerator / 2^64 < 1 is all that the reciprocal rounded down takes away.
    auto quotient = static_cast<std::uint64_t>((static_cast<UnsignedWide>(numerator) * reciprocal_) >> 64);
    if (numerator - quotient * twice_ >= twice_) ++quotient;
    return x < 0 ? -static_cast<std::int64_t>(quotient) : static_cast<std::int64_t>(quotient);
  }

 private:
  __extension__ using UnsignedWide = unsigned __int128;
  std::uint64_t divisor_, twice_, reciprocal_;
};

/// One head: rows of queries against all its keys.
class Head {
 public:
  Head(const KernelSet& kernels, const AttentionOperands& operands, const ScoreExponential& exponential)
      : kernels_(kernels),
        operands_(operands),
        exponential_(exponential),
        scratch_(scratch_of_this_thread()),
        block_(std::clamp<std::size_t>(kBlockScores / operands.keys, 16, 256)),
        score_depth_(exact_depth(12, 12)) {
    const std::size_t scores = block_ * operands.keys, outputs = block_ * operands.depth;
    scratch_.parts.resize(std::max(scores, outputs));
    if (operands.depth > score_depth_) scratch_.scores.resize(scores);
    scratch_.weights.resize(scores);
    scratch_.norms.resize(block_);
    scratch_.outputs.resize(outputs);
    scratch_.values.resize(operands.keys * operands.depth);
    scratch_.packed.resize(operands.keys);
  }

  std::uint64_t run(std::size_t head, std::int16_t* dst) {
    const std::size_t keys = operands_.keys, depth = operands_.depth;
    const std::int16_t* q = operands_.q + head * operands_.queries * depth;
    const std::int16_t* v = operands_.v + head * keys * depth;
    for (std::size_t j = 0; j < keys; ++j) {
      for (std::size_t d = 0; d < depth; ++d) scratch_.values[d * keys + j] = v[j * depth + d];
    }
    std::uint64_t saturations = 0;
    for (std::size_t row = 0; row < operands_.queries; row += block_) {
      const std::size_t rows = std::min(block_, operands_.queries - row);
      head_ = head;
      row_ = row;
      weigh(rows, q + row * depth, operands_.k + head * keys * depth);
      accumulate(rows);
      saturations += divide(rows, dst + (head * operands_.queries + row) * depth);
    }
    return saturations;
  }

 private:
  /// weights = exponentials of the scores below their row's maximum, norms = their sums.
  void weigh(std::size_t rows, const std::int16_t* q, const std::int16_t* k) {
    const std::size_t keys = operands_.keys, depth = operands_.depth;
    std::int32_t* parts = scratch_.parts.data();
    if (operands_.mask != nullptr) std::fill(scratch_.weights.begin(), scratch_.weights.end(), std::int16_t{0});
    if (depth <= score_depth_) {
      kernels_.dot_products(rows, keys, depth, q, depth, k, depth, parts, keys);
      for (std::size_t i = 0; i < rows; ++i) weigh_row(i, parts + i * keys);
      return;
    }
    std::fill(scratch_.scores.begin(), scratch_.scores.end(), 0);
    for (std::size_t d = 0; d < depth; d += score_depth_) {
      const std::size_t part = std::min(score_depth_, depth - d);
      kernels_.dot_products(rows, keys, part, q + d, depth, k + d, depth, parts, keys);
      for (std::size_t i = 0; i < rows * keys; ++i) scratch_.scores[i] += parts[i];
    }
    for (std::size_t i = 0; i < rows; ++i) weigh_row(i, scratch_.scores.data() + i * keys);
  }

  /// One row of a block. `scores` are moved where a mask leaves gaps.
  template <typename Score>
  void weigh_row(std::size_t i, Score* scores) {
    const std::size_t keys = operands_.keys;
    std::int16_t* weights = scratch_.weights.data() + i * keys;
    if (operands_.mask == nullptr) {
      scratch_.norms[i] = softmax_weights(keys, scores, weights);
      if (operands_.marks != nullptr) mark_row(i, scores, weights);
      return;
    }
    // A dropped key keeps weight 0: it adds nothing to the weighted sum.
    const std::uint32_t* mask = operands_.mask + mask_word(i);
    std::size_t kept = 0;
    for_each_kept_key(mask, keys, operands_.tile, [&](std::size_t j) { scores[kept++] = scores[j]; });
    scratch_.norms[i] = softmax_weights(kept, scores, scratch_.packed.data());
    kept = 0;
    for_each_kept_key(mask, keys, operands_.tile, [&](std::size_t j) { weights[j] = scratch_.packed[kept++]; });
  }

  /// Where the bits of the block's query i begin.
  [[nodiscard]] std::size_t mask_word(std::size_t i) const {
    const MaskTile& tile = operands_.tile;
    return (head_ * tile.mask_rows(operands_.queries) + (row_ + i) / tile.rows) *
           mask_words(tile.row_bits(operands_.keys));
  }

  std::int64_t softmax_weights(std::size_t count, const std::int32_t* scores, std::int16_t* weights) const {
    return kernels_.softmax_weights(count, scores, exponential_, weights);
  }
  /// The same for scores beyond int32.
  std::int64_t softmax_weights(std::size_t count, const std::int64_t* scores, std::int16_t* weights) const {
    const std::int64_t top = *std::max_element(scores, scores + count);
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < count; ++j) {
      const std::int32_t weight = exponential_(top - scores[j]);
      weights[j] = static_cast<std::int16_t>(weight);
      sum += weight;
    }
    return sum;
  }

  template <typename Score>
  void mark_row(std::size_t i, const Score* scores, const std::int16_t* weights) const {
    const std::size_t keys = operands_.keys;
    KeptKeys marks(operands_.marks + mask_word(i), static_cast<unsigned>(std::countr_zero(operands_.tile.keys)));
    operands_.rule->mark({{weights, keys}, scratch_.norms[i], operands_.threshold}, marks);
    marks.keep(static_cast<std::size_t>(std::max_element(scores, scores + keys) - scores));
  }

  void accumulate(std::size_t rows) {
    const std::size_t keys = operands_.keys, depth = operands_.depth;
    std::int32_t* parts = scratch_.parts.data();
    std::fill(scratch_.outputs.begin(), scratch_.outputs.end(), 0);
    for (std::size_t j = 0; j < keys; j += kValueDepth) {
      const std::size_t part = std::min(kValueDepth, keys - j);
      kernels_.dot_products(rows, depth, part, scratch_.weights.data() + j, keys, scratch_.values.data() + j, keys,
                            parts, depth);
      for (std::size_t i = 0; i < rows * depth; ++i) scratch_.outputs[i] += parts[i];
    }
  }

  [[nodiscard]] std::uint64_t divide(std::size_t rows, std::int16_t* dst) const {
    const std::size_t depth = operands_.depth;
    std::uint64_t saturations = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const Wide divisor = static_cast<Wide>(scratch_.norms[i]) << operands_.output_shift;
      const bool narrow_divisor = divisor < (Wide{1} << 62);
      const Divider divider(narrow_divisor ? static_cast<std::uint64_t>(divisor) : 1);
      for (std::size_t d = 0; d < depth; ++d) {
        const std::int64_t output = scratch_.outputs[i * depth + d];
        const Wide quotient = narrow_divisor && fits_int32(output)
                                  ? divider(output * operands_.output_multiplier)
                                  : rdiv(static_cast<Wide>(output) * operands_.output_multiplier, divisor);
        dst[i * depth + d] = static_cast<std::int16_t>(saturate(quotient, 12, saturations));
      }
    }
    return saturations;
  }

  const KernelSet& kernels_;
  const AttentionOperands& operands_;
  const ScoreExponential& exponential_;
  Scratch& scratch_;
  std::size_t block_;               // rows of queries at a time
  std::size_t score_depth_;         // longest exact sum over D in int32
  std::size_t head_ = 0, row_ = 0;  // of the block's first query
};

}  // namespace

std::uint64_t attention_function(const KernelSet& kernels, const AttentionOperands& operands, std::int16_t* dst) {
  const ScoreExponential exponential(operands.score_multiplier, operands.score_shift);
  std::vector<std::uint64_t> saturations(operands.heads, 0);
  const std::uint64_t macs = std::uint64_t{2} * operands.heads * operands.queries * operands.keys * operands.depth;
  spread(kernels, macs, operands.heads,
         [&](std::size_t i) { saturations[i] = Head(kernels, operands, exponential).run(i, dst); });
  return std::accumulate(saturations.begin(), saturations.end(), std::uint64_t{0});
}

}  // namespace dixion
