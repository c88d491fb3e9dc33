// SPDX-License-Identifier: Apache-2.0
#include "models/common/address_ranges.h"

#include <algorithm>
#include <iterator>

namespace dixion {

void AddressRanges::add(std::uint64_t begin, std::uint64_t end) {
  auto next = ranges_.upper_bound(begin);
  if (next != ranges_.begin() && std::prev(next)->second >= begin) {
    --next;
    begin = next->first;
  }
  while (next != ranges_.end() && next->first <= end) {
    end = std::max(end, next->second);
    next = ranges_.erase(next);
  }
  ranges_.emplace_hint(next, begin, end);
}

void AddressRanges::remove(std::uint64_t begin, std::uint64_t end) {
  auto next = ranges_.upper_bound(begin);
  if (next != ranges_.begin() && std::prev(next)->second > begin) --next;
  while (next != ranges_.end() && next->first < end) {
    const auto [from, to] = *next;
    next = ranges_.erase(next);
    if (from < begin) ranges_.emplace(from, begin);
    if (to > end) ranges_.emplace(end, to);
  }
}

bool AddressRanges::contains(std::uint64_t begin, std::uint64_t end) const {
  const auto next = ranges_.upper_bound(begin);
  return next != ranges_.begin() && std::prev(next)->second >= end;
}

bool AddressRanges::touches(std::uint64_t begin, std::uint64_t end) const {
  const auto next = ranges_.lower_bound(end);
  return next != ranges_.begin() && std::prev(next)->second > begin;
}

void AddressRanges::for_each_gap(std::uint64_t begin, std::uint64_t end,
                                 const std::function<void(std::uint64_t, std::uint64_t)>& visit) const {
  auto next = ranges_.upper_bound(begin);
  if (next != ranges_.begin()) begin = std::max(begin, std::prev(next)->second);
  for (; next != ranges_.end() && next->first < end; ++next) {
    if (begin < next->first) visit(begin, next->first);
    begin = next->second;
  }
  if (begin < end) visit(begin, end);
}

}  // namespace dixion
