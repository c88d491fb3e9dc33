// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/memo.h"

#include <algorithm>

namespace dixion::dram {

namespace {

constexpr std::size_t kMaxWords = 16U << 20;  // 128 MB
constexpr std::size_t kSeen = 1U << 20;
constexpr std::size_t kMaxSteps = 3U << 19;

std::uint64_t mixed(std::uint64_t value, std::uint64_t word) {
  value = (value ^ word) * 0xff51afd7ed558ccdULL;
  return value ^ value >> 32;
}

std::uint64_t hash(std::span<const std::uint64_t> words) {
  std::uint64_t value = 0x9e3779b97f4a7c15ULL;
  for (const std::uint64_t word : words) value = mixed(value, word);
  return value;
}

}  // namespace

std::size_t Memo::KeyHash::operator()(const Key& key) const {
  return mixed(mixed(key.countdown, key.node), std::uint64_t{key.bank} + 1);
}

bool Memo::seen_before(std::uint64_t hash) {
  if (seen_.empty()) seen_.resize(kSeen);
  std::uint32_t& place = seen_[hash % kSeen];
  const auto tag = static_cast<std::uint32_t>(hash >> 32 | 1);
  if (place == tag) return true;
  place = tag;
  return false;
}

MemoNode* Memo::node(std::span<const std::uint64_t> words) {
  const std::uint64_t value = hash(words);
  const auto found = by_hash_.find(value);
  MemoNode* first = found == by_hash_.end() ? nullptr : found->second;
  for (MemoNode* node = first; node != nullptr; node = node->next) {
    if (std::equal(words.begin(), words.end(), node->words, node->words + node->size)) return node;
  }
  if (!seen_before(value)) return nullptr;
  MemoNode* node = node_pool_.take(1);
  std::uint64_t* kept = word_pool_.take(words.size());
  std::copy(words.begin(), words.end(), kept);
  words_ += words.size();
  *node = {nodes_++, static_cast<std::uint32_t>(words.size()), kept, 0, nullptr, nullptr, first};
  by_hash_[value] = node;
  return node;
}

const MemoEdge* Memo::refreshing(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank) const {
  const auto found = refreshing_.find({countdown, from.id, bank});
  return found == refreshing_.end() ? nullptr : found->second;
}

const MemoEdge* Memo::keep(const MemoEdge& edge, std::span<const MemoStep> steps) {
  MemoStep* kept = step_pool_.take(steps.size());
  std::copy(steps.begin(), steps.end(), kept);
  steps_ += steps.size() + 1;
  MemoEdge* place = edge_pool_.take(1);
  *place = edge;
  place->step = kept;
  return place;
}

void Memo::add_plain(MemoNode& from, const MemoEdge& edge, std::span<const MemoStep> steps) {
  if (from.plain == nullptr) from.plain = keep(edge, steps);
}

void Memo::add_far(MemoNode& from, const MemoEdge& edge, std::span<const MemoStep> steps) {
  if (from.far == nullptr) from.far = keep(edge, steps);
}

void Memo::add_refreshing(MemoNode& from, std::uint64_t countdown, std::uint32_t bank, const MemoEdge& edge,
                          std::span<const MemoStep> steps) {
  const Key key{countdown, from.id, bank};
  if (seen_before(KeyHash{}(key)) && !refreshing_.contains(key)) refreshing_.emplace(key, keep(edge, steps));
}

void Memo::make_room() {
  if (words_ < kMaxWords && steps_ < kMaxSteps) return;
  by_hash_.clear();
  refreshing_.clear();
  node_pool_.clear();
  word_pool_.clear();
  edge_pool_.clear();
  step_pool_.clear();
  nodes_ = 0;
  words_ = 0;
  steps_ = 0;
  ++generation_;
}

}  // namespace dixion::dram
