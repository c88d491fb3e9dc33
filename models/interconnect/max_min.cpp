// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/max_min.h"

#include <algorithm>

#include "models/common/check.h"

namespace dixion {

MaxMin::MaxMin(std::uint64_t bytes_per_second, Ticks ticks_per_second)
    : bytes_per_second_(bytes_per_second), ticks_per_second_(ticks_per_second) {
  DIXION_CHECK(bytes_per_second > 0 && bytes_per_second < (1ULL << 44), std::to_string(bytes_per_second));
  DIXION_CHECK(ticks_per_second > 0, "no time resolution");
}

MaxMin::StreamId MaxMin::add(Ticks now, std::uint64_t bytes, std::uint64_t limit) {
  advance(now);
  // A limit above the resource's own rate is none.
  const std::uint64_t rate = limit == 0 ? bytes_per_second_ : std::min(limit, bytes_per_second_);
  streams_.push_back({next_id_, static_cast<Wide>(bytes) * kScale * ticks_per_second_, rate * kScale, 0});
  share_out();
  return next_id_++;
}

void MaxMin::remove(Ticks now, StreamId id) {
  advance(now);
  std::erase_if(streams_, [id](const Stream& stream) { return stream.id == id; });
  share_out();
}

void MaxMin::advance(Ticks now) {
  DIXION_CHECK(now >= last_, "time runs backwards");
  const Ticks elapsed = now - last_;
  last_ = now;
  bool departed = false;
  for (Stream& stream : streams_) {
    if (stream.left == 0) continue;
    stream.left -= std::min(stream.left, static_cast<Wide>(stream.rate) * elapsed);
    departed = departed || stream.left == 0;
  }
  if (departed) share_out();
}

bool MaxMin::done(StreamId id) const { return find(id).left == 0; }

std::optional<Ticks> MaxMin::next_finish() const {
  std::optional<Ticks> earliest;
  for (const Stream& stream : streams_) {
    if (stream.left == 0) continue;
    const auto finish = last_ + static_cast<Ticks>((stream.left + stream.rate - 1) / stream.rate);
    earliest = earliest ? std::min(*earliest, finish) : finish;
  }
  return earliest;
}

std::size_t MaxMin::active() const {
  return static_cast<std::size_t>(
      std::count_if(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.left != 0; }));
}

std::uint64_t MaxMin::share(StreamId id) const {
  const Stream& stream = find(id);
  return stream.left == 0 ? 0 : stream.rate / kScale;
}

const MaxMin::Stream& MaxMin::find(StreamId id) const {
  const auto found =
      std::find_if(streams_.begin(), streams_.end(), [id](const Stream& stream) { return stream.id == id; });
  DIXION_CHECK(found != streams_.end(), "stream " + std::to_string(id));
  return *found;
}

// Water filling: whoever has a limit below the equal share of what is left gets the limit; the rest share equally.
void MaxMin::share_out() {
  std::vector<Stream*> waiting;
  for (Stream& stream : streams_) {
    if (stream.left != 0) waiting.push_back(&stream);
  }
  std::stable_sort(waiting.begin(), waiting.end(),
                   [](const Stream* a, const Stream* b) { return a->limit < b->limit; });
  std::uint64_t free = bytes_per_second_ * kScale;
  std::size_t sharers = waiting.size();
  for (Stream* stream : waiting) {
    stream->rate = std::max<std::uint64_t>(1, std::min(stream->limit, free / sharers));
    free -= std::min(free, stream->rate);
    --sharers;
  }
}

}  // namespace dixion
