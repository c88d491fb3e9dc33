// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/group_norm_function.h"

#include <vector>

#include "models/engines/vector/norm_function.h"

namespace dixion {
namespace {

constexpr unsigned kCentredBits = 26;
constexpr unsigned kQ16 = 16;

}  // namespace

std::uint64_t group_norm(const GroupNormOperands& operands, const Requantiser& factor, std::int16_t* dst) {
  const std::size_t channels = operands.channels;
  const std::size_t width = channels / operands.groups;
  const auto count = static_cast<Wide>(operands.positions * width);
  // Row by row over all groups at once: memory is read in order.
  std::vector<std::int64_t> sums(operands.groups, 0);
  for (std::size_t i = 0; i < operands.positions * channels; ++i) sums[i % channels / width] += operands.src[i];
  for (std::int64_t& sum : sums) sum = static_cast<std::int64_t>(rdiv(sum, count));  // now means

  std::uint64_t saturations = 0;
  std::vector<std::int64_t> centred(operands.positions * channels);
  std::vector<Wide> squares(operands.groups, 0);
  for (std::size_t i = 0; i < centred.size(); ++i) {
    const std::size_t group = i % channels / width;
    centred[i] = saturate(operands.src[i] - sums[group], kCentredBits, saturations);
    squares[group] += centred[i] * centred[i];
  }
  std::vector<InverseRoot> roots;
  for (const Wide sum : squares) {
    roots.push_back(inverse_root(static_cast<std::uint64_t>((sum + count / 2) / count) + operands.epsilon));
  }

  for (std::size_t i = 0; i < centred.size(); ++i) {
    const std::size_t channel = i % channels;
    const InverseRoot& inverse = roots[channel / width];
    const std::int64_t n = rshr(centred[i] * inverse.root, static_cast<unsigned>(29 + inverse.exponent / 2));
    std::int64_t y = n;
    if (operands.scale != nullptr) y += rshr(n * operands.scale[channel], kQ16);
    if (operands.shift != nullptr) y += operands.shift[channel];
    dst[i] = static_cast<std::int16_t>(factor(y, saturations));
  }
  return saturations;
}

}  // namespace dixion
