// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/stream_cursor.h"

namespace dixion::dram {

namespace {

/// Runs of this many atoms in each channel count as long.
constexpr std::uint64_t kLongAtoms = 512;

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
  long_runs = rank == 0 || run_bytes >= kLongAtoms * map->channels() * map->atom_bytes();
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
