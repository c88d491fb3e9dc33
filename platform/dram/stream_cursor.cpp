// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/stream_cursor.h"

namespace dixion::dram {

namespace {

/// A level with this many atoms in each channel is long enough.
constexpr std::uint64_t kRegularAtoms = 128;

}  // namespace

StreamPlan::StreamPlan(const AddressMap& address_map, std::uint64_t at, const StreamShape& shape, std::uint64_t bytes)
    : map(&address_map), address(at), run_bytes(shape.run_bytes) {
  std::uint64_t pass_bytes = shape.run_bytes;
  std::uint64_t span = shape.run_bytes;
  for (unsigned i = 0; i < shape.rank; ++i) {
    pass_bytes *= shape.count[i];
    span += (shape.count[i] - 1) * shape.stride[i];
  }
  const std::uint64_t passes = pass_bytes == 0 ? 1 : (bytes + pass_bytes - 1) / pass_bytes;
  const auto loop = [this](std::uint64_t times, std::uint64_t step) {
    if (times <= 1) return;
    count[rank] = times;
    stride[rank] = step;
    ++rank;
  };
  loop(passes, 0);
  for (unsigned i = 0; i < shape.rank; ++i) loop(shape.count[i], shape.stride[i]);
  const std::uint64_t everywhere = std::uint64_t{map->channels()} * map->atom_bytes();
  std::uint64_t body = map->atom_bytes();
  std::uint64_t whole = run_bytes;
  regular = rank;
  while (regular != 0 && whole < kRegularAtoms * everywhere) {
    --regular;
    body = whole;
    whole *= count[regular];
  }
  horizon = atoms_are_regular() ? kHorizonAtoms : (kHorizonAtoms * everywhere + body - 1) / body;
  first_byte = address;
  last_byte = address + span - 1;
}

StreamCursor::StreamCursor(const StreamPlan& stream, unsigned in_channel)
    : plan(&stream), run_address(stream.address), channel(in_channel), exhausted(false) {
  enter_run();
  if (local == end) next_run();
}

void StreamCursor::enter_run() {
  const AddressMap& map = *plan->map;
  const std::uint64_t last = end;
  local = map.local(run_address / map.atom_bytes(), channel);
  end = map.local((run_address + plan->run_bytes - 1) / map.atom_bytes() + 1, channel);
  if (runs != 0 && local + 1 == last && local < end) ++local;
  if (local >= end) local = end = last;  // nothing here; the last atom fetched stays known
}

std::uint64_t StreamCursor::rounds() const {
  std::uint64_t rounds = 0;
  for (unsigned i = 0; i < plan->regular; ++i) rounds = rounds * plan->count[i] + index[i];
  return rounds;
}

bool StreamCursor::next_round(std::uint64_t& way) const {
  way = 0;
  for (unsigned i = plan->rank; i-- > 0;) {
    if (i < plan->regular && index[i] + 1 < plan->count[i]) {
      way += plan->stride[i];
      return true;
    }
    way -= plan->stride[i] * (plan->count[i] - 1);
  }
  return false;
}

void StreamCursor::begin_rounds(std::uint64_t times, std::uint64_t place) {
  for (; times != 0; --times) {
    for (unsigned i = plan->regular; i-- > 0;) {
      if (++index[i] < plan->count[i]) break;
      index[i] = 0;
    }
  }
  if (plan->atoms_are_regular()) {
    const AddressMap& map = *plan->map;
    end = map.local((run_address + plan->run_bytes - 1) / map.atom_bytes() + 1, channel);
  } else {
    index[plan->regular] = place;
  }
}

void StreamCursor::next_run() {
  do {
    unsigned loop = plan->rank;
    for (;;) {
      if (loop == 0) {
        exhausted = true;
        return;
      }
      --loop;
      run_address += plan->stride[loop];
      if (++index[loop] < plan->count[loop]) break;
      run_address -= plan->stride[loop] * plan->count[loop];
      index[loop] = 0;
    }
    ++runs;
    enter_run();
  } while (local == end);
}

}  // namespace dixion::dram
