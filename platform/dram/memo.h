// SPDX-License-Identifier: Apache-2.0
/// What is kept of simulated stretches: states ("nodes", lists of words) and what happened from one to another
/// ("edges"). Bounded: what is full forgets what was not used since it was full the last time, at the same point in
/// equal runs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "platform/dram/channel_state.h"

namespace dixion::dram {

inline constexpr std::size_t kPoolBytes = 4U << 20;
struct FreePages {
  void operator()(std::byte* pages) const { std::free(pages); }
};
using Pages = std::unique_ptr<std::byte[], FreePages>;
/// kPoolBytes, not set.
Pages take_pages();

/// Memory for many equal things that go all at once. In large pages where the system has them: what is looked up lies
/// anywhere in it.
template <typename Value>
class Pool {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  /// `count` of them side by side, at most kBlock, not set; valid until the pool goes.
  Value* take(std::size_t count) {
    if (blocks_.empty() || used_ + count > kBlock) {
      blocks_.push_back(take_pages());
      used_ = 0;
    }
    Value* first = reinterpret_cast<Value*>(blocks_.back().get()) + used_;
    used_ += count;
    return first;
  }
  static constexpr std::size_t kBlock = kPoolBytes / sizeof(Value);

 private:
  std::vector<Pages> blocks_;
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
  MemoNode* moved = nullptr;        ///< while others are forgotten: where it goes
  std::uint64_t used = 0;           ///< generation it was last come to again in
};

/// How one stream moved on.
struct MemoStep {
  std::uint64_t local = 0;  ///< wraps, like all differences
  std::uint64_t address = 0;
  std::uint64_t runs = 0;
  std::uint64_t places = 0;  ///< along the regular level (StreamPlan); from its beginning if it began anew
  std::uint32_t rounds = 0;  ///< how often that began anew
  bool exhausted = false;
  std::array<std::uint16_t, kSourceCounts> counts{};
};

struct MemoEdge {
  MemoNode* to = nullptr;
  Cycles cycles = 0;
  std::uint64_t refreshes = 0;
  std::array<std::uint32_t, kCommandCounts> commands{};
  bool finish = false;  ///< ends with the last burst of a stream
  std::uint32_t streams = 0;
  const MemoStep* step = nullptr;  ///< for each stream
};

class Memo {
 public:
  static constexpr std::size_t kMostBytes = 640U << 20;

  explicit Memo(std::size_t most_bytes);

  /// The node of these words. A new one only if they were seen before (or lately something that is taken for them):
  /// most states that occur once never come again. Null otherwise. `at_once`: a new one in any case.
  MemoNode* node(std::span<const std::uint64_t> words, bool at_once = false);
  /// With a refresh on the way: the distance to the next one and its bank tell edges of a node apart.
  [[nodiscard]] const MemoEdge* refreshing(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank) const;
  /// With the steps it points to. Does nothing if there is one already.
  void add_plain(MemoNode& from, const MemoEdge& edge);
  void add_far(MemoNode& from, const MemoEdge& edge);
  void add_refreshing(MemoNode& from, std::uint64_t countdown, std::uint32_t bank, const MemoEdge& edge);
  void use(MemoNode& node) const { node.used = generation_; }
  /// Forgets if it is full; then nodes and edges from before are invalid and the generation is another.
  void make_room() {
    if (bytes_ >= most_bytes_) forget();
  }
  [[nodiscard]] std::uint64_t generation() const { return generation_; }

 private:
  struct Refreshing {
    MemoNode* from;
    std::uint64_t countdown;
    std::uint32_t bank;
    MemoEdge edge;
    Refreshing* next;
  };
  struct Pools {
    Pool<MemoNode> node;
    Pool<std::uint64_t> word;
    Pool<MemoEdge> edge;
    Pool<MemoStep> step;
    Pool<Refreshing> refreshing;
  };
  [[nodiscard]] bool seen_before(std::uint64_t hash);
  MemoNode* insert(const MemoNode& model, std::span<const std::uint64_t> words);
  MemoEdge kept(const MemoEdge& edge);
  const MemoEdge* keep(const MemoEdge& edge);
  const MemoEdge* keep_moved(const MemoEdge* edge);
  void insert(std::uint64_t hash, const Refreshing& entry);
  void forget();

  std::size_t most_bytes_;
  std::uint64_t generation_ = 1;
  std::uint32_t nodes_ = 0;  // ever
  std::size_t bytes_ = 0;
  std::unique_ptr<Pools> pools_;
  std::vector<MemoNode*> by_hash_;       // first of a chain
  std::vector<Refreshing*> refreshing_;  // likewise
  std::vector<std::uint32_t> seen_;      // parts of hashes, at places that other parts tell
};

}  // namespace dixion::dram
