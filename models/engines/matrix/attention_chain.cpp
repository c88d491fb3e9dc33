// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/attention_chain.h"

#include <algorithm>

namespace dixion {

void AttentionChain::add(const AttentionTile& tile) {
  array_ += tile.scores;
  const Cycles arrived = tile.scores == 0 ? 0 : array_ + fill_;
  Cycles exponentials = arrived;
  if (tile.exponentials != 0) exponentials = lanes_ = std::max(lanes_, arrived) + tile.exponentials;
  finish_tile();
  weights_ = std::max(exponentials, array_);
  last_ = tile;
}

void AttentionChain::add_alone(Cycles cycles) {
  finish_tile();
  array_ += cycles;
  weights_ = array_;
  lanes_ = std::max(lanes_, array_);
  alone_ = array_ + 2 * fill_;
}

void AttentionChain::finish_tile() {
  if (last_ == AttentionTile{}) return;
  array_ = std::max(array_, weights_) + last_.values;
  lanes_ = std::max(lanes_, array_ + fill_) + last_.division;
  last_ = {};
}

Cycles AttentionChain::end() const {
  AttentionChain rest = *this;
  rest.finish_tile();
  return std::max(rest.lanes_, rest.alone_);
}

bool AttentionChain::same_phase(const AttentionChain& other) const {
  // Differences, which may be negative: both times are counted from the array's.
  return lanes_ + other.array_ == other.lanes_ + array_ && weights_ + other.array_ == other.weights_ + array_;
}

void AttentionChain::repeat_since(const AttentionChain& mark, std::uint64_t times) {
  const Cycles cycles = times * (array_ - mark.array_);
  for (Cycles* time : {&array_, &lanes_, &weights_}) *time += cycles;
  if (alone_ != 0) alone_ += cycles;
}

Cycles attention_chain_cycles(std::span<const AttentionTile> tiles, std::uint64_t repeats, Cycles fill) {
  AttentionChain chain(fill);
  AttentionChain mark = chain;  // as it was after `marked` repetitions, a power of two
  std::uint64_t marked = 0;
  for (std::uint64_t done = 0; done < repeats;) {
    for (const AttentionTile& tile : tiles) chain.add(tile);
    ++done;
    if (marked != 0 && chain.same_phase(mark)) {
      const std::uint64_t period = done - marked, times = (repeats - done) / period;
      chain.repeat_since(mark, times);
      done += times * period;
      marked = 0;
    } else if (done >= 2 * marked) {
      mark = chain;
      marked = done;
    }
  }
  return chain.end();
}

}  // namespace dixion
