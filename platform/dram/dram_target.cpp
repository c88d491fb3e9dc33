// SPDX-License-Identifier: Apache-2.0
/// Blocking transport, streams, DMI. Four phases: dram_target_at.cpp.
#include "platform/dram/dram_target.h"

#include "models/interconnect/kernel_time.h"
#include "models/interconnect/requester_extension.h"
#include "models/memory/memory_target.h"

namespace dixion {

namespace {

/// So many clocks, rounded up.
sc_core::sc_time duration(const Clock& clock, Cycles cycles) { return time_of(clock.edge(cycles)); }

}  // namespace

/// A stream in the core for as long as its caller waits.
class DramTarget::Guard {
 public:
  Guard(DramTarget& system, dram::Core::Id id) : system_(system), id_(id) { system_.schedule(); }
  ~Guard() {
    system_.core_.remove(system_.clock_.next_cycle(ticks_now()), id_);
    system_.schedule();
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  DramTarget& system_;
  dram::Core::Id id_;
};

DramTarget::DramTarget(const sc_core::sc_module_name& name, const dram::CoreConfig& config, std::uint64_t controller_ps,
                       unsigned outstanding)
    : sc_module(name),
      store_(config.capacity_bytes, "soc.memory.dram.capacity_bytes"),
      core_(config),
      clock_(make_clock(config.preset.clock_hz)),
      requests_("requests"),
      entering_("entering"),
      ended_("ended"),
      outstanding_(outstanding) {
  const sc_core::sc_time controller(static_cast<double>(controller_ps), sc_core::SC_PS);
  read_latency_ = controller + duration(clock_, config.preset.timing.cl);
  write_latency_ = controller + duration(clock_, config.preset.timing.cwl);
  port.register_b_transport(this, &DramTarget::b_transport);
  port.register_nb_transport_fw(this, &DramTarget::nb_transport_fw);
  port.register_transport_dbg(this, &DramTarget::transport_dbg);
  port.register_get_direct_mem_ptr(this, &DramTarget::get_direct_mem_ptr);
  const auto spawn = [](auto body, const sc_core::sc_event& event, const char* process) {
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&event);
    sc_core::sc_spawn(body, process, &options);
  };
  spawn([this] { on_event(); }, next_, "advance");
  spawn([this] { take_requests(); }, requests_.get_event(), "take_requests");
  spawn([this] { enter_requests(); }, entering_.get_event(), "enter_requests");
  spawn([this] { end_answer(); }, ended_.get_event(), "end_answer");
  spawn([this] { send_answers(); }, answer_, "send_answers");
}

DramTarget::~DramTarget() = default;

void DramTarget::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  auto* extension = txn.get_extension<StreamExtension>();
  if (extension != nullptr && txn.get_command() == tlm::TLM_IGNORE_COMMAND) {
    stream(txn, *extension, delay);
    return;
  }
  access_memory(txn, store_.data(), store_.size());
  if (extension != nullptr) {
    // The probe: whoever asks may send streams. It costs nothing, as it exists in the simulation only.
    extension->acknowledged = true;
    return;
  }
  if (txn.is_response_error() || txn.get_command() == tlm::TLM_IGNORE_COMMAND) return;
  const Requester requester = requester_of(txn);
  const sc_core::sc_time request = sc_core::sc_time_stamp() + delay;
  const sc_core::sc_time arrival = request + latency(txn.is_write());
  const Cycles finish = core_.run_access(clock_.next_cycle(arrival.value()), txn.get_address(), txn.get_data_length(),
                                         txn.is_write(), requester);
  delay = time_of(clock_.edge(finish)) - sc_core::sc_time_stamp();
  traffic_.add(requester, txn.is_write(), txn.get_data_length());
  waiting_.access(requester, clock_.edge(finish) - request.value());
  schedule();
}

void DramTarget::stream(tlm::tlm_generic_payload& txn, StreamExtension& stream, sc_core::sc_time& delay) {
  stream.acknowledged = true;
  if (!contains(txn.get_address(), stream.shape.span())) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const bool write = stream.direction == StreamExtension::Direction::kWrite;
  traffic_.add(stream.requester, write, stream.total_bytes);
  const Ticks begin = ticks_now();
  // The stream competes from the moment its request arrives, so the annotated delay is waited out first.
  const sc_core::sc_time arrival = delay + (stream.back_to_back ? sc_core::SC_ZERO_TIME : latency(write));
  delay = sc_core::SC_ZERO_TIME;
  if (arrival != sc_core::SC_ZERO_TIME) wait(arrival);
  const dram::Core::Id id = core_.add_stream(
      clock_.next_cycle(ticks_now()),
      {txn.get_address(), stream.shape, stream.total_bytes, write, stream.max_bytes_per_second, stream.requester});
  {
    const Guard guard(*this, id);
    while (!core_.done(id)) wait(moved_);
    waiting_.stream(stream.requester, ticks_now() - begin);
  }
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

void DramTarget::on_event() {
  core_.advance(clock_.cycle(ticks_now()));
  collect_answers();
  moved_.notify();
  schedule();
}

void DramTarget::schedule() {
  next_.cancel();
  const Cycles cycle = core_.next_event();
  if (cycle == dram::Core::kNothing) return;
  const Ticks at = clock_.edge(cycle);
  next_.notify(time_of(at > ticks_now() ? at - ticks_now() : 0));
}

unsigned DramTarget::transport_dbg(tlm::tlm_generic_payload& txn) {
  return debug_memory(txn, store_.data(), store_.size());
}

bool DramTarget::get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  if (txn.get_address() >= store_.size()) {
    dmi.allow_none();
    dmi.set_start_address(store_.size());
    return false;
  }
  const dram::Timing& timing = core_.config().preset.timing;
  dmi.set_dmi_ptr(store_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(store_.size() - 1);
  dmi.allow_read_write();
  dmi.set_read_latency(read_latency_ + duration(clock_, timing.rcd_read));
  dmi.set_write_latency(write_latency_ + duration(clock_, timing.rcd_write));
  return true;
}

bool DramTarget::contains(std::uint64_t address, std::uint64_t length) const {
  return address < store_.size() && length <= store_.size() - address;
}

}  // namespace dixion
