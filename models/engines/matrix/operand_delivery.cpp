// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/operand_delivery.h"

#include <algorithm>
#include <vector>

namespace dixion {
namespace {

constexpr unsigned kSrcBytes = 2;         // INT12 in 16-bit lanes
constexpr std::size_t kMostKnown = 4096;  // sequences remembered; then all are forgotten
// Steps are looked at as long as they take no more words than this, but some always.
constexpr std::uint64_t kMostWords = std::uint64_t{1} << 21U;
constexpr std::uint64_t kFewestSteps = 64;

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// The tiles of one operand and where they lie.
struct Side {
  std::uint64_t vectors;         ///< in all
  unsigned lanes;                ///< vectors of a full tile
  std::uint64_t step_bytes;      ///< of a vector in one step
  std::uint64_t row_words;       ///< a vector begins at a word
  std::uint64_t tiles_resident;  ///< that lie one behind another; then the first one's place is taken again
  std::uint64_t repeat;          ///< tiles of the sequence before the next of this side
  std::uint64_t tiles() const { return ceil_div(vectors, lanes); }
};

/// Words of one side, asked for in the order in which the skewed array takes them: vector n one step behind vector n
/// - 1.
class Reader {
 public:
  Reader(const Side& side, std::uint64_t tiles, std::uint64_t steps, std::uint64_t word_bytes)
      : side_(side), tiles_(tiles), steps_(steps), word_bytes_(word_bytes), lanes_(side.lanes) {
    for (unsigned lane = 0; lane < side.lanes; ++lane) start_tile(lane);
  }

  /// Calls `take(word)` for each word that is first used in this step.
  template <typename Take>
  void step(std::uint64_t number, Take take) {
    const auto begun = static_cast<unsigned>(std::min<std::uint64_t>(number + 1, side_.lanes));
    for (unsigned i = 0; i < begun; ++i) {
      Lane& lane = lanes_[i];
      if (lane.tile == tiles_) continue;
      lane.bytes_used += side_.step_bytes;
      for (; lane.next_word < side_.row_words && lane.next_word * word_bytes_ < lane.bytes_used; ++lane.next_word) {
        if (lane.used) take(lane.base + lane.next_word);
      }
      if (++lane.step == steps_) {
        ++lane.tile;
        start_tile(i);
      }
    }
  }

 private:
  struct Lane {
    std::uint64_t tile = 0, step = 0, next_word = 0, bytes_used = 0, base = 0;
    bool used = false;  ///< the tile has such a vector
  };

  void start_tile(unsigned number) {
    Lane& lane = lanes_[number];
    const std::uint64_t tile = lane.tile / side_.repeat % side_.tiles();
    lane.step = lane.next_word = lane.bytes_used = 0;
    lane.base = (tile % side_.tiles_resident * side_.lanes + number) * side_.row_words;
    lane.used = tile * side_.lanes + number < side_.vectors;
  }

  const Side& side_;
  std::uint64_t tiles_, steps_, word_bytes_;
  std::vector<Lane> lanes_;
};

/// Banks of one side. Words are read in the order in which they are used, at most kReadAhead steps before.
class Banks {
 public:
  Banks(const BankMap& map, unsigned group, bool balanced)
      : map_(map), free_(balanced ? group : map.banks()), balanced_(balanced) {}

  /// Cycle in which the word is read, if it may be from `release` on.
  Cycles read(std::uint64_t word, Cycles release) {
    if (balanced_ && ++turn_ == free_.size()) turn_ = 0;
    Cycles& free = free_[balanced_ ? turn_ : map_.bank_of(word)];
    const Cycles cycle = std::max(free, release);
    free = cycle + 1;
    return cycle;
  }

 private:
  const BankMap& map_;
  std::vector<Cycles> free_;
  bool balanced_;
  std::size_t turn_ = 0;
};

}  // namespace

OperandDelivery::OperandDelivery(const AcceleratorConfig& config)
    : config_(config), map_(make_bank_map(config.core_sram_map, config.core_sram_banks, config.core_sram_masks)) {}

std::size_t OperandDelivery::Hash::operator()(const Key& key) const {
  std::uint64_t hash = 0;
  for (const std::uint64_t part : key) hash = (hash ^ part) * 0x9e3779b97f4a7c15 + (hash >> 29U);
  return hash ^ hash >> 32U;
}

OperandDelivery::Stalls OperandDelivery::stalls(const TileSequence& sequence) {
  const Key key{sequence.src_vectors, sequence.weight_vectors, sequence.depth, sequence.weight_bytes,
                sequence.weights_pass ? 1U : 0U};
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (known_.size() == kMostKnown) known_.clear();
  Stalls stalls;
  stalls.total = evaluate(sequence, false);
  if (stalls.total != 0) stalls.balanced = std::min(stalls.total, evaluate(sequence, true));
  return known_[key] = stalls;
}

Cycles OperandDelivery::evaluate(const TileSequence& sequence, bool balanced) const {
  const std::uint64_t word = config_.core_sram_word_bytes;
  const std::uint64_t steps = ceil_div(sequence.depth, config_.dot_length);
  const auto side_of = [&](std::uint64_t vectors, unsigned lanes, unsigned bytes) {
    Side side{vectors, lanes, std::uint64_t{config_.dot_length} * bytes, ceil_div(sequence.depth * bytes, word), 1, 1};
    side.tiles_resident = std::max<std::uint64_t>(1, config_.core_sram_bytes / 4 / word / (lanes * side.row_words));
    return side;
  };
  Side src = side_of(sequence.src_vectors, config_.array_rows, kSrcBytes);
  Side weight = side_of(sequence.weight_vectors, config_.array_columns, sequence.weight_bytes);
  (sequence.weights_pass ? weight : src).repeat = (sequence.weights_pass ? src : weight).tiles();
  const std::uint64_t tiles = src.tiles() * weight.tiles();

  Reader src_reader(src, tiles, steps, word);
  Reader weight_reader(weight, tiles, steps, word);
  Banks src_banks(*map_, config_.core_sram_banks, balanced);
  Banks weight_banks(*map_, config_.core_sram_banks, balanced);

  const std::uint64_t all = tiles * steps + std::max(src.lanes, weight.lanes) - 1;
  const std::uint64_t words_per_step =
      src.lanes * ceil_div(src.step_bytes, word) + weight.lanes * ceil_div(weight.step_bytes, word);
  const std::uint64_t looked_at = std::min({all, kExactSteps, std::max(kFewestSteps, kMostWords / words_per_step)});
  std::array<Cycles, kReadAhead> taken{};  // cycles of the last steps
  Cycles next = 0;                         // earliest cycle of the next step
  Cycles stalls_before_half = 0;
  for (std::uint64_t step = 0; step < looked_at; ++step) {
    Cycles& slot = taken[step % kReadAhead];
    const Cycles release = slot;
    Cycles cycle = next;
    src_reader.step(step, [&](std::uint64_t at) { cycle = std::max(cycle, src_banks.read(at, release)); });
    weight_reader.step(step, [&](std::uint64_t at) { cycle = std::max(cycle, weight_banks.read(at, release)); });
    slot = cycle;
    next = cycle + 1;
    if (step + 1 == looked_at / 2) stalls_before_half = next - looked_at / 2;
  }
  const Cycles stalls = next - looked_at;
  const Wide others = Wide{stalls - stalls_before_half} * (all - looked_at) / (looked_at - looked_at / 2);
  return stalls + static_cast<Cycles>(others);
}

}  // namespace dixion
