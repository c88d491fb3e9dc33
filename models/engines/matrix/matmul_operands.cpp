// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matmul_operands.h"

#include <cstring>

#include "models/common/fixed_point.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"

namespace dixion {

CommandError load_factors(const Command& command, unsigned operand, MemoryAccess& memory,
                          std::vector<RequantEntry>& factors) {
  const TensorView& table = command.operands[operand];
  if (!table) {
    factors = {{static_cast<std::int32_t>(command.immediates[0]), static_cast<std::int32_t>(command.immediates[1])}};
    return {};
  }
  std::vector<std::uint8_t> bytes;
  if (!load_bytes(table, memory, bytes)) return unreadable(command, operand);
  factors.resize(bytes.size() / sizeof(RequantEntry));
  std::memcpy(factors.data(), bytes.data(), bytes.size());
  for (std::size_t n = 0; n < factors.size(); ++n) {
    const auto shift = static_cast<std::uint32_t>(factors[n].shift);
    if (shift > kMaxShift) {
      return bad_data(operand, shift, "a shift of at most 62; entry " + std::to_string(n));
    }
  }
  return {};
}

}  // namespace dixion
