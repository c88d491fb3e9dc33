// SPDX-License-Identifier: Apache-2.0
/// The four phases of the base protocol, IEEE 1666-2011 section 15.
#include "models/interconnect/kernel_time.h"
#include "models/interconnect/requester_extension.h"
#include "models/memory/memory_target.h"
#include "platform/dram/dram_target.h"

namespace dixion {

tlm::tlm_sync_enum DramTarget::nb_transport_fw(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase,
                                               sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    if (txn.has_mm()) txn.acquire();
    requests_.notify(txn, delay);
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_RESP && &txn == answering_) {
    ended_.notify(txn, delay);
    return tlm::TLM_COMPLETED;
  }
  SC_REPORT_ERROR("dixion/dram/protocol", "neither BEGIN_REQ nor the END_RESP of the response under way");
  return tlm::TLM_ACCEPTED;
}

void DramTarget::take_requests() {
  while (tlm::tlm_generic_payload* txn = requests_.get_next_transaction()) {
    arrived_[txn] = ticks_now();
    if (taken_ < outstanding_) {
      begin(*txn);
    } else {
      held_.push_back(txn);
    }
  }
}

void DramTarget::begin(tlm::tlm_generic_payload& txn) {
  ++taken_;
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  port->nb_transport_bw(txn, phase, delay);
  entering_.notify(txn, latency(txn.is_write()));
}

void DramTarget::enter_requests() {
  while (tlm::tlm_generic_payload* txn = entering_.get_next_transaction()) {
    if (txn->get_command() == tlm::TLM_IGNORE_COMMAND || !contains(txn->get_address(), txn->get_data_length())) {
      answers_.push_back(txn);
      answer_.notify(sc_core::SC_ZERO_TIME);
      continue;
    }
    const dram::Core::Id id = core_.add_access(clock_.next_cycle(ticks_now()), txn->get_address(),
                                               txn->get_data_length(), txn->is_write(), requester_of(*txn));
    in_flight_.emplace(id, txn);
  }
  schedule();
}

void DramTarget::collect_answers() {
  for (auto entry = in_flight_.begin(); entry != in_flight_.end();) {
    if (!core_.done(entry->first)) {
      ++entry;
      continue;
    }
    tlm::tlm_generic_payload& txn = *entry->second;
    answers_.push_back(&txn);
    answer_.notify(sc_core::SC_ZERO_TIME);
    const Cycles finish = core_.finish(entry->first);
    core_.remove(finish, entry->first);
    waiting_.access(requester_of(txn), clock_.edge(finish) - arrived_.at(&txn));
    entry = in_flight_.erase(entry);
  }
}

void DramTarget::send_answers() {
  if (answering_ != nullptr || answers_.empty()) return;
  tlm::tlm_generic_payload& txn = *answers_.front();
  answers_.pop_front();
  arrived_.erase(&txn);
  access_memory(txn, store_.data(), store_.size());
  if (txn.is_response_ok() && txn.get_command() != tlm::TLM_IGNORE_COMMAND) {
    traffic_.add(requester_of(txn), txn.is_write(), txn.get_data_length());
  }
  answering_ = &txn;
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum status = port->nb_transport_bw(txn, phase, delay);
  const bool ended = status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
  if (ended) ended_.notify(txn, delay);
}

void DramTarget::end_answer() {
  while (tlm::tlm_generic_payload* txn = ended_.get_next_transaction()) {
    answering_ = nullptr;
    --taken_;
    if (txn->has_mm()) txn->release();
  }
  while (taken_ < outstanding_ && !held_.empty()) {
    tlm::tlm_generic_payload& txn = *held_.front();
    held_.pop_front();
    begin(txn);
  }
  answer_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace dixion
