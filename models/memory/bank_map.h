// SPDX-License-Identifier: Apache-2.0
/// Which bank a word lies in. A map changes time, energy and fault coordinates only; memory contents are linear.
/// To add one: derive from BankMap (from LinearMap if every bank bit is an xor of address bits) in a file of its own
/// and add a line to bank_maps() (docs/try_your_idea.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dixion {

class BankMap {
 public:
  virtual ~BankMap() = default;
  [[nodiscard]] virtual const char* name() const = 0;
  /// Banks there are; at least as many as words are asked for at a time.
  [[nodiscard]] virtual unsigned banks() const = 0;
  /// Bank of the word with this number (byte address divided by the word's size): 0 to banks() - 1.
  [[nodiscard]] virtual unsigned bank_of(std::uint64_t word) const = 0;
  /// True if the words of every aligned row of as many words as there are banks configured lie in banks of their own.
  [[nodiscard]] virtual bool spreads_rows() const { return false; }
  /// A word from which every pattern that reaches over `span` words has the same loads as from `word`, with the banks
  /// renamed. The smaller the set of answers, the fewer patterns are evaluated.
  [[nodiscard]] virtual std::uint64_t same_conflicts(std::uint64_t word, [[maybe_unused]] std::uint64_t span) const {
    return word;
  }
};

struct BankMapEntry {
  std::string name;  ///< in configurations and on the command line
  std::unique_ptr<BankMap> (*make)(unsigned banks, const std::vector<std::uint64_t>& masks);
  bool takes_masks = false;
};

/// All maps there are.
[[nodiscard]] std::vector<BankMapEntry> bank_maps();

/// `banks` is a power of two from 1 to 65536; `masks` are those of "matrix", else empty. Throws ConfigError.
[[nodiscard]] std::unique_ptr<BankMap> make_bank_map(const std::string& name, unsigned banks,
                                                     const std::vector<std::uint64_t>& masks = {});

/// What is wrong with the name; empty if nothing is.
[[nodiscard]] std::string bank_map_mistake(const std::string& name);
/// What keeps `masks` from being those of the map with so many banks; empty if nothing does.
[[nodiscard]] std::string bank_masks_mistake(const std::string& name, unsigned banks,
                                             const std::vector<std::uint64_t>& masks);

}  // namespace dixion
