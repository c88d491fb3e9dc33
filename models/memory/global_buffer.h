// SPDX-License-Identifier: Apache-2.0
/// The accelerator's shared on-chip buffer, managed by software through DMA commands.
/// Models: contents, banks and their map, bandwidth shared among overlapping streams. Omits: ECC, per-bank arbitration
/// between streams (they share bytes per second; a stream that conflicts with itself has a lower limit).
/// Time: kLatencyCycles to the first word, then banks x word_bytes per accel_cycle.
#pragma once

#include <cstdint>
#include <string>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"
#include "models/common/statistics.h"
#include "models/interconnect/shared_resource.h"
#include "models/interconnect/stream_shape.h"
#include "models/memory/banked_memory.h"

namespace dixion {

class GlobalBuffer final : public sc_core::sc_module {
 public:
  GlobalBuffer(const sc_core::sc_module_name& name, const AcceleratorConfig& config);

  /// For harts and debuggers; addresses from 0. Ordinary accesses take kLatencyCycles and are not arbitrated.
  tlm_utils::simple_target_socket<GlobalBuffer, 64> aperture{"aperture"};

  [[nodiscard]] BankedMemory& memory() { return memory_; }
  /// Time of one access; assumed: one accel_cycle for the crossbar each way, one for the bank.
  static constexpr Cycles kLatencyCycles = 3;
  [[nodiscard]] sc_core::sc_time latency() const;

  /// Waits until `passes` passes over the stream at `address` (from 0; the caller checked the span) have moved, without
  /// latency(). `limit` in bytes per second, 0 for none. Only from an SC_THREAD.
  void stream(std::uint64_t address, const StreamShape& shape, std::uint32_t passes, bool write, std::uint64_t limit);

  /// Names start with `prefix`, e.g. "accelerator.global_buffer".
  [[nodiscard]] StatisticsList statistics(const std::string& prefix) const;

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);

  Clock clock_;
  BankedMemory memory_;
  SharedResource bandwidth_;
  std::uint64_t read_bytes_ = 0;
  std::uint64_t write_bytes_ = 0;
  std::uint64_t conflict_cycles_ = 0;
  bool all_exact_ = true;  ///< no stream's conflicts were scaled up
};

}  // namespace dixion
