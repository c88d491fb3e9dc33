// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "models/common/clock.h"
#include "models/interconnect/stream_shape.h"
#include "models/memory/bank_map.h"

namespace dixion {

/// What a stream costs that has all banks for itself.
struct StreamCost {
  Cycles cycles = 0;
  std::uint64_t words = 0;  ///< accesses
  bool exact = true;        ///< false: measured over its beginning and scaled up
};

/// Takes words in groups as they come; a group takes as long as its busiest bank.
class GroupCounter {
 public:
  /// `group`: words asked for at a time.
  GroupCounter(const BankMap& map, unsigned group) : map_(map), group_(group), load_(map.banks()) {}

  void add(std::uint64_t word);
  /// Closes the last group; cycles of all groups since the beginning.
  [[nodiscard]] Cycles finish();

 private:
  void close_group();

  const BankMap& map_;
  unsigned group_;
  std::vector<unsigned> load_;
  std::vector<unsigned> touched_;
  unsigned busiest_ = 0;
  Cycles cycles_ = 0;
};

/// Conflicts of a stream with itself. Patterns are evaluated once: whatever repeats within a stream, and streams that
/// were asked for before, are looked up. Results do not depend on what was asked before.
class BankConflicts {
 public:
  /// `map` outlives this. `group`: words asked for at a time, the number of banks configured.
  BankConflicts(const BankMap& map, unsigned group, unsigned word_bytes)
      : map_(map), group_(group), word_bytes_(word_bytes) {}

  /// Cost of one pass over `shape` from byte `address`. Neighbouring runs that meet in a word are one access.
  [[nodiscard]] StreamCost cost(std::uint64_t address, const StreamShape& shape);

  /// Words, respectively periods, looked at in one stream at most; beyond it is scaled up.
  static constexpr std::uint64_t kBudget = std::uint64_t{1} << 20;

 private:
  /// Word and byte in it from which the pattern starts, and its shape.
  using Key = std::array<std::uint64_t, 12>;
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };

  [[nodiscard]] std::uint64_t words_of_run(std::uint64_t address, std::uint64_t bytes) const;
  [[nodiscard]] StreamCost evaluate(std::uint64_t address, const StreamShape& shape) const;
  [[nodiscard]] StreamCost by_word(std::uint64_t address, const StreamShape& shape) const;
  [[nodiscard]] StreamCost by_period(std::uint64_t address, const StreamShape& shape, std::uint64_t run_words) const;
  [[nodiscard]] bool has_periods(const StreamShape& shape, std::uint64_t run_words) const;

  const BankMap& map_;
  unsigned group_;
  unsigned word_bytes_;
  std::unordered_map<Key, StreamCost, Hash> known_;
};

}  // namespace dixion
