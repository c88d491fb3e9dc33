// SPDX-License-Identifier: Apache-2.0
/// The accelerator's way to memory: global buffer by address, everything else through the initiator socket.
/// Models: streams with latency and shared bandwidth; the width of the port. Omits: address translation, caches.
///
/// An address range behind the socket is a *stream route* if the target grants DMI for it and acknowledges the stream
/// extension: there bytes move by DMI pointer in no time, and streams carry the time. Everything else is a *burst
/// route*: bytes move in ordinary READ and WRITE bursts that take their time when the bytes are needed, and a stream
/// only adds the passes beyond the first. So foreign buses and memories work, without overlap of memory and compute.
/// Read next: MemoryPort::stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"
#include "models/common/engine.h"
#include "models/common/execution.h"
#include "models/common/memory_access.h"
#include "models/common/statistics.h"
#include "models/interconnect/shared_resource.h"
#include "models/interconnect/stream_extension.h"

namespace dixion {

class GlobalBuffer;

class MemoryPort final : public sc_core::sc_module {
 public:
  /// What a requester tells about one stream.
  struct StreamRequest {
    TensorView view;  ///< rank >= 1
    std::uint32_t passes = 1;
    bool write = false;
    bool back_to_back = false;  ///< see StreamExtension
    Requester requester = Requester::kOther;
    std::uint64_t command_id = 0;
    std::uint64_t max_bytes_per_second = 0;  ///< 0 means no limit
  };

  MemoryPort(const sc_core::sc_module_name& name, const AcceleratorConfig& config, GlobalBuffer& buffer);
  ~MemoryPort() override;

  tlm_utils::simple_initiator_socket<MemoryPort, 64> memory{"memory"};  ///< DRAM and whatever else the bus reaches

  /// Bytes without time on stream routes, with time on burst routes: only from an SC_THREAD. Bursts say that they are
  /// `requester`'s.
  MemoryAccess& bytes(Requester requester = Requester::kOther) { return bytes_[static_cast<std::size_t>(requester)]; }
  /// Ordinary accesses with their time. Only from an SC_THREAD.
  TimedMemory& timed(Requester requester = Requester::kOther) { return timed_[static_cast<std::size_t>(requester)]; }
  /// Returns when the stream's bytes would have moved; false on a bus error. Only from an SC_THREAD.
  [[nodiscard]] bool stream(const StreamRequest& request);
  /// What bytes() would do to read or write all of `view` (rank >= 1), with bytes that mean nothing: on a burst route
  /// the same bursts in the same time (zeros are written), elsewhere only the check. False on a bus error. Only from an
  /// SC_THREAD.
  [[nodiscard]] bool touch(const TensorView& view, bool write, Requester requester = Requester::kOther);
  /// Time until the first byte of a stream arrives when nobody else is using the memory; 0 on a burst route. Only from
  /// an SC_THREAD.
  [[nodiscard]] sc_core::sc_time first_byte_latency(const TensorView& view, bool write);
  /// True if `address` belongs to the global buffer rather than to what lies behind the socket.
  [[nodiscard]] static bool in_buffer(std::uint64_t address) { return address >= DIXION_GLOBAL_BUFFER_BASE; }

  /// Names start with `prefix`, e.g. "accelerator.memory_port".
  [[nodiscard]] StatisticsList statistics(const std::string& prefix) const;

 private:
  class Bytes final : public MemoryAccess {
   public:
    Bytes(MemoryPort& port, Requester requester) : port_(port), requester_(requester) {}
    bool read(std::uint64_t address, void* destination, std::size_t length) override;
    bool write(std::uint64_t address, const void* source, std::size_t length) override;

   private:
    MemoryPort& port_;
    Requester requester_;
  };
  class Timed final : public TimedMemory {
   public:
    Timed(MemoryPort& port, Requester requester) : port_(port), requester_(requester) {}
    bool read(std::uint64_t address, void* destination, std::size_t length) override;
    bool write(std::uint64_t address, const void* source, std::size_t length) override;
    bool contains(std::uint64_t address, std::uint64_t length) override;

   private:
    MemoryPort& port_;
    Requester requester_;
  };
  /// Whether a range's target understands streams.
  enum class Probe : std::uint8_t { kNotYet, kAcknowledged, kRefused };
  /// A granted DMI region.
  struct Route {
    std::uint64_t start;
    std::uint64_t end;  // inclusive
    unsigned char* pointer;
    bool read;
    bool write;
    Probe streams;
    sc_core::sc_time read_latency;
    sc_core::sc_time write_latency;
  };

  /// The granted region that holds [address, address + length) with this direction; null if there is none. The
  /// pointer is not to be kept across a wait.
  const Route* granted(std::uint64_t address, std::uint64_t length, bool write);
  /// The same, if streams are understood there as well.
  const Route* stream_route(std::uint64_t address, std::uint64_t length, bool write);
  [[nodiscard]] bool probe(std::uint64_t address, std::uint64_t length);
  [[nodiscard]] bool bursts(std::uint64_t address, unsigned char* data, std::uint64_t length, bool write,
                            Requester requester);
  [[nodiscard]] bool burst(std::uint64_t address, unsigned char* data, unsigned length, bool write,
                           Requester requester);
  [[nodiscard]] bool buffer_stream(const StreamRequest& request);
  [[nodiscard]] bool socket_stream(const StreamRequest& request);
  [[nodiscard]] bool dummy_bursts(std::uint64_t address, std::uint64_t length, bool write, Requester requester);
  [[nodiscard]] bool burst_stream(const StreamRequest& request, const StreamShape& shape);
  void invalidate(sc_dt::uint64 start, sc_dt::uint64 end);

  struct Traffic {
    std::uint64_t streamed_read = 0, streamed_write = 0, burst_read = 0, burst_write = 0;
    std::uint64_t buffer_read = 0, buffer_write = 0;
  };

  std::deque<Bytes> bytes_;  // one per requester
  std::deque<Timed> timed_;
  GlobalBuffer& buffer_;
  unsigned burst_bytes_;
  SharedResource width_;  // the port itself: all streams through the socket together
  std::vector<Route> routes_;
  std::vector<unsigned char> scratch_;  // destination of bursts whose bytes nobody needs
  std::vector<unsigned char> zeros_;    // source of bursts that have no bytes of their own
  Traffic traffic_;
};

}  // namespace dixion
