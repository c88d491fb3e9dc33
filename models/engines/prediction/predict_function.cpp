// SPDX-License-Identifier: Apache-2.0
#include "models/engines/prediction/predict_function.h"

#include <algorithm>
#include <functional>

#include "models/common/mask_bits.h"
#include "models/engines/prediction/leading_one.h"

namespace dixion {
namespace {

constexpr std::size_t kBlockScores = 64 * 1024;  // scores that stay in the workstation's L2 cache

template <typename Value>
std::vector<Value> all_two_powers(const Value* values, std::size_t count) {
  std::vector<Value> result(count);
  std::transform(values, values + count, result.begin(),
                 [](Value value) { return static_cast<Value>(two_powers(value)); });
  return result;
}

void set_bit(std::uint32_t* row, std::size_t j) { row[j / kMaskWordBits] |= std::uint32_t{1} << j % kMaskWordBits; }
bool has_bit(const std::uint32_t* row, std::size_t j) { return (row[j / kMaskWordBits] >> j % kMaskWordBits & 1) != 0; }

/// One head of a sample.
class Head {
 public:
  /// `projected` [batch, rows, 2 * heads * depth]: predicted Q and K, as two powers of two each.
  Head(const KernelSet& kernels, const PredictOperands& operands, const std::vector<std::int16_t>& projected,
       std::size_t number)
      : kernels_(kernels),
        operands_(operands),
        words_(mask_words(operands.tokens)),
        number_(number),
        scored_(words_, 0),
        summed_(words_, 0) {
    query_ = part_of(projected, number % operands.heads);
    key_ = part_of(projected, operands.heads + number % operands.heads);
    if (operands.token_of != nullptr) key_ = among_cached(key_);
  }

  void run(Prediction& prediction) {
    const std::size_t tokens = operands_.tokens, depth = operands_.depth;
    const std::size_t block = std::clamp<std::size_t>(kBlockScores / tokens, 1, operands_.rows);
    std::vector<std::int32_t> scores(block * tokens);
    std::uint32_t* mask = prediction.mask.data() + number_ * operands_.rows * words_;
    std::uint32_t* q_rows = needs_of(prediction, 0);
    for (std::size_t row = 0; row < operands_.rows; row += block) {
      const std::size_t rows = std::min(block, operands_.rows - row);
      kernels_.dot_products(rows, tokens, depth, query_.data() + row * depth, depth, key_.data(), depth, scores.data(),
                            tokens);
      for (std::size_t i = 0; i < rows; ++i) {
        std::uint32_t* kept = mask + (row + i) * words_;
        const bool one_hot = choose(scores.data() + i * tokens, kept);
        if (!one_hot) set_bit(q_rows, row + i);
        note_keys(kept, one_hot);
      }
    }
    for (std::size_t row = 0; row < operands_.rows; ++row) {
      const std::size_t token = token_of(row);
      if (operands_.all_keys || has_bit(scored_.data(), token)) set_bit(needs_of(prediction, 1), row);
      if (operands_.all_keys || has_bit(summed_.data(), token)) set_bit(needs_of(prediction, 2), row);
    }
  }

 private:
  [[nodiscard]] std::vector<std::int16_t> part_of(const std::vector<std::int16_t>& projected, std::size_t part) const {
    const std::size_t rows = operands_.rows, depth = operands_.depth, columns = 2 * operands_.heads * depth;
    const std::int16_t* first = projected.data() + number_ / operands_.heads * rows * columns + part * depth;
    std::vector<std::int16_t> result(rows * depth);
    for (std::size_t t = 0; t < rows; ++t) {
      std::copy_n(first + t * columns, depth, result.data() + t * depth);
    }
    return result;
  }

  [[nodiscard]] std::size_t token_of(std::size_t row) const {
    if (operands_.token_of == nullptr) return row;
    return operands_.token_of[number_ / operands_.heads * operands_.rows + row];
  }

  /// Keys of all tokens: those of rows as predicted, the others as stored.
  [[nodiscard]] std::vector<std::int16_t> among_cached(const std::vector<std::int16_t>& predicted) const {
    const std::size_t size = operands_.tokens * operands_.depth;
    std::vector<std::int16_t> all = all_two_powers(operands_.keys + number_ * size, size);
    for (std::size_t row = 0; row < operands_.rows; ++row) {
      std::copy_n(predicted.data() + row * operands_.depth, operands_.depth,
                  all.data() + token_of(row) * operands_.depth);
    }
    return all;
  }

  /// Rows needed of Q (0), K (1), V (2).
  [[nodiscard]] std::uint32_t* needs_of(Prediction& prediction, std::size_t part) const {
    const std::size_t sample = number_ / operands_.heads, head = number_ % operands_.heads;
    return prediction.rows.data() + ((sample * 3 + part) * operands_.heads + head) * mask_words(operands_.rows);
  }

  /// Sets the bits of the keys that a row of scores keeps; true if the row is one-hot.
  [[nodiscard]] bool choose(const std::int32_t* scores, std::uint32_t* kept) {
    const std::size_t tokens = operands_.tokens, keep = operands_.keep;
    const std::size_t top = static_cast<std::size_t>(std::max_element(scores, scores + tokens) - scores);
    if (keep == 1 || dominates(scores, top)) {
      set_bit(kept, top);
      return true;
    }
    if (keep == tokens) {
      for (std::size_t j = 0; j < tokens; ++j) set_bit(kept, j);
      return false;
    }
    ordered_.assign(scores, scores + tokens);
    const auto last = ordered_.begin() + static_cast<std::ptrdiff_t>(keep - 1);
    std::nth_element(ordered_.begin(), last, ordered_.end(), std::greater<>());
    const std::int32_t lowest = *last;
    std::size_t equals = keep;  // how many keys with the lowest score are kept
    for (std::size_t j = 0; j < tokens; ++j) {
      if (scores[j] > lowest) --equals;
    }
    for (std::size_t j = 0; j < tokens; ++j) {
      if (scores[j] < lowest || (scores[j] == lowest && equals == 0)) continue;
      if (scores[j] == lowest) --equals;
      set_bit(kept, j);
    }
    return false;
  }

  [[nodiscard]] bool dominates(const std::int32_t* scores, std::size_t top) const {
    if (operands_.dominance == 0) return false;
    const std::int64_t limit = std::int64_t{scores[top]} - operands_.dominance;
    for (std::size_t j = 0; j < operands_.tokens; ++j) {
      if (j != top && scores[j] >= limit) return false;
    }
    return true;
  }

  void note_keys(const std::uint32_t* kept, bool one_hot) {
    for (std::size_t word = 0; word < words_; ++word) {
      if (!one_hot) scored_[word] |= kept[word];
      summed_[word] |= kept[word];
    }
  }

  const KernelSet& kernels_;
  const PredictOperands& operands_;
  std::size_t words_, number_;
  std::vector<std::int16_t> query_, key_;       // [rows, depth], [tokens, depth]
  std::vector<std::uint32_t> scored_, summed_;  // tokens whose K, V some row needs
  std::vector<std::int32_t> ordered_;
};

/// Predicted Q and K.
std::vector<std::int16_t> project(const KernelSet& kernels, const PredictOperands& operands,
                                  std::uint64_t& saturations) {
  const std::size_t columns = 2 * operands.heads * operands.depth;
  const auto src = all_two_powers(operands.src, operands.batch * operands.rows * operands.width);
  const auto weight = all_two_powers(operands.weight, columns * operands.width);
  MatmulOperands product;
  product.batch = operands.batch;
  product.rows = operands.rows;
  product.columns = columns;
  product.depth = operands.width;
  product.src = src.data();
  product.weight8 = weight.data();
  product.bias = operands.bias;
  product.factors = operands.factors;
  product.dst_format = DIXION_FORMAT_INT12;
  std::vector<std::int16_t> projected(operands.batch * operands.rows * columns);
  saturations += matmul_function(kernels, product, reinterpret_cast<std::uint8_t*>(projected.data()));
  for (std::int16_t& value : projected) value = static_cast<std::int16_t>(two_powers(value));
  return projected;
}

}  // namespace

Prediction predict_function(const KernelSet& kernels, const PredictOperands& operands) {
  const std::size_t words = mask_words(operands.tokens), heads = operands.batch * operands.heads;
  Prediction prediction;
  prediction.mask.assign(heads * operands.rows * words, 0);
  prediction.rows.assign(3 * heads * mask_words(operands.rows), 0);
  const std::vector<std::int16_t> projected = project(kernels, operands, prediction.saturations);
  const std::uint64_t products = std::uint64_t{heads} * operands.rows * operands.tokens * operands.depth;
  spread(kernels, products, heads, [&](std::size_t i) { Head(kernels, operands, projected, i).run(prediction); });
  return prediction;
}

}  // namespace dixion
