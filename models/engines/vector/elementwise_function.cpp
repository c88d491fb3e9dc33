// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/elementwise_function.h"

namespace dixion {

std::uint64_t add(const Requantiser& factor, std::size_t count, const std::int32_t* a, const std::int32_t* b,
                  std::int32_t* dst) {
  std::uint64_t saturations = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t sum = std::int64_t{a[i]} + factor.narrow(b[i], saturations);
    dst[i] = static_cast<std::int32_t>(saturate(sum, 32, saturations));
  }
  return saturations;
}

std::uint64_t gated_residual(const Requantiser& factor, std::size_t count, const std::int32_t* x,
                             const std::int32_t* gate, const std::int32_t* h, std::int32_t* dst) {
  std::uint64_t saturations = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t branch = std::int64_t{gate[i]} * factor.narrow(h[i], saturations);
    dst[i] = static_cast<std::int32_t>(saturate(x[i] + rshr(branch, 16), 32, saturations));
  }
  return saturations;
}

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
