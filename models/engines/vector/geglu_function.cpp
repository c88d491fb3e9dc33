// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/geglu_function.h"

#include "models/engines/vector/activation_function.h"

namespace dixion {

template <typename Dst>
std::uint64_t geglu(const Requantiser& to_q16, const Requantiser& to_dst, std::size_t rows, std::size_t width,
                    const std::int32_t* src, Dst* dst) {
  const ActivationCurve gelu(Activation::kGelu);
  std::uint64_t saturations = 0;
  for (std::size_t row = 0; row < rows; ++row, src += 2 * width, dst += width) {
    for (std::size_t i = 0; i < width; ++i) {
      const std::int64_t value = to_q16.narrow(src[i], saturations);
      const std::int64_t gate = gelu(to_q16.narrow(src[width + i], saturations));
      dst[i] = static_cast<Dst>(to_dst(rshr(value * gate, 16), saturations));
    }
  }
  return saturations;
}

template std::uint64_t geglu(const Requantiser&, const Requantiser&, std::size_t, std::size_t, const std::int32_t*,
                             std::int16_t*);
template std::uint64_t geglu(const Requantiser&, const Requantiser&, std::size_t, std::size_t, const std::int32_t*,
                             std::int32_t*);

}  // namespace dixion
