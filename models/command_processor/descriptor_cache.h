// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/abi/generated/commands.h"

namespace dixion {

/// Direct-mapped cache of tensor descriptors. A line is four neighbouring table entries, read in one burst.
class DescriptorCache {
 public:
  static constexpr std::uint32_t kLineEntries = 4;
  static constexpr std::uint32_t kLines = 256;
  using Line = std::array<dixion_descriptor_t, kLineEntries>;

  /// The cached descriptor with this table index, or null. Counts hit or miss. Not to be kept.
  [[nodiscard]] const dixion_descriptor_t* find(std::uint32_t index);
  /// First table index of the line that `index` belongs to.
  [[nodiscard]] static std::uint32_t line_start(std::uint32_t index) { return index / kLineEntries * kLineEntries; }
  /// Replaces the line that starts at line_start(index).
  void fill(std::uint32_t index, const Line& line);
  /// The table has changed.
  void drop();

  [[nodiscard]] std::uint64_t hits() const { return hits_; }
  [[nodiscard]] std::uint64_t misses() const { return misses_; }

 private:
  struct Slot {
    bool valid = false;
    std::uint32_t line = 0;
    Line entries{};
  };
  std::vector<Slot> slots_{kLines};
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace dixion
