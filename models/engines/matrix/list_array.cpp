// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/list_array.h"

#include <algorithm>

namespace dixion {
namespace {

/// Requests that wait at one bank: numbers of groups, oldest first.
class Fifo {
 public:
  explicit Fifo(unsigned depth) : slots_(depth) {}
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool full() const { return count_ == slots_.size(); }
  [[nodiscard]] std::uint16_t front() const { return slots_[head_]; }
  void pop() {
    head_ = head_ + 1 == slots_.size() ? 0 : head_ + 1;
    --count_;
  }
  void push(std::uint16_t group) {
    const std::size_t at = head_ + count_;
    slots_[at >= slots_.size() ? at - slots_.size() : at] = group;
    ++count_;
  }

 private:
  std::vector<std::uint16_t> slots_;
  std::size_t head_ = 0, count_ = 0;
};

class Machine {
 public:
  Machine(const ListArray& array, const std::vector<BankList>& lists)
      : array_(array), lists_(lists), fifos_(array.banks, Fifo(array.fifo_depth)), groups_(array.groups) {}

  ListRun run() {
    for (const BankList& list : lists_) run_.words += list.size();
    while (taken_ < run_.words) {
      give();
      for (unsigned i = 0; i < array_.groups; ++i) ask((run_.cycles + i) % array_.groups);
      ++run_.cycles;
    }
    return run_;
  }

 private:
  struct Group {
    std::size_t list = 0, next = 0;  // the list it walks, one beyond the last if none; its next word
    bool walking = false;
    unsigned taken = 0;  // words in this accel_cycle
  };

  void give() {
    for (Group& group : groups_) group.taken = 0;
    for (unsigned i = 0; i < array_.banks; ++i) {
      Fifo& fifo = fifos_[(run_.cycles + i) % array_.banks];
      if (fifo.empty() || groups_[fifo.front()].taken == array_.words_per_cycle) continue;
      ++groups_[fifo.front()].taken;
      fifo.pop();
      ++taken_;
    }
  }

  void ask(std::size_t number) {
    Group& group = groups_[number];
    for (unsigned asked = 0; asked < array_.words_per_cycle; ++asked) {
      while (!group.walking || group.next == lists_[group.list].size()) {
        if (next_list_ == lists_.size()) return;
        group.walking = true;
        group.list = next_list_++;
        group.next = 0;
      }
      Fifo& fifo = fifos_[lists_[group.list][group.next]];
      if (fifo.full()) {
        ++run_.stalls;
        return;
      }
      fifo.push(static_cast<std::uint16_t>(number));
      ++group.next;
    }
  }

  const ListArray& array_;
  const std::vector<BankList>& lists_;
  std::vector<Fifo> fifos_;
  std::vector<Group> groups_;
  std::size_t next_list_ = 0;
  std::uint64_t taken_ = 0;
  ListRun run_;
};

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

ListRun run_lists(const ListArray& array, const std::vector<BankList>& lists) { return Machine(array, lists).run(); }

ListBounds list_bounds(const ListArray& array, const std::vector<BankList>& lists) {
  std::vector<std::uint64_t> per_bank(array.banks, 0);
  std::uint64_t words = 0, longest = 0;
  for (const BankList& list : lists) {
    words += list.size();
    longest = std::max<std::uint64_t>(longest, list.size());
    for (const std::uint16_t bank : list) ++per_bank[bank];
  }
  if (words == 0) return {};
  const std::uint64_t busiest = *std::max_element(per_bank.begin(), per_bank.end());
  const std::uint64_t width = array.words_per_cycle;
  return {1 + std::max({busiest, ceil_div(words, array.groups * width), ceil_div(longest, width)}), 1 + words};
}

}  // namespace dixion
