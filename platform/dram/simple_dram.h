// SPDX-License-Identifier: Apache-2.0
/// DRAM with a fixed latency and a fixed bandwidth.
/// Models: contents (committed by the workstation only where touched, zero at first), streams and ordinary accesses
/// that share bandwidth max-min fairly. Omits: banks, rows, refresh; DMI is not arbitrated. Time: latency, then its
/// share. An ordinary access annotates both and returns; a stream waits out the annotated delay and both. Streams:
/// models/interconnect/stream_extension.h.
#pragma once

#include <cstdint>
#include <string>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "models/common/statistics.h"
#include "models/interconnect/requester_latency.h"
#include "models/interconnect/shared_resource.h"
#include "models/interconnect/stream_extension.h"
#include "platform/dram/dram_traffic.h"
#include "platform/dram/mapped_memory.h"

namespace dixion {

struct SimpleDramConfig {
  std::uint64_t capacity_bytes = 8ULL << 30;
  std::uint64_t bytes_per_second = 51'200'000'000;  ///< LPDDR5-6400, 64 bit
  std::uint64_t latency_ps = 100'000;               ///< from request to first byte
};

class SimpleDram final : public sc_core::sc_module {
 public:
  /// Throws ConfigError (keys "soc.memory.simple....") for a capacity or bandwidth out of range.
  static void validate(const SimpleDramConfig& config);

  SimpleDram(const sc_core::sc_module_name& name, const SimpleDramConfig& config);

  tlm_utils::simple_target_socket<SimpleDram, 64> port{"port"};  ///< addresses from 0

  /// Contents, for loaders and tests.
  [[nodiscard]] unsigned char* data() { return store_.data(); }
  [[nodiscard]] std::uint64_t size() const { return store_.size(); }
  /// Names start with `prefix`, e.g. "dram".
  [[nodiscard]] StatisticsList statistics(const std::string& prefix) const;

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  void stream(tlm::tlm_generic_payload& txn, StreamExtension& stream, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);
  [[nodiscard]] bool contains(std::uint64_t address, std::uint64_t length) const;

  MappedMemory store_;
  sc_core::sc_time latency_;
  SharedResource bandwidth_;
  DramTraffic traffic_;
  RequesterLatency waiting_;
};

}  // namespace dixion
