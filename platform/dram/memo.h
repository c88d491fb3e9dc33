// SPDX-License-Identifier: Apache-2.0
/// What is kept of simulated stretches: states ("nodes", lists of words) and what happened from one to another
/// ("edges"). Bounded: what is full is forgotten as a whole, so that results of equal runs are found in equal order.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "platform/dram/channel_state.h"

namespace dixion::dram {

/// Memory for many equal things that go all at once.
template <typename Value>
class Pool {
 public:
  /// `count` of them side by side, at most kBlock; valid until clear().
  Value* take(std::size_t count) {
    if (blocks_.empty() || used_ + count > kBlock) {
      blocks_.push_back(std::make_unique<Value[]>(kBlock));
      used_ = 0;
    }
    Value* first = blocks_.back().get() + used_;
    used_ += count;
    return first;
  }
  void clear() {
    blocks_.clear();
    used_ = 0;
  }
  static constexpr std::size_t kBlock = 1 << 14;

 private:
  std::vector<std::unique_ptr<Value[]>> blocks_;
  std::size_t used_ = 0;
};

inline constexpr std::size_t kSourceCounts = sizeof(SourceCounters) / sizeof(std::uint64_t);
inline constexpr std::size_t kCommandCounts = sizeof(CommandCounters) / sizeof(std::uint64_t);

struct MemoEdge;

struct MemoNode {
  std::uint64_t hash = 0;
  std::uint32_t id = 0;
  std::uint32_t size : 31 = 0;
  std::uint32_t refreshing : 1 = 0;  ///< it has edges with a refresh
  const std::uint64_t* words = nullptr;
  std::uint64_t foreign = 0;        ///< banks whose open row is not among the words
  const MemoEdge* plain = nullptr;  ///< from here on without a refresh
  const MemoEdge* far = nullptr;    ///< several plain ones at once, none of a node with a rest
  MemoNode* next = nullptr;         ///< of a chain of hashes
};

/// How one stream moved on.
struct MemoStep {
  std::uint64_t local = 0;  ///< wraps, like all differences
  std::uint64_t address = 0;
  std::uint64_t runs = 0;
  std::uint64_t places = 0;  ///< along the regular level (StreamPlan); from its beginning if it began anew
  bool anew = false;
  bool exhausted = false;
  std::array<std::uint16_t, kSourceCounts> counts{};
};

struct MemoEdge {
  MemoNode* to = nullptr;
  Cycles cycles = 0;
  std::uint64_t refreshes = 0;
  bool finish = false;  ///< ends with the last burst of a stream
  std::array<std::uint32_t, kCommandCounts> commands{};
  const MemoStep* step = nullptr;  ///< for each stream
};

class Memo {
 public:
  /// The node of these words. A new one only if they were seen before (or lately something that is taken for them):
  /// most states that occur once never come again. Null otherwise.
  MemoNode* node(std::span<const std::uint64_t> words);
  /// With a refresh on the way: the distance to the next one and its bank tell edges of a node apart.
  [[nodiscard]] const MemoEdge* refreshing(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank) const;
  /// Does nothing if there is one already.
  void add_plain(MemoNode& from, const MemoEdge& edge, std::span<const MemoStep> steps);
  void add_far(MemoNode& from, const MemoEdge& edge, std::span<const MemoStep> steps);
  void add_refreshing(MemoNode& from, std::uint64_t countdown, std::uint32_t bank, const MemoEdge& edge,
                      std::span<const MemoStep> steps);
  /// Forgets all if it is full; then nodes and edges from before are invalid and the generation is another.
  void make_room();
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  struct Key {
    std::uint64_t countdown;
    std::uint32_t node;
    std::uint32_t bank;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  [[nodiscard]] bool seen_before(std::uint64_t hash);
  const MemoEdge* keep(const MemoEdge& edge, std::span<const MemoStep> steps);

  std::uint64_t generation_ = 1;
  std::uint32_t nodes_ = 0;
  std::size_t words_ = 0;
  std::size_t steps_ = 0;
  Pool<MemoNode> node_pool_;
  Pool<std::uint64_t> word_pool_;
  Pool<MemoEdge> edge_pool_;
  Pool<MemoStep> step_pool_;
  std::vector<MemoNode*> by_hash_;  // first of a chain
  std::unordered_map<Key, const MemoEdge*, KeyHash> refreshing_;
  std::vector<std::uint32_t> seen_;  // parts of hashes, at places that other parts tell
};

}  // namespace dixion::dram
