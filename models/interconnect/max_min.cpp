// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/max_min.h"

#include <algorithm>

#include "models/common/check.h"

namespace dixion {
namespace {

constexpr Ticks kNever = ~Ticks{0};

}  // namespace

MaxMin::MaxMin(std::uint64_t bytes_per_second, Ticks ticks_per_second)
    : bytes_per_second_(bytes_per_second), ticks_per_second_(ticks_per_second) {
  DIXION_CHECK(bytes_per_second > 0 && bytes_per_second < (1ULL << 44), std::to_string(bytes_per_second));
  DIXION_CHECK(ticks_per_second > 0, "no time resolution");
}

MaxMin::StreamId MaxMin::add(Ticks now, std::uint64_t bytes, std::uint64_t limit, Ticks begin) {
  advance(now);
  // A limit above the resource's own rate is none.
  const std::uint64_t rate = limit == 0 ? bytes_per_second_ : std::min(limit, bytes_per_second_);
  return join(begin, {next_id_++, units(bytes), rate * kScale, 0, false});
}

Ticks MaxMin::access(Ticks now, Ticks begin, std::uint64_t bytes) {
  DIXION_CHECK(bytes > 0 && begin >= now, "an access of nothing, or in the past");
  advance(now);
  const bool alone = later_.empty() && active() == 0;
  const std::uint64_t all = bytes_per_second_ * kScale;
  const Stream access{next_id_++, units(bytes), all, all, true};
  join(begin, access);
  if (alone) return begin + static_cast<Ticks>((access.left + access.rate - 1) / access.rate);

  MaxMin ahead = *this;
  while (ahead.lookup(access.id) != nullptr) ahead.step(ahead.next_change());
  return ahead.last_;
}

MaxMin::StreamId MaxMin::join(Ticks begin, const Stream& stream) {
  if (begin > last_) {
    const auto after = std::upper_bound(later_.begin(), later_.end(), begin,
                                        [](Ticks time, const Later& later) { return time < later.begin; });
    later_.insert(after, {begin, stream});
  } else {
    streams_.push_back(stream);
    share_out();
  }
  return stream.id;
}

void MaxMin::remove(Ticks now, StreamId id) {
  advance(now);
  std::erase_if(streams_, [id](const Stream& stream) { return stream.id == id; });
  std::erase_if(later_, [id](const Later& later) { return later.stream.id == id; });
  share_out();
}

void MaxMin::advance(Ticks now) {
  DIXION_CHECK(now >= last_, "time runs backwards");
  // Someone looks when a stream ends. Others come and go unseen.
  while (unsettled() && next_change() < now) step(next_change());
  step(now);
}

void MaxMin::step(Ticks to) {
  const Ticks elapsed = to - last_;
  last_ = to;
  bool changed = false;
  for (Stream& stream : streams_) {
    if (stream.left == 0) continue;
    stream.left -= std::min(stream.left, static_cast<Wide>(stream.rate) * elapsed);
    changed = changed || stream.left == 0;
  }
  if (changed) std::erase_if(streams_, [](const Stream& stream) { return stream.access && stream.left == 0; });
  while (!later_.empty() && later_.front().begin <= last_) {
    streams_.push_back(later_.front().stream);
    later_.erase(later_.begin());
    changed = true;
  }
  if (changed) share_out();
}

bool MaxMin::unsettled() const {
  return !later_.empty() ||
         std::any_of(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.access; });
}

std::size_t MaxMin::unfinished_streams() const {
  const auto present = std::count_if(streams_.begin(), streams_.end(),
                                     [](const Stream& stream) { return stream.left != 0 && !stream.access; });
  const auto to_come =
      std::count_if(later_.begin(), later_.end(), [](const Later& later) { return !later.stream.access; });
  return static_cast<std::size_t>(present + to_come);
}

Ticks MaxMin::next_departure() const {
  Ticks earliest = kNever;
  for (const Stream& stream : streams_) {
    if (stream.left == 0) continue;
    earliest = std::min(earliest, last_ + static_cast<Ticks>((stream.left + stream.rate - 1) / stream.rate));
  }
  return earliest;
}

Ticks MaxMin::next_change() const {
  return later_.empty() ? next_departure() : std::min(next_departure(), later_.front().begin);
}

bool MaxMin::done(StreamId id) const {
  const bool to_come =
      std::any_of(later_.begin(), later_.end(), [id](const Later& later) { return later.stream.id == id; });
  return !to_come && find(id).left == 0;
}

std::optional<Ticks> MaxMin::next_finish() const {
  const std::size_t streams = unfinished_streams();
  if (streams == 0) return std::nullopt;
  if (!unsettled()) return next_departure();
  MaxMin ahead = *this;
  while (ahead.unfinished_streams() == streams) ahead.step(ahead.next_change());
  return ahead.last_;
}

std::size_t MaxMin::active() const {
  return static_cast<std::size_t>(
      std::count_if(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.left != 0; }));
}

std::uint64_t MaxMin::share(StreamId id) const {
  const Stream& stream = find(id);
  return stream.left == 0 ? 0 : stream.rate / kScale;
}

const MaxMin::Stream* MaxMin::lookup(StreamId id) const {
  for (const Stream& stream : streams_) {
    if (stream.id == id) return &stream;
  }
  for (const Later& later : later_) {
    if (later.stream.id == id) return &later.stream;
  }
  return nullptr;
}

const MaxMin::Stream& MaxMin::find(StreamId id) const {
  const Stream* stream = lookup(id);
  DIXION_CHECK(stream != nullptr, "stream " + std::to_string(id));
  return *stream;
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
