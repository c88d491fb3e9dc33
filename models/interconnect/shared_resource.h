// SPDX-License-Identifier: Apache-2.0
/// A bandwidth that several processes share: port, memory channel, banks. One event for the earliest finish; every
/// caller wakes, looks whether it is through, and waits on. Rule of sharing: max_min.h.
#pragma once

#include <cstdint>

#include <systemc>

#include "models/interconnect/max_min.h"

namespace dixion {

class SharedResource {
 public:
  /// `bytes_per_second` > 0. Construct it inside a module.
  explicit SharedResource(std::uint64_t bytes_per_second);
  SharedResource(const SharedResource&) = delete;
  SharedResource& operator=(const SharedResource&) = delete;

  /// A stream that takes its share from `begin` on, or from construction if that is later. Destroying it (also when its
  /// process is killed) gives the share back.
  class Stream {
   public:
    /// `limit` in bytes per second, 0 for none.
    Stream(SharedResource& resource, std::uint64_t bytes, std::uint64_t limit, Ticks begin = 0);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    /// Returns when the bytes have moved. Only from an SC_THREAD.
    void wait_done();

   private:
    SharedResource& resource_;
    MaxMin::StreamId id_;
  };

  /// Moves `bytes` from `begin` on, at once if that has passed, and returns when they are through. Only from an
  /// SC_THREAD.
  void transfer(std::uint64_t bytes, std::uint64_t limit = 0, Ticks begin = 0);
  /// An ordinary access takes its share from `begin`, now or later, on; nobody need wait for it. Returns when it is
  /// through: MaxMin::access.
  [[nodiscard]] Ticks access(Ticks begin, std::uint64_t bytes);
  [[nodiscard]] std::uint64_t bytes_per_second() const { return sharing_.bytes_per_second(); }

 private:
  void notify_earliest();

  MaxMin sharing_;
  sc_core::sc_event finish_;
};

}  // namespace dixion
