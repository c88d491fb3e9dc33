// SPDX-License-Identifier: Apache-2.0
#include "models/memory/bank_map.h"

#include <bit>
#include <optional>

#include "models/common/check.h"
#include "models/memory/interleave_map.h"
#include "models/memory/ipoly_map.h"
#include "models/memory/matrix_map.h"
#include "models/memory/prime_map.h"
#include "models/memory/xor_map.h"

namespace dixion {
namespace {

template <typename Map>
std::unique_ptr<BankMap> plain(unsigned banks, const std::vector<std::uint64_t>& /*masks*/) {
  return std::make_unique<Map>(banks);
}

std::unique_ptr<BankMap> masked(unsigned banks, const std::vector<std::uint64_t>& masks) {
  return std::make_unique<MatrixMap>(banks, masks);
}

std::optional<BankMapEntry> find_map(const std::string& name) {
  for (const BankMapEntry& entry : bank_maps()) {
    if (entry.name == name) return entry;
  }
  return std::nullopt;
}

}  // namespace

std::vector<BankMapEntry> bank_maps() {
  std::vector<BankMapEntry> maps;
  maps.push_back({"interleave", plain<InterleaveMap>});
  maps.push_back({"xor", plain<XorMap>});
  maps.push_back({"ipoly", plain<IpolyMap>});
  maps.push_back({"prime", plain<PrimeMap>});
  maps.push_back({"matrix", masked, true});
  return maps;
}

std::string bank_map_mistake(const std::string& name) {
  if (find_map(name)) return "";
  std::string known;
  for (const BankMapEntry& entry : bank_maps()) known += (known.empty() ? "" : ", ") + entry.name;
  return "'" + name + "' is none of " + known;
}

std::string bank_masks_mistake(const std::string& name, unsigned banks, const std::vector<std::uint64_t>& masks) {
  const auto entry = find_map(name);
  if (entry && entry->takes_masks) return MatrixMap::mistake(banks, masks);
  return masks.empty() ? "" : "masks are taken by the map 'matrix' only";
}

std::unique_ptr<BankMap> make_bank_map(const std::string& name, unsigned banks,
                                       const std::vector<std::uint64_t>& masks) {
  if (const std::string mistake = bank_map_mistake(name); !mistake.empty()) throw ConfigError("bank_map", mistake);
  if (!std::has_single_bit(banks) || banks > 65536) {
    throw ConfigError("banks", "must be a power of two from 1 to 65536, is " + std::to_string(banks));
  }
  if (const std::string mistake = bank_masks_mistake(name, banks, masks); !mistake.empty()) {
    throw ConfigError("bank_mask", mistake);
  }
  return find_map(name)->make(banks, masks);
}

}  // namespace dixion
