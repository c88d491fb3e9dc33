// SPDX-License-Identifier: Apache-2.0
#include "models/memory/bank_conflicts.h"

#include <algorithm>
#include <numeric>

namespace dixion {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kMostKnown = 4096;  // streams remembered; then all are forgotten

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Runs of the innermost dimension after which a group ends.
std::uint64_t period_of(std::uint64_t run_words, unsigned group) {
  return group / std::gcd<std::uint64_t>(run_words, group);
}

}  // namespace

void GroupCounter::add(std::uint64_t word) {
  const unsigned bank = map_.bank_of(word);
  touched_.push_back(bank);
  busiest_ = std::max(busiest_, ++load_[bank]);
  if (touched_.size() == group_) close_group();
}

Cycles GroupCounter::finish() {
  close_group();
  return cycles_;
}

void GroupCounter::close_group() {
  cycles_ += busiest_;
  busiest_ = 0;
  for (const unsigned bank : touched_) load_[bank] = 0;
  touched_.clear();
}

std::size_t BankConflicts::Hash::operator()(const Key& key) const {
  std::uint64_t hash = 0;
  for (const std::uint64_t part : key) hash = (hash ^ part) * 0x9e3779b97f4a7c15 + (hash >> 29U);
  return hash ^ hash >> 32U;
}

StreamCost BankConflicts::cost(std::uint64_t address, const StreamShape& shape) {
  const std::uint64_t byte = address % word_bytes_;
  const std::uint64_t word = map_.same_conflicts(address / word_bytes_, ceil_div(byte + shape.span(), word_bytes_));
  Key key{word, byte, shape.run_bytes, shape.rank};
  for (unsigned i = 0; i < shape.rank; ++i) {
    key[4 + i] = shape.count[i];
    key[8 + i] = shape.stride[i];
  }
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (known_.size() == kMostKnown) known_.clear();
  return known_[key] = evaluate(word * word_bytes_ + byte, shape);
}

std::uint64_t BankConflicts::words_of_run(std::uint64_t address, std::uint64_t bytes) const {
  return bytes == 0 ? 0 : (address + bytes - 1) / word_bytes_ - address / word_bytes_ + 1;
}

StreamCost BankConflicts::evaluate(std::uint64_t address, const StreamShape& shape) const {
  const std::uint64_t words = words_of_run(address, shape.run_bytes);
  if (shape.rank == 0 && map_.spreads_rows()) return {ceil_div(words, group_), words, true};
  return has_periods(shape, words) ? by_period(address, shape, words) : by_word(address, shape);
}

/// Whether every run has as many words and no two runs share one, and groups end where the innermost dimension does.
bool BankConflicts::has_periods(const StreamShape& shape, std::uint64_t run_words) const {
  if (shape.rank == 0) return false;
  std::uint64_t last = run_words - 1;  // word of a block's last run, from its first
  for (unsigned i = shape.rank; i-- > 0;) {
    if (shape.stride[i] % word_bytes_ != 0 || shape.stride[i] / word_bytes_ == last) return false;
    last += (shape.count[i] - 1) * (shape.stride[i] / word_bytes_);
  }
  return shape.rank == 1 || shape.count[shape.rank - 1] % period_of(run_words, group_) == 0;
}

StreamCost BankConflicts::by_period(std::uint64_t address, const StreamShape& shape, std::uint64_t run_words) const {
  StreamShape period = shape;  // the innermost dimension, so many runs that a group ends with the last
  period.rank = 1;
  period.count[0] = period_of(run_words, group_);
  period.stride[0] = shape.stride[shape.rank - 1];
  const std::uint64_t span = (period.count[0] - 1) * (period.stride[0] / word_bytes_) + run_words;
  StreamShape starts = shape;  // of periods; a single run stands for each
  starts.count[shape.rank - 1] /= period.count[0];
  starts.stride[shape.rank - 1] *= period.count[0];

  StreamCost cost;
  std::unordered_map<std::uint64_t, StreamCost> known;
  std::uint64_t looked_at = 0;
  bool whole = true;
  if (starts.count[shape.rank - 1] != 0) {
    whole = for_each_run(starts, [&](std::uint64_t offset, std::uint64_t) {
      const std::uint64_t start = address + offset;
      const std::uint64_t word = map_.same_conflicts(start / word_bytes_, span);
      const auto [entry, is_new] = known.try_emplace(word);
      if (is_new) {
        entry->second = by_word(word * word_bytes_ + start % word_bytes_, period);
        looked_at += entry->second.words;
      }
      cost.cycles += entry->second.cycles;
      cost.words += entry->second.words;
      cost.exact = cost.exact && entry->second.exact;
      return ++looked_at < kBudget;
    });
  }
  if (!whole) return by_word(address, shape);  // one that is measured over its beginning
  if (const std::uint64_t rest = shape.count[shape.rank - 1] % period.count[0]; rest != 0) {
    period.count[0] = rest;
    const StreamCost tail = by_word(address + starts.count[0] * starts.stride[0], period);
    cost.cycles += tail.cycles;
    cost.words += tail.words;
    cost.exact = cost.exact && tail.exact;
  }
  return cost;
}

StreamCost BankConflicts::by_word(std::uint64_t address, const StreamShape& shape) const {
  GroupCounter counter(map_, group_);
  StreamCost cost;
  std::uint64_t bytes = 0;
  std::uint64_t runs = 0;
  std::uint64_t previous = ~std::uint64_t{0};
  const bool whole = for_each_run(shape, [&](std::uint64_t offset, std::uint64_t run) {
    if (++runs > kBudget) return false;
    const std::uint64_t first = (address + offset) / word_bytes_;
    const std::uint64_t count = words_of_run(address + offset, run);
    const std::uint64_t taken = std::min(count, kBudget - cost.words);
    for (std::uint64_t word = first; word < first + taken; ++word) {
      if (word == previous) continue;
      previous = word;
      counter.add(word);
      ++cost.words;
    }
    bytes += taken == count ? run : taken * word_bytes_;
    return taken == count;
  });
  cost.cycles = counter.finish();
  cost.exact = whole;
  if (!whole) {
    const auto scaled = [&](std::uint64_t part) {
      return static_cast<std::uint64_t>(Wide{part} * shape.bytes() / bytes);
    };
    cost.cycles = scaled(cost.cycles);
    cost.words = scaled(cost.words);
  }
  return cost;
}

}  // namespace dixion
