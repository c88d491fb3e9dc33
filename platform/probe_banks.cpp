// SPDX-License-Identifier: Apache-2.0
#include "platform/probe_banks.h"

#include <algorithm>
#include <array>
#include <memory>

#include "models/common/check.h"
#include "models/memory/bank_conflicts.h"
#include "models/memory/bank_map.h"

namespace dixion {

namespace {

struct Named {
  const char* name;
  BankMapKind kind;
};
constexpr std::array<Named, 5> kMaps = {{{"interleave", BankMapKind::kInterleave},
                                         {"xor", BankMapKind::kXor},
                                         {"ipoly", BankMapKind::kIpoly},
                                         {"prime", BankMapKind::kPrime},
                                         {"matrix", BankMapKind::kMatrix}}};

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

std::unique_ptr<BankMap> make_map(const BankProbe& probe, BankMapKind kind) {
  try {
    return make_bank_map(kind, probe.banks, probe.masks);
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

void print_map(const BankProbe& probe, std::uint64_t count, BankMapKind kind, std::ostream& out) {
  const std::unique_ptr<BankMap> map = make_map(probe, kind);
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
  const auto chosen = std::find_if(kMaps.begin(), kMaps.end(), [&](const Named& map) { return probe.map == map.name; });
  if (!probe.map.empty() && chosen == kMaps.end()) {
    throw ConfigError("--map", "'" + probe.map + "' is none of interleave, xor, ipoly, prime, matrix");
  }
  if (probe.map != "matrix" && !probe.masks.empty()) throw ConfigError("--mask", "needs --map matrix");
  const std::uint64_t count = probe.count == 0 ? probe.banks : probe.count;
  out << count << " accesses " << probe.stride << " bytes apart from address " << probe.base << ", words of "
      << probe.word_bytes << " bytes, " << probe.banks << " words at a time\n";
  for (const Named& map : kMaps) {
    const bool asked = probe.map.empty() ? map.kind != BankMapKind::kMatrix : probe.map == map.name;
    if (asked) print_map(probe, count, map.kind, out);
  }
  return 0;
}

}  // namespace dixion
