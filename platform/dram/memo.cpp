// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/memo.h"

#include <algorithm>
#include <new>
#include <utility>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace dixion::dram {

namespace {

constexpr std::size_t kLargePage = 2U << 20;
constexpr std::size_t kSeen = 1U << 20;
constexpr std::size_t kChains = 1U << 19;
constexpr std::size_t kRefreshingChains = 1U << 16;

std::uint64_t mixed(std::uint64_t value, std::uint64_t word) {
  value = (value ^ word) * 0xff51afd7ed558ccdULL;
  return value ^ value >> 32;
}

std::uint64_t hash(std::span<const std::uint64_t> words) {
  std::array<std::uint64_t, 4> chain{0x9e3779b97f4a7c15ULL, words.size(), 0xbf58476d1ce4e5b9ULL, 0x94d049bb133111ebULL};
  std::size_t i = 0;
  for (; i + 4 <= words.size(); i += 4) {  // side by side
    for (std::size_t k = 0; k < 4; ++k) chain[k] = mixed(chain[k], words[i + k]);
  }
  for (std::size_t k = 0; i < words.size(); ++i, ++k) chain[k] = mixed(chain[k], words[i]);
  return mixed(mixed(chain[0], chain[1]), mixed(chain[2], chain[3]));
}

std::uint64_t hash(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank) {
  return mixed(mixed(countdown, from.id), std::uint64_t{bank} + 1);
}

}  // namespace

Pages take_pages() {
  void* pages = std::aligned_alloc(kLargePage, kPoolBytes);
  if (pages == nullptr) throw std::bad_alloc();
#ifdef __linux__
  (void)madvise(pages, kPoolBytes, MADV_HUGEPAGE);  // if not, then not
#endif
  return Pages(static_cast<std::byte*>(pages));
}

Memo::Memo(std::size_t most_bytes) : most_bytes_(most_bytes), pools_(std::make_unique<Pools>()) {}

bool Memo::seen_before(std::uint64_t hash) {
  if (seen_.empty()) seen_.resize(kSeen);
  std::uint32_t& place = seen_[hash % kSeen];
  const auto tag = static_cast<std::uint32_t>(hash >> 32 | 1);
  if (place == tag) return true;
  place = tag;
  return false;
}

MemoNode* Memo::insert(const MemoNode& model, std::span<const std::uint64_t> words) {
  MemoNode* node = pools_->node.take(1);
  std::uint64_t* kept = pools_->word.take(words.size());
  std::copy(words.begin(), words.end(), kept);
  bytes_ += words.size_bytes() + sizeof(MemoNode);
  MemoNode*& first = by_hash_[model.hash % kChains];
  *node = model;
  node->words = kept;
  node->next = first;
  first = node;
  return node;
}

MemoNode* Memo::node(std::span<const std::uint64_t> words, bool at_once) {
  const std::uint64_t value = hash(words);
  if (by_hash_.empty()) by_hash_.resize(kChains);
  for (MemoNode* node = by_hash_[value % kChains]; node != nullptr; node = node->next) {
    if (node->hash == value && std::equal(words.begin(), words.end(), node->words, node->words + node->size)) {
      use(*node);
      return node;
    }
  }
  if (!at_once && !seen_before(value)) return nullptr;
  MemoNode model;
  model.hash = value;
  model.id = nodes_++;
  model.size = static_cast<std::uint32_t>(words.size()) & 0x7fffffff;
  return insert(model, words);
}

const MemoEdge* Memo::refreshing(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank) const {
  if (from.refreshing == 0) return nullptr;
  const Refreshing* entry = refreshing_[hash(from, countdown, bank) % kRefreshingChains];
  while (entry != nullptr && (entry->from != &from || entry->countdown != countdown || entry->bank != bank)) {
    entry = entry->next;
  }
  return entry == nullptr ? nullptr : &entry->edge;
}

// With the steps it points to.
MemoEdge Memo::kept(const MemoEdge& edge) {
  MemoStep* steps = pools_->step.take(edge.streams);
  std::copy_n(edge.step, edge.streams, steps);
  bytes_ += edge.streams * sizeof(MemoStep) + sizeof(MemoEdge);
  MemoEdge copy = edge;
  copy.step = steps;
  return copy;
}

const MemoEdge* Memo::keep(const MemoEdge& edge) {
  MemoEdge* place = pools_->edge.take(1);
  *place = kept(edge);
  return place;
}

void Memo::add_plain(MemoNode& from, const MemoEdge& edge) {
  if (from.plain == nullptr) from.plain = keep(edge);
}

void Memo::add_far(MemoNode& from, const MemoEdge& edge) {
  if (from.far == nullptr) from.far = keep(edge);
}

void Memo::insert(std::uint64_t hash, const Refreshing& entry) {
  Refreshing*& first = refreshing_[hash % kRefreshingChains];
  Refreshing* place = pools_->refreshing.take(1);
  *place = entry;
  place->edge = kept(entry.edge);
  place->next = first;
  first = place;
  entry.from->refreshing = 1;
}

void Memo::add_refreshing(MemoNode& from, std::uint64_t countdown, std::uint32_t bank, const MemoEdge& edge) {
  const std::uint64_t value = hash(from, countdown, bank);
  if (!seen_before(value) || refreshing(from, countdown, bank) != nullptr) return;
  if (refreshing_.empty()) refreshing_.resize(kRefreshingChains);
  insert(value, {&from, countdown, bank, edge, nullptr});
}

const MemoEdge* Memo::keep_moved(const MemoEdge* edge) {
  if (edge == nullptr || edge->to->moved == nullptr) return nullptr;
  MemoEdge copy = *edge;
  copy.to = edge->to->moved;
  return keep(copy);
}

// What was of use lately moves to new pools. If that is most of it, it would be full again too soon: then nothing does.
void Memo::forget() {
  const std::unique_ptr<Pools> before = std::exchange(pools_, std::make_unique<Pools>());
  const std::vector<MemoNode*> chains = std::exchange(by_hash_, std::vector<MemoNode*>(kChains));
  const std::vector<Refreshing*> refreshing = std::exchange(refreshing_, std::vector<Refreshing*>(kRefreshingChains));
  bytes_ = 0;
  const auto each = [&chains](auto visit) {
    for (MemoNode* first : chains) {
      for (MemoNode* node = first; node != nullptr; node = node->next) visit(*node);
    }
  };
  each([this](MemoNode& node) {
    if (node.used == generation_) node.moved = insert(node, {node.words, node.size});
  });
  each([this](MemoNode& node) {
    if (node.moved == nullptr) return;
    node.moved->plain = keep_moved(node.plain);
    node.moved->far = keep_moved(node.far);
    node.moved->refreshing = 0;
  });
  for (const Refreshing* first : refreshing) {
    for (const Refreshing* entry = first; entry != nullptr; entry = entry->next) {
      if (entry->from->moved == nullptr || entry->edge.to->moved == nullptr) continue;
      Refreshing copy = *entry;
      copy.from = entry->from->moved;
      copy.edge.to = entry->edge.to->moved;
      insert(hash(*copy.from, copy.countdown, copy.bank), copy);
    }
  }
  ++generation_;
  if (bytes_ < most_bytes_ / 4 * 3) return;
  pools_ = std::make_unique<Pools>();
  by_hash_.assign(kChains, nullptr);
  refreshing_.assign(kRefreshingChains, nullptr);
  bytes_ = 0;
}

}  // namespace dixion::dram
