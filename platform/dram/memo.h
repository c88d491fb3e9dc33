// SPDX-License-Identifier: Apache-2.0
/// What is kept of simulated stretches: states ("nodes") and what happened from one to another ("edges"). A state is a
/// list of words and known by 128 bits of hash, as versions of files are: that two of the millions of one run are taken
/// for each other has a probability below 1e-24. Bounded: what is full forgets what was not used since it was full the
/// last time, at the same point in equal runs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "platform/dram/channel_state.h"
#include "platform/dram/memo_storage.h"

namespace dixion::dram {

inline constexpr std::size_t kSourceCounts = sizeof(SourceCounters) / sizeof(std::uint64_t);
inline constexpr std::size_t kCommandCounts = sizeof(CommandCounters) / sizeof(std::uint64_t);

struct MemoEdge;

/// Its words lie packed behind it, if it has any.
struct MemoNode {
  std::uint64_t hash = 0;
  std::uint64_t check = 0;          ///< the other half
  MemoNode* next = nullptr;         ///< of a chain of hashes
  const MemoEdge* plain = nullptr;  ///< from here on without a refresh
  const MemoEdge* far = nullptr;    ///< several plain ones at once, none of a node with a rest
  MemoNode* after = nullptr;        ///< the key asked for next, last time
  MemoNode* moved = nullptr;        ///< while others are forgotten: where it goes
  std::uint32_t id = 0;
  std::uint32_t used = 0;            ///< generation it was last come to again in
  std::uint32_t foreign = 0;         ///< banks whose open row is not among the words
  std::uint32_t bytes : 31 = 0;      ///< of packed words
  std::uint32_t refreshing : 1 = 0;  ///< it has edges with a refresh

  [[nodiscard]] std::span<const std::byte> packed() const {
    return {reinterpret_cast<const std::byte*>(this + 1), bytes};
  }
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
  const MemoStep* step = nullptr;  ///< for each stream
  std::uint32_t refreshes = 0;
  std::array<std::uint32_t, kCommandCounts> commands{};
  std::uint32_t streams = 0;
  bool finish = false;  ///< ends with the last burst of a stream
};

class Memo {
 public:
  static constexpr std::size_t kMostBytes = 640U << 20;

  explicit Memo(std::size_t most_bytes);

  /// The node of these words, which it keeps. A new one only if they were seen before (or lately something that is
  /// taken for them): most states that occur once never come again. Null otherwise.
  MemoNode* node(std::span<const std::uint64_t> words);
  /// The node of words that nobody wants back. `at_once`: a new one in any case. `before`: the key asked for before on
  /// the same way, or null; the same often follows.
  MemoNode* key(std::span<const std::uint64_t> words, bool at_once, MemoNode* before);
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
  [[nodiscard]] std::uint32_t generation() const { return generation_; }

 private:
  struct Refreshing {
    MemoNode* from;
    std::uint64_t countdown;
    std::uint32_t bank;
    MemoEdge edge;
    Refreshing* next;
  };
  struct Key {
    std::uint64_t hash;
    std::uint64_t check;
  };
  static Key key_of(std::span<const std::uint64_t> words);
  static std::uint64_t hash(const MemoNode& from, std::uint64_t countdown, std::uint32_t bank);
  [[nodiscard]] bool seen_before(std::uint64_t hash);
  [[nodiscard]] static bool is(const MemoNode& node, const Key& key) {
    return node.hash == key.hash && node.check == key.check;
  }
  [[nodiscard]] MemoNode* find(const Key& key) const;
  MemoNode* insert(const MemoNode& model, std::span<const std::byte> packed);
  MemoNode* insert(const Key& key, std::span<const std::byte> packed);
  const MemoStep* keep_steps(const MemoEdge& edge, void* behind);
  const MemoEdge* keep(const MemoEdge& edge);
  const MemoEdge* keep_moved(const MemoEdge* edge);
  void insert(const Refreshing& entry);
  void forget();
  void clear();

  std::size_t most_bytes_;
  std::uint32_t generation_ = 1;
  std::uint32_t ids_ = 0;  // ever given
  std::size_t bytes_ = 0;
  std::unique_ptr<Arena> arena_;
  Chains<MemoNode> nodes_;
  Chains<Refreshing> refreshing_;
  std::vector<std::uint32_t> seen_;  // parts of hashes, at places that other parts tell
  std::vector<std::byte> packed_;
};

}  // namespace dixion::dram
