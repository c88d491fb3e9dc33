// SPDX-License-Identifier: Apache-2.0
#include "models/memory/bank_map.h"

#include <bit>

#include "models/common/check.h"
#include "models/memory/interleave_map.h"
#include "models/memory/ipoly_map.h"
#include "models/memory/matrix_map.h"
#include "models/memory/prime_map.h"
#include "models/memory/xor_map.h"

namespace dixion {

std::string bank_masks_mistake(BankMapKind kind, unsigned banks, const std::vector<std::uint64_t>& masks) {
  if (kind == BankMapKind::kMatrix) return MatrixMap::mistake(banks, masks);
  return masks.empty() ? "" : "masks are taken by the map 'matrix' only";
}

std::unique_ptr<BankMap> make_bank_map(BankMapKind kind, unsigned banks, const std::vector<std::uint64_t>& masks) {
  if (!std::has_single_bit(banks) || banks > 65536) {
    throw ConfigError("banks", "must be a power of two from 1 to 65536, is " + std::to_string(banks));
  }
  if (const std::string mistake = bank_masks_mistake(kind, banks, masks); !mistake.empty()) {
    throw ConfigError("bank_mask", mistake);
  }
  switch (kind) {
    case BankMapKind::kXor:
      return std::make_unique<XorMap>(banks);
    case BankMapKind::kIpoly:
      return std::make_unique<IpolyMap>(banks);
    case BankMapKind::kPrime:
      return std::make_unique<PrimeMap>(banks);
    case BankMapKind::kMatrix:
      return std::make_unique<MatrixMap>(banks, masks);
    case BankMapKind::kInterleave:
      break;
  }
  return std::make_unique<InterleaveMap>(banks);
}

}  // namespace dixion
