// SPDX-License-Identifier: Apache-2.0
#include "platform/bus.h"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "models/common/check.h"
#include "models/interconnect/attached_extension.h"
#include "models/interconnect/requester_extension.h"

namespace dixion {
namespace {

std::string hex(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string range(const Bus::Window& window) {
  return window.name + " [" + hex(window.base) + ", " + hex(window.base + (window.size - 1)) + "]";
}

}  // namespace

struct Bus::Mapped {
  Mapped(Bus& bus, const Window& table_entry, int index)
      : window(table_entry), socket(("to_" + table_entry.name).c_str()) {
    socket.register_invalidate_direct_mem_ptr(&bus, &Bus::invalidate_direct_mem_ptr, index);
  }
  [[nodiscard]] std::uint64_t last() const { return window.base + (window.size - 1); }

  Window window;
  InitiatorSocket socket;
};

struct Bus::Initiator {
  Initiator(Bus& bus, const Source& source, int index) : name(source.name), socket(("from_" + source.name).c_str()) {
    requester.requester = source.requester;
    socket.register_b_transport(&bus, &Bus::b_transport, index);
    socket.register_transport_dbg(&bus, &Bus::transport_dbg, index);
    socket.register_get_direct_mem_ptr(&bus, &Bus::get_direct_mem_ptr, index);
  }

  std::string name;
  TargetSocket socket;
  RequesterExtension requester;
};

void Bus::validate(const std::vector<Window>& windows) {
  std::vector<Window> sorted = windows;
  std::sort(sorted.begin(), sorted.end(), [](const Window& a, const Window& b) { return a.base < b.base; });
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const std::string key = "soc.bus." + sorted[i].name;
    if (sorted[i].size == 0) throw ConfigError(key, "the window is empty");
    if (sorted[i].size - 1 > std::numeric_limits<std::uint64_t>::max() - sorted[i].base) {
      throw ConfigError(key, "the window at " + hex(sorted[i].base) + " ends behind the address space");
    }
    if (i > 0 && sorted[i].base - sorted[i - 1].base < sorted[i - 1].size) {
      throw ConfigError(key, range(sorted[i]) + " overlaps " + range(sorted[i - 1]));
    }
  }
}

Bus::Bus(const sc_core::sc_module_name& name, const std::vector<Source>& initiators, const std::vector<Window>& windows,
         GuestErrorSink* errors, BusObserver* observer)
    : sc_module(name), errors_(errors), observer_(observer) {
  validate(windows);
  std::vector<Window> sorted = windows;
  std::sort(sorted.begin(), sorted.end(), [](const Window& a, const Window& b) { return a.base < b.base; });
  for (const Window& entry : sorted) {
    windows_.push_back(std::make_unique<Mapped>(*this, entry, static_cast<int>(windows_.size())));
  }
  for (const Source& initiator : initiators) {
    initiators_.push_back(std::make_unique<Initiator>(*this, initiator, static_cast<int>(initiators_.size())));
  }
}

Bus::~Bus() = default;

Bus::TargetSocket& Bus::from(const std::string& initiator) {
  for (const auto& entry : initiators_) {
    if (entry->name == initiator) return entry->socket;
  }
  throw DefectError("no initiator " + initiator + " on bus " + name());
}

Bus::InitiatorSocket& Bus::window(const std::string& window_name) {
  for (const auto& entry : windows_) {
    if (entry->window.name == window_name) return entry->socket;
  }
  throw DefectError("no window " + window_name + " on bus " + name());
}

Bus::Mapped* Bus::decode(std::uint64_t address, std::uint64_t length) {
  const auto above =
      std::upper_bound(windows_.begin(), windows_.end(), address,
                       [](std::uint64_t value, const auto& mapped) { return value < mapped->window.base; });
  if (above == windows_.begin()) return nullptr;
  Mapped& mapped = **std::prev(above);
  const std::uint64_t offset = address - mapped.window.base;
  if (offset >= mapped.window.size || length > mapped.window.size - offset) return nullptr;
  return &mapped;
}

void Bus::b_transport(int initiator, tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  const std::uint64_t address = txn.get_address();
  Mapped* mapped = decode(address, txn.get_data_length());
  if (mapped == nullptr) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    report(txn);
  } else {
    txn.set_address(address - mapped->window.base);
    forward(*initiators_[static_cast<std::size_t>(initiator)], *mapped, txn, delay);
    txn.set_address(address);
  }
  if (observer_ != nullptr && txn.get_command() != tlm::TLM_IGNORE_COMMAND) observe(initiator, txn, mapped);
}

void Bus::forward(Initiator& initiator, Mapped& mapped, tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  if (initiator.requester.requester == Requester::kOther || txn.get_extension<RequesterExtension>() != nullptr) {
    mapped.socket->b_transport(txn, delay);
    return;
  }
  const AttachedExtension attached(txn, initiator.requester);
  mapped.socket->b_transport(txn, delay);
}

unsigned Bus::transport_dbg(int, tlm::tlm_generic_payload& txn) {
  const std::uint64_t address = txn.get_address();
  Mapped* mapped = decode(address, txn.get_data_length());
  if (mapped == nullptr) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return 0;
  }
  txn.set_address(address - mapped->window.base);
  const unsigned count = mapped->socket->transport_dbg(txn);
  txn.set_address(address);
  return count;
}

bool Bus::get_direct_mem_ptr(int, tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = txn.get_address();
  Mapped* mapped = decode(address, 1);
  if (mapped == nullptr) {
    dmi.allow_none();
    dmi.set_start_address(address);
    dmi.set_end_address(address);
    return false;
  }
  txn.set_address(address - mapped->window.base);
  const bool granted = mapped->socket->get_direct_mem_ptr(txn, dmi);
  txn.set_address(address);
  // The target may grant (or deny) more than the window shows of it.
  const std::uint64_t end = std::min<std::uint64_t>(dmi.get_end_address(), mapped->window.size - 1);
  dmi.set_end_address(mapped->window.base + end);
  dmi.set_start_address(mapped->window.base + std::min<std::uint64_t>(dmi.get_start_address(), end));
  return granted;
}

void Bus::invalidate_direct_mem_ptr(int window, sc_dt::uint64 start, sc_dt::uint64 end) {
  const Window& target = windows_[static_cast<std::size_t>(window)]->window;
  if (start >= target.size) return;
  const std::uint64_t last = std::min<std::uint64_t>(end, target.size - 1);
  for (const auto& initiator : initiators_) {
    initiator->socket->invalidate_direct_mem_ptr(target.base + start, target.base + last);
  }
}

void Bus::report(const tlm::tlm_generic_payload& txn) {
  if (errors_ == nullptr) return;
  const std::uint64_t address = txn.get_address();
  const Mapped* nearest = nullptr;
  std::uint64_t best = std::numeric_limits<std::uint64_t>::max();
  for (const auto& mapped : windows_) {
    const std::uint64_t distance = address < mapped->window.base ? mapped->window.base - address
                                   : address > mapped->last()    ? address - mapped->last()
                                                                 : 0;
    if (distance < best) {
      best = distance;
      nearest = mapped.get();
    }
  }
  const char* subject = txn.is_write() ? "write address" : "read address";
  std::string expected = "an address inside a window";
  if (nearest != nullptr) expected += "; nearest is " + range(nearest->window);
  errors_->guest_error({name(), subject, address, expected});
}

void Bus::observe(int initiator, const tlm::tlm_generic_payload& txn, const Mapped* mapped) {
  observer_->access({txn.get_address(), mapped != nullptr ? txn.get_address() - mapped->window.base : 0,
                     txn.get_data_ptr(), txn.get_data_length(), txn.is_write(), static_cast<unsigned>(initiator),
                     mapped != nullptr ? &mapped->window.name : nullptr, txn.get_response_status()});
}

}  // namespace dixion
