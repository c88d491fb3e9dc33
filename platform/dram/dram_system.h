// SPDX-License-Identifier: Apache-2.0
/// DRAM with the timing of a real one: the TLM shell of core.h.
/// Models: contents (committed by the workstation only where touched, zero at first); channels, banks, rows, refresh,
/// arbitration burst by burst between streams and accesses. Omits: power-down, ECC, several ranks, RFM.
/// Time: a request takes `controller_ps` and cl (cwl for writes) before it reaches its channel, then what the channel
/// makes of it. An ordinary access by b_transport annotates its delay and returns; a stream waits until its last byte.
/// Four phases: END_REQ when the request is taken, BEGIN_RESP when its data are through, one response at a time.
/// DMI is granted for all of it, with the latency of a closed row. Streams: models/interconnect/stream_extension.h.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_get.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/common/statistics.h"
#include "models/interconnect/stream_extension.h"
#include "platform/dram/core.h"
#include "platform/dram/mapped_memory.h"

namespace dixion {

struct DramSystemConfig {
  dram::CoreConfig core;
  std::uint64_t controller_ps = 20'000;  ///< from the port to the channel and back, assumed
  unsigned outstanding = 64;             ///< four-phase requests taken before the first is answered, at least 1
};

class DramSystem final : public sc_core::sc_module {
 public:
  /// Throws ConfigError for what cannot be.
  static void validate(const DramSystemConfig& config);

  DramSystem(const sc_core::sc_module_name& name, const DramSystemConfig& config);
  ~DramSystem() override;

  tlm_utils::simple_target_socket<DramSystem, 64> port{"port"};  ///< addresses from 0

  /// Contents, for loaders and tests.
  [[nodiscard]] unsigned char* data() { return store_.data(); }
  [[nodiscard]] std::uint64_t size() const { return store_.size(); }
  /// As of now. Names start with `prefix`, e.g. "dram"; commands for energy, per requester bytes, row hits, latencies.
  [[nodiscard]] StatisticsList statistics(const std::string& prefix);

 private:
  struct Transaction;
  /// Removes a stream whose caller was killed.
  class Guard;

  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  void stream(tlm::tlm_generic_payload& txn, StreamExtension& stream, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);

  void take_request();
  void begin(tlm::tlm_generic_payload& txn);
  void collect_answers();
  void send_answer();
  void on_event();
  void schedule();
  void advance();
  [[nodiscard]] dram::Cycles arrival(Ticks at, bool write) const;
  [[nodiscard]] Ticks latency(bool write) const;

  DramSystemConfig config_;
  MappedMemory store_;
  dram::Core core_;
  Clock clock_;
  Ticks controller_;
  sc_core::sc_event next_;    // the core wants to be advanced
  sc_core::sc_event moved_;   // it was

  // Four phases.
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> requests_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> ended_;
  sc_core::sc_event answer_;
  std::deque<tlm::tlm_generic_payload*> held_;     // END_REQ still to be sent
  std::map<dram::Core::Id, tlm::tlm_generic_payload*> in_flight_;
  std::deque<tlm::tlm_generic_payload*> answers_;  // finished, in this order
  tlm::tlm_generic_payload* answering_ = nullptr;  // BEGIN_RESP sent, END_RESP not seen
};

}  // namespace dixion
