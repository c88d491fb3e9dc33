// SPDX-License-Identifier: Apache-2.0
#include "platform/probe_banks.h"

#include <algorithm>
#include <memory>

#include "models/common/check.h"
#include "models/memory/bank_conflicts.h"
#include "models/memory/bank_map.h"

namespace dixion {

namespace {

constexpr std::uint64_t kMostWords = 1U << 20U;  // every one is looked at

void check(const BankProbe& probe) {
  const auto in_range = [](const char* key, std::uint64_t value, std::uint64_t most) {
    if (value >= 1 && value <= most) return;
    throw ConfigError(key, std::to_string(value) + " is outside 1 to " + std::to_string(most));
  };
  in_range("--stride", probe.stride, std::uint64_t{1} << 32U);
  in_range("--word", probe.word_bytes, 1024);
  if (probe.count != 0) in_range("--count", probe.count, kMostWords);
  if (probe.base > std::uint64_t{1} << 40U) throw ConfigError("--base", "is above 2^40");
}

std::unique_ptr<BankMap> make_map(const BankProbe& probe, const std::string& name) {
  try {
    return make_bank_map(name, probe.banks, probe.masks);
  } catch (const ConfigError& error) {
    throw ConfigError("probe banks", error.what());
  }
}

void print_loads(const std::vector<std::uint64_t>& loads, std::ostream& out) {
  constexpr std::size_t kPerLine = 32;
  for (std::size_t bank = 0; bank < loads.size(); ++bank) {
    out << (bank % kPerLine == 0 ? "  " : " ") << loads[bank];
    if (bank % kPerLine == kPerLine - 1 || bank + 1 == loads.size()) out << '\n';
  }
}

void print_map(const BankProbe& probe, std::uint64_t count, const std::string& name, std::ostream& out) {
  const std::unique_ptr<BankMap> map = make_map(probe, name);
  StreamShape shape;
  shape.run_bytes = 1;
  shape.rank = 1;
  shape.count[0] = count;
  shape.stride[0] = probe.stride;
  const StreamCost cost = BankConflicts(*map, probe.banks, probe.word_bytes).cost(probe.base, shape);

  std::vector<std::uint64_t> loads(map->banks());
  std::uint64_t previous = ~std::uint64_t{0};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t word = (probe.base + i * probe.stride) / probe.word_bytes;
    if (word != previous) ++loads[map->bank_of(word)];
    previous = word;
  }
  const auto shared = [&](std::uint64_t by) { return (cost.words + by - 1) / by; };
  out << map->name() << " (" << map->banks() << " banks): busiest bank "
      << *std::max_element(loads.begin(), loads.end()) << " words, ideal " << shared(map->banks()) << "; "
      << cost.cycles << " cycles, " << cost.cycles - shared(probe.banks) << " of them conflicts\n";
  print_loads(loads, out);
}

}  // namespace

int probe_banks(const BankProbe& probe, std::ostream& out) {
  check(probe);
  if (!probe.map.empty()) {
    if (const std::string mistake = bank_map_mistake(probe.map); !mistake.empty()) throw ConfigError("--map", mistake);
  }
  if (probe.map != "matrix" && !probe.masks.empty()) throw ConfigError("--mask", "needs --map matrix");
  const std::uint64_t count = probe.count == 0 ? probe.banks : probe.count;
  out << count << " accesses " << probe.stride << " bytes apart from address " << probe.base << ", words of "
      << probe.word_bytes << " bytes, " << probe.banks << " words at a time\n";
  for (const BankMapEntry& map : bank_maps()) {
    if (probe.map.empty() ? !map.takes_masks : probe.map == map.name) print_map(probe, count, map.name, out);
  }
  return 0;
}

}  // namespace dixion
