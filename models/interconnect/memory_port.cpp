// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/memory_port.h"

#include <algorithm>
#include <cstring>

#include "models/interconnect/attached_extension.h"
#include "models/interconnect/kernel_time.h"
#include "models/interconnect/requester_extension.h"
#include "models/memory/global_buffer.h"

namespace dixion {
namespace {

constexpr unsigned kBeatBytes = 8;  // width of the socket

std::uint64_t buffer_offset(std::uint64_t address) { return address - DIXION_GLOBAL_BUFFER_BASE; }

/// All attributes of an ordinary transaction, as the base protocol wants them before every call.
void set_up(tlm::tlm_generic_payload& txn, tlm::tlm_command command, std::uint64_t address, unsigned char* data,
            unsigned length) {
  txn.set_command(command);
  txn.set_address(address);
  txn.set_data_ptr(data);
  txn.set_data_length(length);
  txn.set_streaming_width(length);
  txn.set_byte_enable_ptr(nullptr);
  txn.set_byte_enable_length(0);
  txn.set_dmi_allowed(false);
  txn.set_gp_option(tlm::TLM_MIN_PAYLOAD);
  txn.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

tlm::tlm_command command_of(bool write) { return write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND; }

}  // namespace

MemoryPort::MemoryPort(const sc_core::sc_module_name& name, const AcceleratorConfig& config, GlobalBuffer& buffer)
    : sc_module(name),
      buffer_(buffer),
      burst_bytes_(config.burst_bytes),
      width_(config.clock_hz * config.memory_bytes_per_cycle),
      scratch_(config.burst_bytes),
      zeros_(config.burst_bytes) {
  memory.register_invalidate_direct_mem_ptr(this, &MemoryPort::invalidate);
  for (unsigned i = 0; i < kRequesters; ++i) {
    bytes_.emplace_back(*this, static_cast<Requester>(i));
    timed_.emplace_back(*this, static_cast<Requester>(i));
  }
}

MemoryPort::~MemoryPort() = default;

bool MemoryPort::stream(const StreamRequest& request) {
  if (in_buffer(request.view.address)) return buffer_stream(request);
  return socket_stream(request);
}

bool MemoryPort::buffer_stream(const StreamRequest& request) {
  const StreamShape shape = stream_shape(request.view);
  const std::uint64_t offset = buffer_offset(request.view.address);
  if (!buffer_.memory().contains(offset, shape.span())) return false;
  (request.write ? traffic_.buffer_write : traffic_.buffer_read) += shape.bytes() * request.passes;
  if (!request.back_to_back) wait(buffer_.latency());
  buffer_.stream(offset, shape, request.passes, request.write, request.max_bytes_per_second);
  return true;
}

bool MemoryPort::socket_stream(const StreamRequest& request) {
  const StreamShape shape = stream_shape(request.view);
  if (stream_route(request.view.address, shape.span(), request.write) == nullptr) return burst_stream(request, shape);

  StreamExtension extension;
  extension.direction = request.write ? StreamExtension::Direction::kWrite : StreamExtension::Direction::kRead;
  extension.shape = in_address_order(shape);
  extension.total_bytes = shape.bytes() * request.passes;
  extension.max_bytes_per_second = request.max_bytes_per_second;
  extension.back_to_back = request.back_to_back;
  extension.requester = request.requester;
  extension.command_id = request.command_id;
  (request.write ? traffic_.streamed_write : traffic_.streamed_read) += extension.total_bytes;

  unsigned char beat[kBeatBytes] = {};
  tlm::tlm_generic_payload txn;
  set_up(txn, tlm::TLM_IGNORE_COMMAND, request.view.address, beat,
         static_cast<unsigned>(std::min<std::uint64_t>(kBeatBytes, shape.span())));
  const AttachedExtension attached(txn, extension);
  // The port is as busy with these bytes as the memory is: both are passed when the slower one is through.
  SharedResource::Stream through_port(width_, extension.total_bytes, request.max_bytes_per_second);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  memory->b_transport(txn, delay);
  if (delay != sc_core::SC_ZERO_TIME) wait(delay);
  if (txn.is_response_error()) return false;
  through_port.wait_done();
  return true;
}

// The first pass took its time when the bytes moved; what is left are reads of bytes nobody looks at again.
bool MemoryPort::burst_stream(const StreamRequest& request, const StreamShape& shape) {
  if (request.write) return true;
  for (std::uint32_t pass = 1; pass < request.passes; ++pass) {
    const bool moved = for_each_run(shape, [&](std::uint64_t offset, std::uint64_t run) {
      return dummy_bursts(request.view.address + offset, run, false, request.requester);
    });
    if (!moved) return false;
  }
  return true;
}

bool MemoryPort::touch(const TensorView& view, bool write, Requester requester) {
  const StreamShape shape = stream_shape(view);
  if (in_buffer(view.address)) return buffer_.memory().contains(buffer_offset(view.address), shape.span());
  if (stream_route(view.address, shape.span(), write) != nullptr) return true;
  // Whoever reads a tensor asks for its last byte first.
  if (!write && !dummy_bursts(view.address + shape.span() - 1, 1, false, requester)) return false;
  return for_each_run(shape, [&](std::uint64_t offset, std::uint64_t run) {
    return stream_route(view.address + offset, run, write) != nullptr ||
           dummy_bursts(view.address + offset, run, write, requester);
  });
}

bool MemoryPort::dummy_bursts(std::uint64_t address, std::uint64_t length, bool write, Requester requester) {
  while (length > 0) {
    const std::uint64_t step = std::min<std::uint64_t>(length, burst_bytes_ - address % burst_bytes_);
    unsigned char* data = write ? zeros_.data() : scratch_.data();
    if (!burst(address, data, static_cast<unsigned>(step), write, requester)) return false;
    address += step;
    length -= step;
  }
  return true;
}

sc_core::sc_time MemoryPort::first_byte_latency(const TensorView& view, bool write) {
  if (in_buffer(view.address)) return buffer_.latency();
  const Route* route = stream_route(view.address, stream_shape(view).span(), write);
  if (route == nullptr) return sc_core::SC_ZERO_TIME;
  return write ? route->write_latency : route->read_latency;
}

bool MemoryPort::bursts(std::uint64_t address, unsigned char* data, std::uint64_t length, bool write,
                        Requester requester) {
  while (length > 0) {
    const std::uint64_t step = std::min<std::uint64_t>(length, burst_bytes_ - address % burst_bytes_);
    if (!burst(address, data, static_cast<unsigned>(step), write, requester)) return false;
    address += step;
    data += step;
    length -= step;
  }
  return true;
}

bool MemoryPort::burst(std::uint64_t address, unsigned char* data, unsigned length, bool write, Requester requester) {
  tlm::tlm_generic_payload txn;
  set_up(txn, command_of(write), address, data, length);
  RequesterExtension extension;
  extension.requester = requester;
  const AttachedExtension attached(txn, extension);
  // As for streams: through when both port and memory are.
  const Ticks through_port = width_.access(ticks_now(), length);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  memory->b_transport(txn, delay);
  if (delay != sc_core::SC_ZERO_TIME) wait(delay);
  wait_until(through_port);
  if (txn.is_response_error()) return false;
  (write ? traffic_.burst_write : traffic_.burst_read) += length;
  return true;
}

const MemoryPort::Route* MemoryPort::granted(std::uint64_t address, std::uint64_t length, bool write) {
  const auto covers = [&](const Route& route) {
    return address >= route.start && address <= route.end && length - 1 <= route.end - address &&
           (write ? route.write : route.read);
  };
  for (const Route& route : routes_) {
    if (covers(route)) return &route;
  }
  unsigned char beat[kBeatBytes] = {};
  tlm::tlm_generic_payload txn;
  set_up(txn, command_of(write), address, beat, kBeatBytes);
  tlm::tlm_dmi dmi;
  if (!memory->get_direct_mem_ptr(txn, dmi)) return nullptr;
  // A narrower grant that an earlier one covers (read-only, then write) replaces nothing: both stay.
  const Route route{dmi.get_start_address(), dmi.get_end_address(), dmi.get_dmi_ptr(),      dmi.is_read_allowed(),
                    dmi.is_write_allowed(),  Probe::kNotYet,        dmi.get_read_latency(), dmi.get_write_latency()};
  if (!covers(route)) return nullptr;
  routes_.push_back(route);
  return &routes_.back();
}

const MemoryPort::Route* MemoryPort::stream_route(std::uint64_t address, std::uint64_t length, bool write) {
  const Route* route = granted(address, length, write);
  if (route == nullptr) return nullptr;
  if (route->streams == Probe::kNotYet) {
    const Probe answer = probe(address, length) ? Probe::kAcknowledged : Probe::kRefused;
    // The target may have waited, and taken the grant back meanwhile.
    route = granted(address, length, write);
    if (route == nullptr) return nullptr;
    routes_[static_cast<std::size_t>(route - routes_.data())].streams = answer;
  }
  return route->streams == Probe::kAcknowledged ? route : nullptr;
}

bool MemoryPort::probe(std::uint64_t address, std::uint64_t length) {
  unsigned char beat[kBeatBytes] = {};
  StreamExtension extension;
  tlm::tlm_generic_payload txn;
  set_up(txn, tlm::TLM_READ_COMMAND, address, beat, static_cast<unsigned>(std::min<std::uint64_t>(kBeatBytes, length)));
  const AttachedExtension attached(txn, extension);
  // Its delay is dropped: the question belongs to the simulation, not to the machine.
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  memory->b_transport(txn, delay);
  return txn.is_response_ok() && extension.acknowledged;
}

void MemoryPort::invalidate(sc_dt::uint64 start, sc_dt::uint64 end) {
  std::erase_if(routes_, [&](const Route& route) { return route.start <= end && start <= route.end; });
}

bool MemoryPort::Bytes::read(std::uint64_t address, void* destination, std::size_t length) {
  if (length == 0) return true;
  if (in_buffer(address)) return port_.buffer_.memory().read(buffer_offset(address), destination, length);
  if (const Route* route = port_.stream_route(address, length, false)) {
    std::memcpy(destination, route->pointer + (address - route->start), length);
    return true;
  }
  return port_.bursts(address, static_cast<unsigned char*>(destination), length, false, requester_);
}

bool MemoryPort::Bytes::write(std::uint64_t address, const void* source, std::size_t length) {
  if (length == 0) return true;
  if (in_buffer(address)) return port_.buffer_.memory().write(buffer_offset(address), source, length);
  if (const Route* route = port_.stream_route(address, length, true)) {
    std::memcpy(route->pointer + (address - route->start), source, length);
    return true;
  }
  // A payload has one pointer for both directions; a WRITE leaves its data alone.
  return port_.bursts(address, const_cast<unsigned char*>(static_cast<const unsigned char*>(source)), length, true,
                      requester_);
}

bool MemoryPort::Timed::read(std::uint64_t address, void* destination, std::size_t length) {
  if (!in_buffer(address)) {
    return port_.bursts(address, static_cast<unsigned char*>(destination), length, false, requester_);
  }
  sc_core::wait(port_.buffer_.latency());
  return port_.buffer_.memory().read(buffer_offset(address), destination, length);
}

bool MemoryPort::Timed::write(std::uint64_t address, const void* source, std::size_t length) {
  if (in_buffer(address)) {
    sc_core::wait(port_.buffer_.latency());
    return port_.buffer_.memory().write(buffer_offset(address), source, length);
  }
  return port_.bursts(address, const_cast<unsigned char*>(static_cast<const unsigned char*>(source)), length, true,
                      requester_);
}

bool MemoryPort::Timed::contains(std::uint64_t address, std::uint64_t length) {
  if (length == 0 || address + (length - 1) < address) return false;
  if (in_buffer(address)) return port_.buffer_.memory().contains(buffer_offset(address), length);
  if (port_.granted(address, length, false) != nullptr) return true;
  // No DMI: debug access tells whether both ends exist.
  for (const std::uint64_t end : {address, address + (length - 1)}) {
    unsigned char byte = 0;
    tlm::tlm_generic_payload txn;
    set_up(txn, tlm::TLM_READ_COMMAND, end, &byte, 1);
    if (port_.memory->transport_dbg(txn) != 1) return false;
  }
  return true;
}

StatisticsList MemoryPort::statistics(const std::string& prefix) const {
  return {{prefix + ".stream_read", "bytes", "bytes read by streams behind the socket", traffic_.streamed_read},
          {prefix + ".stream_write", "bytes", "bytes written by streams behind the socket", traffic_.streamed_write},
          {prefix + ".burst_read", "bytes", "bytes read by ordinary bursts: rings, lists, descriptors, burst routes",
           traffic_.burst_read},
          {prefix + ".burst_write", "bytes", "bytes written by ordinary bursts: records, burst routes",
           traffic_.burst_write},
          {prefix + ".buffer_read", "bytes", "bytes read by streams from the global buffer", traffic_.buffer_read},
          {prefix + ".buffer_write", "bytes", "bytes written by streams to the global buffer", traffic_.buffer_write}};
}

}  // namespace dixion
