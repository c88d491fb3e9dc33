// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/memo.h"

#include <algorithm>

namespace dixion::dram {

namespace {

constexpr std::size_t kMaxWords = 16U << 20;  // 128 MB
constexpr std::size_t kSeen = 1U << 20;
constexpr std::size_t kChains = 1U << 17;
constexpr std::size_t kMaxSteps = 3U << 19;

std::uint64_t mixed(std::uint64_t value, std::uint64_t word) {
  value = (value ^ word) * 0xff51afd7ed558ccdULL;
  return value ^ value >> 32;
}

std::uint64_t hash(std::span<const std::uint64_t> words) {
  std::uint64_t a = 0x9e3779b97f4a7c15ULL;
  std::uint64_t b = words.size();
  std::size_t i = 0;
  for (; i + 1 < words.size(); i += 2) {  // two chains side by side
    a = mixed(a, words[i]);
    b = mixed(b, words[i + 1]);
  }
  return mixed(i < words.size() ? mixed(a, words[i]) : a, b);
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
  if (by_hash_.empty()) by_hash_.resize(kChains);
  MemoNode*& first = by_hash_[value % kChains];
  for (MemoNode* node = first; node != nullptr; node = node->next) {
    if (node->hash == value && std::equal(words.begin(), words.end(), node->words, node->words + node->size)) {
      return node;
    }
  }
  if (!seen_before(value)) return nullptr;
  MemoNode* node = node_pool_.take(1);
  std::uint64_t* kept = word_pool_.take(words.size());
  std::copy(words.begin(), words.end(), kept);
  words_ += words.size();
  *node = MemoNode{};
  node->hash = value;
  node->id = nodes_++;
  node->size = static_cast<std::uint32_t>(words.size()) & 0x7fffffff;
  node->words = kept;
  node->next = first;
  first = node;
  return node;
}

const MemoEdge* Memo::refreshing(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank) const {
  if (from.refreshing == 0) return nullptr;
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
  if (!seen_before(KeyHash{}(key)) || refreshing_.contains(key)) return;
  refreshing_.emplace(key, keep(edge, steps));
  from.refreshing = 1;
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
