// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/elementwise_function.h"

#include <algorithm>
#include <array>

namespace dixion {
namespace {

constexpr std::size_t kPiece = 256;  // elements at a time: what a kernel leaves stays in the workstation's L1 cache
using Piece = std::array<std::int32_t, kPiece>;

constexpr Piece filled(std::int32_t value) {
  Piece piece{};
  piece.fill(value);
  return piece;
}

constexpr Piece kNothing = filled(0);
constexpr Piece kQ16 = filled(16);

/// One factor for every element, as kernels want it.
class UniformRow {
 public:
  explicit UniformRow(const Requantiser& factor)
      : multipliers_(filled(factor.multiplier())), shifts_(filled(factor.shift())) {}
  [[nodiscard]] RequantRow row() const { return {kNothing.data(), multipliers_.data(), shifts_.data()}; }

 private:
  Piece multipliers_, shifts_;
};

/// Calls work(first, count) for every piece of `count` elements; returns the sum of what it returns.
template <typename Work>
std::uint64_t for_each_piece(std::size_t count, Work work) {
  std::uint64_t saturations = 0;
  for (std::size_t first = 0; first < count; first += kPiece) {
    saturations += work(first, std::min(kPiece, count - first));
  }
  return saturations;
}

std::int32_t saturated_sum(std::int64_t a, std::int64_t b, std::uint64_t& saturations) {
  return static_cast<std::int32_t>(saturate(a + b, 32, saturations));
}

}  // namespace

std::uint64_t add(const KernelSet& kernels, const Requantiser& factor, std::size_t count, const std::int32_t* a,
                  const std::int32_t* b, std::int32_t* dst) {
  const UniformRow scale(factor);
  Piece scaled;
  return for_each_piece(count, [&](std::size_t first, std::size_t length) {
    std::uint64_t saturations = kernels.requantise(length, b + first, scale.row(), 32, scaled.data());
    for (std::size_t i = 0; i < length; ++i) dst[first + i] = saturated_sum(a[first + i], scaled[i], saturations);
    return saturations;
  });
}

std::uint64_t gated_residual(const KernelSet& kernels, const Requantiser& factor, std::size_t count,
                             const std::int32_t* x, const std::int32_t* gate, const std::int32_t* h,
                             std::int32_t* dst) {
  const UniformRow scale(factor);
  Piece scaled, branch;
  return for_each_piece(count, [&](std::size_t first, std::size_t length) {
    std::uint64_t saturations = kernels.requantise(length, h + first, scale.row(), 32, scaled.data());
    const RequantRow gates{kNothing.data(), gate + first, kQ16.data()};
    const bool narrow = kernels.requantise(length, scaled.data(), gates, 32, branch.data()) == 0;
    for (std::size_t i = 0; i < length; ++i) {
      // A branch beyond int32 does not saturate by itself, only its sum with x does.
      const std::int64_t exact = narrow ? branch[i] : rshr(std::int64_t{gate[first + i]} * scaled[i], 16);
      dst[first + i] = saturated_sum(x[first + i], exact, saturations);
    }
    return saturations;
  });
}

template <typename Dst>
std::uint64_t convert(const KernelSet& kernels, const Requantiser& factor, unsigned bits, std::size_t count,
                      const std::int32_t* src, Dst* dst) {
  const UniformRow scale(factor);
  Piece scaled;
  return for_each_piece(count, [&](std::size_t first, std::size_t length) {
    const std::uint64_t saturations = kernels.requantise(length, src + first, scale.row(), bits, scaled.data());
    for (std::size_t i = 0; i < length; ++i) dst[first + i] = static_cast<Dst>(scaled[i]);
    return saturations;
  });
}

template std::uint64_t convert(const KernelSet&, const Requantiser&, unsigned, std::size_t, const std::int32_t*,
                               std::int8_t*);
template std::uint64_t convert(const KernelSet&, const Requantiser&, unsigned, std::size_t, const std::int32_t*,
                               std::int16_t*);
template std::uint64_t convert(const KernelSet&, const Requantiser&, unsigned, std::size_t, const std::int32_t*,
                               std::int32_t*);

std::uint64_t sampler_update(const SamplerConstants& constants, std::size_t count, const std::int32_t* x,
                             const std::int32_t* cond, const std::int32_t* uncond, std::int32_t* dst) {
  const Wide a = constants.a, b = constants.b, c = constants.c, d = constants.d;
  std::uint64_t saturations = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t g = cond[i];
    if (uncond != nullptr) {
      const Wide difference = static_cast<Wide>(constants.guidance) * (g - uncond[i]);
      g = saturate(uncond[i] + rshr(difference, 16), 32, saturations);
    }
    const Wide clean = std::clamp<Wide>(rshr(a * x[i] + b * g, 24), -static_cast<Wide>(constants.limit),
                                        static_cast<Wide>(constants.limit));
    dst[i] = static_cast<std::int32_t>(saturate(rshr(c * x[i] + d * clean, 24), 32, saturations));
  }
  return saturations;
}

}  // namespace dixion
