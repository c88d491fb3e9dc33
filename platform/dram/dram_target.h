// SPDX-License-Identifier: Apache-2.0
/// The TLM shell of core.h. What it models and how it answers: dram_system.h.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_get.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/common/statistics.h"
#include "models/interconnect/kernel_time.h"
#include "models/interconnect/requester_latency.h"
#include "models/interconnect/stream_extension.h"
#include "platform/dram/core.h"
#include "platform/dram/dram_traffic.h"
#include "platform/dram/mapped_memory.h"

namespace dixion {

class DramTarget final : public sc_core::sc_module {
 public:
  /// `config` is valid, `outstanding` at least 1.
  DramTarget(const sc_core::sc_module_name& name, const dram::CoreConfig& config, std::uint64_t controller_ps,
             unsigned outstanding);
  ~DramTarget() override;

  tlm_utils::simple_target_socket<DramTarget, 64> port{"port"};  ///< addresses from 0

  /// Contents, for loaders and tests.
  [[nodiscard]] unsigned char* data() { return store_.data(); }
  [[nodiscard]] std::uint64_t size() const { return store_.size(); }
  [[nodiscard]] StatisticsList statistics(const std::string& prefix);

 private:
  /// Removes a stream whose caller was killed.
  class Guard;

  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  void stream(tlm::tlm_generic_payload& txn, StreamExtension& stream, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);

  // Four phases (dram_system_at.cpp).
  void take_requests();
  void begin(tlm::tlm_generic_payload& txn);
  void enter_requests();
  void collect_answers();
  void send_answers();
  void end_answer();

  void on_event();
  void schedule();
  [[nodiscard]] bool contains(std::uint64_t address, std::uint64_t length) const;
  /// From the port to the channel.
  [[nodiscard]] sc_core::sc_time latency(bool write) const { return write ? write_latency_ : read_latency_; }

  MappedMemory store_;
  dram::Core core_;
  Clock clock_;
  sc_core::sc_time read_latency_;
  sc_core::sc_time write_latency_;
  DramTraffic traffic_;
  RequesterLatency waiting_{ticks_per_second()};
  sc_core::sc_event next_;   // the core wants to be advanced
  sc_core::sc_event moved_;  // it was

  tlm_utils::peq_with_get<tlm::tlm_generic_payload> requests_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> entering_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> ended_;
  sc_core::sc_event answer_;
  const unsigned outstanding_;
  unsigned taken_ = 0;                                                  // requests from END_REQ to END_RESP
  std::deque<tlm::tlm_generic_payload*> held_;                          // END_REQ still to be sent
  std::unordered_map<const tlm::tlm_generic_payload*, Ticks> arrived_;  // BEGIN_REQ, until BEGIN_RESP
  std::map<dram::Core::Id, tlm::tlm_generic_payload*> in_flight_;
  std::deque<tlm::tlm_generic_payload*> answers_;  // in the order they became ready
  tlm::tlm_generic_payload* answering_ = nullptr;  // BEGIN_RESP sent, END_RESP not seen
};

}  // namespace dixion
