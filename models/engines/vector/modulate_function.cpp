// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/modulate_function.h"

namespace dixion {

template <typename Dst>
std::uint64_t modulate(const ModulateOperands& operands, const Requantiser& to_q16, const Requantiser& to_dst,
                       Dst* dst) {
  std::uint64_t saturations = 0;
  const std::int32_t* src = operands.src;
  for (std::size_t t = 0; t < operands.positions; ++t, src += operands.channels, dst += operands.channels) {
    for (std::size_t i = 0; i < operands.channels; ++i) {
      const std::int64_t x = to_q16.narrow(src[i], saturations);
      std::int64_t y = x;
      if (operands.scale != nullptr) y += rshr(x * operands.scale[i], 16);
      if (operands.shift != nullptr) y += operands.shift[i];
      dst[i] = static_cast<Dst>(to_dst(y, saturations));
    }
  }
  return saturations;
}

template std::uint64_t modulate(const ModulateOperands&, const Requantiser&, const Requantiser&, std::int16_t*);
template std::uint64_t modulate(const ModulateOperands&, const Requantiser&, const Requantiser&, std::int32_t*);

}  // namespace dixion
