// SPDX-License-Identifier: Apache-2.0
/// Max-min fair sharing of one resource's bytes per second among overlapping streams, in integers.
/// What is left of a stream is kept as bytes x 720720 x ticks per second: 720720 = lcm(1..16), so the share of up to
/// 16 equal streams is exact; otherwise a departure is late by one tick at most.
///
/// Ordinary accesses take part like streams, but are told their finish when they ask: it counts all that is known by
/// then, also what joins later only. Whoever comes after that shares with them, and does not move that finish.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/common/clock.h"

namespace dixion {

class MaxMin {
 public:
  using StreamId = std::uint64_t;

  /// Both above 0; bytes_per_second below 2^44 (17 TB/s).
  MaxMin(std::uint64_t bytes_per_second, Ticks ticks_per_second);

  /// A stream of `bytes` joins at `begin`, at `now` if that is earlier. It never takes more than `limit` bytes per
  /// second; 0 means no limit. `now` never runs backwards over all calls.
  StreamId add(Ticks now, std::uint64_t bytes, std::uint64_t limit = 0, Ticks begin = 0);
  /// An ordinary access of `bytes` (above 0) joins at `begin`, `now` or later, and leaves by itself when it is through.
  /// Returns when that is, if no other joins and no stream is removed before it is done.
  Ticks access(Ticks now, Ticks begin, std::uint64_t bytes);
  /// The stream leaves, finished or not.
  void remove(Ticks now, StreamId id);
  /// Moves all streams forward to `now`.
  void advance(Ticks now);
  /// As of the last advance, add or remove.
  [[nodiscard]] bool done(StreamId id) const;
  /// Earliest time at which a stream finishes if none joins or leaves before; none if all are done. Accesses are
  /// no streams.
  [[nodiscard]] std::optional<Ticks> next_finish() const;
  /// Streams and accesses that have joined and are not done.
  [[nodiscard]] std::size_t active() const;
  /// Bytes per second that `id` gets now, rounded down.
  [[nodiscard]] std::uint64_t share(StreamId id) const;
  [[nodiscard]] std::uint64_t bytes_per_second() const { return bytes_per_second_; }

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr std::uint64_t kScale = 720720;

  struct Stream {
    StreamId id;
    Wide left;            // bytes x kScale x ticks per second
    std::uint64_t limit;  // bytes per second x kScale
    std::uint64_t rate;   // bytes per second x kScale, that is: units of `left` per tick
    bool access = false;  // leaves by itself
  };
  struct Later {
    Ticks begin;
    Stream stream;
  };
  [[nodiscard]] const Stream* lookup(StreamId id) const;
  [[nodiscard]] const Stream& find(StreamId id) const;
  [[nodiscard]] Wide units(std::uint64_t bytes) const { return static_cast<Wide>(bytes) * kScale * ticks_per_second_; }
  StreamId join(Ticks begin, const Stream& stream);
  /// What is present changes, though no stream ends.
  [[nodiscard]] bool unsettled() const;
  [[nodiscard]] std::size_t unfinished_streams() const;
  [[nodiscard]] Ticks next_departure() const;
  [[nodiscard]] Ticks next_change() const;
  void step(Ticks to);
  void share_out();

  std::uint64_t bytes_per_second_;
  Ticks ticks_per_second_;
  Ticks last_ = 0;
  StreamId next_id_ = 0;
  std::vector<Stream> streams_;  // in order of joining
  std::vector<Later> later_;     // have not joined yet, by time
};

}  // namespace dixion
