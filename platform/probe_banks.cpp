// SPDX-License-Identifier: Apache-2.0
#include "platform/probe_banks.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

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
  if (probe.count != 0 && !probe.mask.empty()) throw ConfigError("--count", "a mask says which words there are");
  if (probe.count != 0) in_range("--count", probe.count, kMostWords);
  if (probe.base > std::uint64_t{1} << 40U) throw ConfigError("--base", "is above 2^40");
}

std::unique_ptr<BankMap> make_map(const BankProbe& probe, const std::string& name) {
  try {
    return make_bank_map(name, probe.banks, probe.matrix);
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

/// What one row asks for, or all there is without a mask.
class Words {
 public:
  Words(const BankProbe& probe, std::uint64_t count, const std::optional<BitMask>& mask)
      : probe_(probe), count_(count), mask_(mask) {}

  [[nodiscard]] std::size_t rows() const { return mask_ ? mask_->rows() : 1; }
  /// Neighbours in the same word are one access.
  [[nodiscard]] std::vector<std::uint64_t> of_row(std::size_t row) const {
    std::vector<std::uint64_t> words;
    for (std::uint64_t i = 0; i < count_; ++i) {
      if (mask_ && !mask_->test(row, i)) continue;
      const std::uint64_t word = (probe_.base + i * probe_.stride) / probe_.word_bytes;
      if (words.empty() || word != words.back()) words.push_back(word);
    }
    return words;
  }

 private:
  const BankProbe& probe_;
  std::uint64_t count_;
  const std::optional<BitMask>& mask_;
};

void print_map(const BankProbe& probe, const Words& words, const std::string& name, std::ostream& out) {
  const std::unique_ptr<BankMap> map = make_map(probe, name);
  GroupCounter groups(*map, probe.banks);
  std::vector<std::uint64_t> loads(map->banks());
  std::uint64_t accesses = 0;
  Cycles cycles = 0, without_conflicts = 0;
  for (std::size_t row = 0; row < words.rows(); ++row) {
    const std::vector<std::uint64_t> asked = words.of_row(row);
    for (const std::uint64_t word : asked) {
      ++loads[map->bank_of(word)];
      groups.add(word);
    }
    cycles = groups.finish();
    accesses += asked.size();
    without_conflicts += (asked.size() + probe.banks - 1) / probe.banks;
  }
  out << map->name() << " (" << map->banks() << " banks): busiest bank "
      << *std::max_element(loads.begin(), loads.end()) << " words, ideal "
      << (accesses + map->banks() - 1) / map->banks() << "; " << cycles << " cycles, " << cycles - without_conflicts
      << " of them conflicts\n";
  print_loads(loads, out);
}

}  // namespace

int probe_banks(const BankProbe& probe, std::ostream& out) {
  check(probe);
  if (!probe.map.empty()) {
    if (const std::string mistake = bank_map_mistake(probe.map); !mistake.empty()) throw ConfigError("--map", mistake);
  }
  if (probe.map != "matrix" && !probe.matrix.empty()) throw ConfigError("--matrix", "needs --map matrix");
  std::optional<BitMask> mask;
  if (!probe.mask.empty()) mask = read_mask(probe.mask, probe.choice);
  const std::uint64_t count = mask ? mask->columns() : probe.count == 0 ? probe.banks : probe.count;
  if (mask) {
    out << mask->count() << " accesses of " << mask->rows() << " rows of " << probe.mask << ", " << count
        << " columns ";
  } else {
    out << count << " accesses ";
  }
  out << probe.stride << " bytes apart from address " << probe.base << ", words of " << probe.word_bytes << " bytes, "
      << probe.banks << " words at a time\n";
  const Words words(probe, count, mask);
  for (const BankMapEntry& map : bank_maps()) {
    if (probe.map.empty() ? !map.takes_masks : probe.map == map.name) print_map(probe, words, map.name, out);
  }
  return 0;
}

}  // namespace dixion
