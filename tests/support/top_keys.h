// SPDX-License-Identifier: Apache-2.0
/// How many of the keys with the largest true scores a prediction with fewer bits finds. Plain loops of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "tests/support/reference/operators.h"

namespace dixion::test {

/// One-step leading-one detection: the highest bit of the magnitude, with the sign.
inline std::int32_t one_power(std::int32_t x) {
  if (x == 0) return 0;
  std::int32_t power = 1;
  while (power <= std::abs(x) / 2) power *= 2;
  return x < 0 ? -power : power;
}

inline std::int32_t all_bits(std::int32_t x) { return x; }

struct TopKeyHits {
  std::uint64_t hits = 0, keys = 0;
  TopKeyHits& operator+=(const TopKeyHits& other) {
    hits += other.hits;
    keys += other.keys;
    return *this;
  }
  [[nodiscard]] double rate() const { return static_cast<double>(hits) / static_cast<double>(keys); }
};

/// Q, K and scores with every number seen through `seen`; per row of every head the `keep` best keys, best first.
template <typename Seen>
std::vector<std::vector<std::size_t>> best_keys(reference::Tensor src, reference::Tensor weight,
                                                const std::vector<std::int32_t>& bias,
                                                const std::vector<reference::Requant>& factors,
                                                const reference::PredictSettings& settings, Seen seen) {
  for (reference::Tensor* tensor : {&src, &weight}) {
    for (std::int32_t& value : tensor->values) value = seen(value);
  }
  const reference::Tensor made = matrix_product(src, weight, bias, factors, 12);
  const std::size_t tokens = made.extent[2], columns = made.extent[3], depth = columns / (2 * settings.heads);
  std::vector<std::vector<std::size_t>> best;
  for (std::size_t b = 0; b < made.extent[1]; ++b) {
    for (std::size_t h = 0; h < settings.heads; ++h) {
      const auto row = [&](std::size_t t, std::size_t part) {
        return made.values.data() + (b * tokens + t) * columns + (part * settings.heads + h) * depth;
      };
      for (std::size_t i = 0; i < tokens; ++i) {
        std::vector<std::int64_t> score(tokens, 0);
        for (std::size_t j = 0; j < tokens; ++j) {
          for (std::size_t d = 0; d < depth; ++d) score[j] += std::int64_t{seen(row(i, 0)[d])} * seen(row(j, 1)[d]);
        }
        std::vector<std::size_t> keys(tokens);
        std::iota(keys.begin(), keys.end(), 0);
        std::stable_sort(keys.begin(), keys.end(), [&](std::size_t x, std::size_t y) { return score[x] > score[y]; });
        keys.resize(settings.keep);
        best.push_back(std::move(keys));
      }
    }
  }
  return best;
}

/// Of the best keys by exact scores, those that are among the best by scores seen through `seen`.
template <typename Seen>
TopKeyHits top_key_hits(const reference::Tensor& src, const reference::Tensor& weight,
                        const std::vector<std::int32_t>& bias, const std::vector<reference::Requant>& factors,
                        const reference::PredictSettings& settings, Seen seen) {
  const auto exact = best_keys(src, weight, bias, factors, settings, all_bits);
  const auto predicted = best_keys(src, weight, bias, factors, settings, seen);
  TopKeyHits result;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    for (const std::size_t key : exact[i]) {
      result.hits += std::find(predicted[i].begin(), predicted[i].end(), key) != predicted[i].end() ? 1U : 0U;
      ++result.keys;
    }
  }
  return result;
}

}  // namespace dixion::test
