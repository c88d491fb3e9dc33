// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference/hidden_layout.h"

#include <algorithm>
#include <array>

namespace dixion::reference {
namespace {

/// Tokens by the patch of 4 x 4 they stand in, patches and their tokens line by line.
std::vector<std::size_t> tokens_in_order(std::size_t count, std::size_t width) {
  std::vector<std::array<std::size_t, 5>> keys;
  for (std::size_t token = 0; token < count; ++token) {
    if (width == 0) {
      keys.push_back({0, 0, 0, 0, token});
    } else {
      const std::size_t y = token / width, x = token % width;
      keys.push_back({y / 4, x / 4, y % 4, x % 4, token});
    }
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::size_t> tokens;
  for (const auto& key : keys) tokens.push_back(key[4]);
  return tokens;
}

}  // namespace

std::vector<HiddenPlace> hidden_places(const Tensor& mask, std::size_t columns, std::size_t bits, std::size_t width) {
  const std::size_t batch = mask.extent[1], rows = mask.extent[2];
  const std::vector<std::size_t> tokens = tokens_in_order(rows, width);
  std::vector<HiddenPlace> places;
  for (std::size_t sample = 0; sample < batch; ++sample) {
    for (std::size_t first = 0; first < rows; first += 16) {
      const std::size_t behind = std::min(first + 16, rows);
      std::size_t position = first * columns;
      for (std::size_t column = 0; column < columns; ++column) {
        bool needed = false;
        for (std::size_t i = first; i < behind; ++i) {
          const std::size_t bit = column % bits;
          needed = needed || (mask.at(0, sample, tokens[i], bit / 32) >> bit % 32 & 1) != 0;
        }
        for (std::size_t i = first; needed && i < behind; ++i)
          places.push_back({sample, tokens[i], column, position++});
      }
    }
  }
  return places;
}

}  // namespace dixion::reference
