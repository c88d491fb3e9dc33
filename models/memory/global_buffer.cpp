// SPDX-License-Identifier: Apache-2.0
#include "models/memory/global_buffer.h"

#include <algorithm>

#include "models/interconnect/kernel_time.h"
#include "models/memory/memory_target.h"

namespace dixion {

GlobalBuffer::GlobalBuffer(const sc_core::sc_module_name& name, const AcceleratorConfig& config)
    : sc_module(name),
      clock_(make_clock(config.clock_hz)),
      memory_(global_buffer_array(config)),
      bandwidth_(memory_.array().bytes_per_cycle() * config.clock_hz) {
  aperture.register_b_transport(this, &GlobalBuffer::b_transport);
  aperture.register_transport_dbg(this, &GlobalBuffer::transport_dbg);
  aperture.register_get_direct_mem_ptr(this, &GlobalBuffer::get_direct_mem_ptr);
}

sc_core::sc_time GlobalBuffer::latency() const { return time_of(clock_.edge(kLatencyCycles)); }

void GlobalBuffer::stream(std::uint64_t address, const StreamShape& shape, std::uint32_t passes, bool write,
                          std::uint64_t limit) {
  const std::uint64_t bytes = shape.bytes() * passes;
  (write ? write_bytes_ : read_bytes_) += bytes;
  const Cycles ideal = memory_.array().ideal_cycles(address, shape);
  const StreamCost cost = memory_.array().stream_cost(address, shape);
  const std::uint64_t banks = memory_.array().banks();
  conflict_cycles_ += (cost.cycles - std::min(cost.cycles, (cost.words + banks - 1) / banks)) * passes;
  all_exact_ = all_exact_ && cost.exact;
  if (cost.cycles > ideal) {
    __extension__ using Wide = unsigned __int128;
    const auto slowed = static_cast<std::uint64_t>(Wide{bandwidth_.bytes_per_second()} * ideal / cost.cycles);
    limit = limit == 0 ? slowed : std::min(limit, slowed);
  }
  bandwidth_.transfer(bytes, limit);
}

StatisticsList GlobalBuffer::statistics(const std::string& prefix) const {
  return {{prefix + ".stream_read", "bytes", "bytes that streams of engines and DMA read", read_bytes_},
          {prefix + ".stream_write", "bytes", "bytes that streams of engines and DMA wrote", write_bytes_},
          {prefix + ".bank_conflicts", "accel_cycles",
           "cycles streams needed beyond conflict-free access, because their words share banks", conflict_cycles_,
           all_exact_ ? Fidelity::kExact : Fidelity::kApproximate}};
}

void GlobalBuffer::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  access_memory(txn, memory_.data(), memory_.array().capacity());
  delay += latency();
}

unsigned GlobalBuffer::transport_dbg(tlm::tlm_generic_payload& txn) {
  return debug_memory(txn, memory_.data(), memory_.array().capacity());
}

bool GlobalBuffer::get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  const std::uint64_t capacity = memory_.array().capacity();
  if (txn.get_address() >= capacity) {
    dmi.allow_none();
    dmi.set_start_address(capacity);
    return false;
  }
  dmi.set_dmi_ptr(memory_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(capacity - 1);
  dmi.allow_read_write();
  dmi.set_read_latency(latency());
  dmi.set_write_latency(latency());
  return true;
}

}  // namespace dixion
