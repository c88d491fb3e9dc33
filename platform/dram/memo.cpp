// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/memo.h"

#include <algorithm>
#include <new>
#include <type_traits>
#include <utility>

namespace dixion::dram {

namespace {

constexpr std::size_t kSeen = 1U << 22;

static_assert(std::is_trivially_destructible_v<MemoNode> && std::is_trivially_destructible_v<MemoEdge> &&
              std::is_trivially_destructible_v<MemoStep>);

// Both halves of the product: every bit of the word reaches bits on both sides of it.
std::uint64_t mixed(std::uint64_t value, std::uint64_t word, std::uint64_t factor = 0xff51afd7ed558ccdULL) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{value ^ word} * factor;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

// Each word goes through two chains of four, which differ in start and factor.
Memo::Key Memo::key_of(std::span<const std::uint64_t> words) {
  constexpr std::uint64_t kOther = 0xc4ceb9fe1a85ec53ULL;
  std::array<std::uint64_t, 4> a{0x9e3779b97f4a7c15ULL, words.size(), 0xbf58476d1ce4e5b9ULL, 0x94d049bb133111ebULL};
  std::array<std::uint64_t, 4> b{0xd6e8feb86659fd93ULL, 0xa0761d6478bd642fULL, 0xe7037ed1a0b428dbULL, words.size()};
  std::size_t i = 0;
  for (; i + 4 <= words.size(); i += 4) {  // side by side
    for (std::size_t k = 0; k < 4; ++k) a[k] = mixed(a[k], words[i + k]);
    for (std::size_t k = 0; k < 4; ++k) b[k] = mixed(b[k], words[i + k], kOther);
  }
  for (std::size_t k = 0; i < words.size(); ++i, ++k) {
    a[k] = mixed(a[k], words[i]);
    b[k] = mixed(b[k], words[i], kOther);
  }
  Key key{a[0], b[0]};
  for (std::size_t k = 1; k < 4; ++k) key = {mixed(key.hash, a[k]), mixed(key.check, b[k], kOther)};
  return key;
}

std::uint64_t Memo::hash(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank) {
  return mixed(mixed(countdown, from.id), std::uint64_t{bank} + 1);
}

Memo::Memo(std::size_t most_bytes) : most_bytes_(most_bytes), arena_(std::make_unique<Arena>()) {}

bool Memo::seen_before(std::uint64_t hash) {
  if (seen_.empty()) seen_.resize(kSeen);
  std::uint32_t& place = seen_[hash % kSeen];
  const auto tag = static_cast<std::uint32_t>(hash >> 32 | 1);
  if (place == tag) return true;
  place = tag;
  return false;
}

MemoNode* Memo::find(const Key& key) const {
  MemoNode* node = nodes_.first(key.hash);
  while (node != nullptr && !is(*node, key)) node = node->next;
  return node;
}

MemoNode* Memo::insert(const MemoNode& model, std::span<const std::byte> packed) {
  const std::size_t bytes = sizeof(MemoNode) + packed.size();
  bytes_ += bytes;
  void* place = arena_->take(bytes);
  auto* node = new (place) MemoNode(model);
  std::copy(packed.begin(), packed.end(), static_cast<std::byte*>(place) + sizeof(MemoNode));
  node->bytes = static_cast<std::uint32_t>(packed.size()) & 0x7fffffff;
  nodes_.add(*node, [](const MemoNode& entry) { return entry.hash; });
  return node;
}

MemoNode* Memo::insert(const Key& key, std::span<const std::byte> packed) {
  MemoNode model;
  model.hash = key.hash;
  model.check = key.check;
  model.id = ids_++;
  return insert(model, packed);
}

MemoNode* Memo::node(std::span<const std::uint64_t> words) {
  const Key key = key_of(words);
  if (MemoNode* node = find(key); node != nullptr) {
    use(*node);
    return node;
  }
  if (!seen_before(key.hash)) return nullptr;
  pack(words, packed_);
  return insert(key, packed_);
}

MemoNode* Memo::key(std::span<const std::uint64_t> words, bool at_once, MemoNode* before) {
  const Key key = key_of(words);
  if (before != nullptr && before->after != nullptr && is(*before->after, key)) {
    use(*before->after);
    return before->after;
  }
  MemoNode* node = find(key);
  if (node != nullptr) {
    use(*node);
  } else if (at_once || seen_before(key.hash)) {
    node = insert(key, {});
  }
  if (before != nullptr) before->after = node;
  return node;
}

const MemoEdge* Memo::refreshing(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank) const {
  if (from.refreshing == 0) return nullptr;
  const Refreshing* entry = refreshing_.first(hash(from, countdown, bank));
  while (entry != nullptr && (entry->from != &from || entry->countdown != countdown || entry->bank != bank)) {
    entry = entry->next;
  }
  return entry == nullptr ? nullptr : &entry->edge;
}

const MemoStep* Memo::keep_steps(const MemoEdge& edge, void* behind) {
  auto* steps = static_cast<MemoStep*>(behind);
  std::uninitialized_copy_n(edge.step, edge.streams, steps);
  return steps;
}

const MemoEdge* Memo::keep(const MemoEdge& edge) {
  const std::size_t bytes = sizeof(MemoEdge) + edge.streams * sizeof(MemoStep);
  bytes_ += bytes;
  void* place = arena_->take(bytes);
  auto* kept = new (place) MemoEdge(edge);
  kept->step = keep_steps(edge, kept + 1);
  return kept;
}

void Memo::add_plain(MemoNode& from, const MemoEdge& edge) {
  if (from.plain == nullptr) from.plain = keep(edge);
}

void Memo::add_far(MemoNode& from, const MemoEdge& edge) {
  if (from.far == nullptr) from.far = keep(edge);
}

void Memo::insert(const Refreshing& entry) {
  const std::size_t bytes = sizeof(Refreshing) + entry.edge.streams * sizeof(MemoStep);
  bytes_ += bytes;
  auto* kept = new (arena_->take(bytes)) Refreshing(entry);
  kept->edge.step = keep_steps(entry.edge, kept + 1);
  refreshing_.add(*kept, [](const Refreshing& other) { return hash(*other.from, other.countdown, other.bank); });
  kept->from->refreshing = 1;
}

void Memo::add_refreshing(MemoNode& from, std::uint64_t countdown, std::uint32_t bank, const MemoEdge& edge) {
  if (!seen_before(hash(from, countdown, bank)) || refreshing(from, countdown, bank) != nullptr) return;
  insert({&from, countdown, bank, edge, nullptr});
}

const MemoEdge* Memo::keep_moved(const MemoEdge* edge) {
  if (edge == nullptr || edge->to->moved == nullptr) return nullptr;
  MemoEdge copy = *edge;
  copy.to = edge->to->moved;
  return keep(copy);
}

void Memo::clear() {
  arena_ = std::make_unique<Arena>();
  nodes_ = {};
  refreshing_ = {};
  bytes_ = 0;
}

// What was of use lately moves to new pools. If that is most of it, it would be full again too soon: then nothing does.
void Memo::forget() {
  const std::unique_ptr<Arena> before = std::move(arena_);
  const Chains<MemoNode> nodes = std::exchange(nodes_, {});
  const Chains<Refreshing> refreshing = std::exchange(refreshing_, {});
  clear();
  nodes.each([this](MemoNode& node) {
    if (node.used != generation_) return;
    node.after = nullptr;
    node.moved = insert(node, node.packed());
  });
  nodes.each([this](MemoNode& node) {
    if (node.moved == nullptr) return;
    node.moved->plain = keep_moved(node.plain);
    node.moved->far = keep_moved(node.far);
    node.moved->refreshing = 0;
  });
  refreshing.each([this](const Refreshing& entry) {
    if (entry.from->moved == nullptr || entry.edge.to->moved == nullptr) return;
    Refreshing copy = entry;
    copy.from = entry.from->moved;
    copy.edge.to = entry.edge.to->moved;
    insert(copy);
  });
  ++generation_;
  if (bytes_ >= most_bytes_ / 4 * 3) clear();
}

}  // namespace dixion::dram
