// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>

namespace dixion {

/// A set of addresses, kept as ranges [begin, end) that neither overlap nor touch each other.
class AddressRanges {
 public:
  void add(std::uint64_t begin, std::uint64_t end);
  void remove(std::uint64_t begin, std::uint64_t end);
  void clear() { ranges_.clear(); }

  /// [begin, end), in ascending order.
  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& ranges() const { return ranges_; }
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  /// All of [begin, end).
  [[nodiscard]] bool contains(std::uint64_t begin, std::uint64_t end) const;
  /// At least one address of [begin, end).
  [[nodiscard]] bool touches(std::uint64_t begin, std::uint64_t end) const;
  /// Calls visit for each longest part of [begin, end) that is not in the set, lowest first.
  void for_each_gap(std::uint64_t begin, std::uint64_t end,
                    const std::function<void(std::uint64_t, std::uint64_t)>& visit) const;

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;  // begin, end
};

}  // namespace dixion
