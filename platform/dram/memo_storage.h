// SPDX-License-Identifier: Apache-2.0
/// Where a memo keeps its things: an arena for all of them, chains to find them, words packed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace dixion::dram {

/// Memory for many things that go all at once. In large pages where the system has them: what is looked up lies
/// anywhere in it.
class Arena {
 public:
  static constexpr std::size_t kBlockBytes = 4U << 20;

  /// At most a block, for anything of alignment 8, not set; valid until the arena goes.
  void* take(std::size_t bytes) {
    bytes = (bytes + 7) / 8 * 8;
    if (used_ + bytes > kBlockBytes || blocks_.empty()) add_block();
    void* place = blocks_.back().get() + used_;
    used_ += bytes;
    return place;
  }

 private:
  struct Free {
    void operator()(std::byte* block) const { std::free(block); }
  };
  void add_block();

  std::vector<std::unique_ptr<std::byte[], Free>> blocks_;
  std::size_t used_ = 0;
};

/// Entries with a member `next`, found by a hash; as many chains as entries, about.
template <typename Entry>
class Chains {
 public:
  [[nodiscard]] Entry* first(std::uint64_t hash) const {
    return heads_.empty() ? nullptr : heads_[hash & (heads_.size() - 1)];
  }
  /// `hash_of(entry)` as given when it was added.
  template <typename HashOf>
  void add(Entry& entry, HashOf hash_of) {
    if (entries_ == heads_.size()) grow(hash_of);
    ++entries_;
    push(entry, hash_of(entry));
  }
  template <typename Visitor>
  void each(Visitor visit) const {
    for (Entry* entry : heads_) {
      while (entry != nullptr) visit(*std::exchange(entry, entry->next));
    }
  }

 private:
  static constexpr std::size_t kLeast = 1024;

  void push(Entry& entry, std::uint64_t hash) {
    Entry*& head = heads_[hash & (heads_.size() - 1)];
    entry.next = std::exchange(head, &entry);
  }
  template <typename HashOf>
  void grow(HashOf hash_of) {
    Chains before;
    std::swap(before.heads_, heads_);
    heads_.resize(before.heads_.empty() ? kLeast : 2 * before.heads_.size());
    before.each([&](Entry& entry) { push(entry, hash_of(entry)); });
  }

  std::vector<Entry*> heads_;  // a power of two of them
  std::size_t entries_ = 0;
};

/// Each word as a mask of its bytes that are not 0, and those.
void pack(std::span<const std::uint64_t> words, std::vector<std::byte>& into);
void unpack(std::span<const std::byte> packed, std::vector<std::uint64_t>& into);

}  // namespace dixion::dram
