// SPDX-License-Identifier: Apache-2.0
/// Which bank a word lies in. A map changes time, energy and fault coordinates only; memory contents are linear.
/// To add one: derive from BankMap in a file of its own and add a line to make_bank_map().
#pragma once

#include <cstdint>
#include <memory>

#include "models/common/accelerator_config.h"

namespace dixion {

class BankMap {
 public:
  virtual ~BankMap() = default;
  /// Bank of the word with this number (byte address divided by the word's size): 0 to banks - 1.
  [[nodiscard]] virtual unsigned bank_of(std::uint64_t word) const = 0;
  [[nodiscard]] virtual const char* name() const = 0;
};

/// `banks` is a power of two from 1 to 65536, else ConfigError.
[[nodiscard]] std::unique_ptr<BankMap> make_bank_map(BankMapKind kind, unsigned banks);

}  // namespace dixion
