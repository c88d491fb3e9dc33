// SPDX-License-Identifier: Apache-2.0
/// The system bus: several initiators, several targets, one table of windows.
/// Models: address decoding and translation for b_transport, transport_dbg and DMI in both directions. Omits: time (a
/// contended bus is part of what memory port and DRAM model), AT phases.
/// An access outside all windows, or across the end of one, is answered with TLM_ADDRESS_ERROR_RESPONSE and reported as
/// a guest error. Debug accesses are not reported.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/common/guest_error.h"
#include "models/interconnect/requester.h"

namespace dixion {

/// One ordinary access as it looked on the bus, after the target answered.
struct BusAccess {
  std::uint64_t address;  ///< absolute
  std::uint64_t offset;   ///< in the window
  const unsigned char* data;
  unsigned length;
  bool write;
  unsigned initiator;         ///< in the order of the constructor's list
  const std::string* window;  ///< null if no window was hit
  tlm::tlm_response_status response;
};

/// Sees every READ and WRITE, also failed ones; not what goes by DMI, nor streams.
class BusObserver {
 public:
  virtual ~BusObserver() = default;
  virtual void access(const BusAccess& access) = 0;
};

class Bus final : public sc_core::sc_module {
 public:
  using TargetSocket = tlm_utils::passthrough_target_socket_tagged<Bus, 64>;
  using InitiatorSocket = tlm_utils::simple_initiator_socket_tagged<Bus, 64>;

  struct Window {
    std::string name;  ///< valid as a SystemC name, e.g. "dram"
    std::uint64_t base;
    std::uint64_t size;  ///< above 0; base + size does not exceed 2^64
  };

  /// An initiator's accesses that do not say whose they are go on as `requester`'s (RequesterExtension).
  struct Source {
    std::string name;
    Requester requester = Requester::kOther;
  };

  /// Throws ConfigError (key "soc.bus.<name>") if a window is empty, exceeds the address space or overlaps another.
  static void validate(const std::vector<Window>& windows);

  /// Validates the windows. Sink and observer may be null.
  Bus(const sc_core::sc_module_name& name, const std::vector<Source>& initiators, const std::vector<Window>& windows,
      GuestErrorSink* errors, BusObserver* observer = nullptr);
  ~Bus() override;

  /// The socket to bind this initiator to. DefectError for an unknown name.
  TargetSocket& from(const std::string& initiator);
  /// The socket to bind the target of this window to; it sees addresses from 0. DefectError for an unknown name.
  InitiatorSocket& window(const std::string& name);

 private:
  struct Mapped;
  struct Initiator;

  void b_transport(int initiator, tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(int initiator, tlm::tlm_generic_payload& txn);
  bool get_direct_mem_ptr(int initiator, tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int window, sc_dt::uint64 start, sc_dt::uint64 end);
  /// The window that holds all of [address, address + length); null if none does.
  [[nodiscard]] Mapped* decode(std::uint64_t address, std::uint64_t length);
  void forward(Initiator& initiator, Mapped& mapped, tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  void report(const tlm::tlm_generic_payload& txn);
  void observe(int initiator, const tlm::tlm_generic_payload& txn, const Mapped* mapped);

  std::vector<std::unique_ptr<Mapped>> windows_;  // ascending by base
  std::vector<std::unique_ptr<Initiator>> initiators_;
  GuestErrorSink* errors_;
  BusObserver* observer_;
};

}  // namespace dixion
