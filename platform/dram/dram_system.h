// SPDX-License-Identifier: Apache-2.0
/// dixion::dram: DRAM with the timing of a real one, behind one socket.
/// Models: contents (committed by the workstation only where touched, zero at first); channels, banks, rows, refresh,
/// arbitration burst by burst between streams and accesses. Omits: power-down, ECC, several ranks, RFM.
/// Time: a request takes `controller_ps` and cl (cwl for writes) before it reaches its channel, then what the channel
/// makes of it. An ordinary access by b_transport annotates its delay and returns; a stream waits until its last byte.
/// Four phases: END_REQ when the request is taken, BEGIN_RESP when its data are through, one response at a time.
/// DMI is granted for all of it, with the latency of a closed row. Streams: models/interconnect/stream_extension.h.
/// Needs C++17. Presets, mapping, statistics: docs/memory.md. Nothing here prints, stops the simulation or keeps
/// global state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <systemc>
#include <tlm>

#include "models/common/statistics.h"
#include "platform/dram/dram_system_config.h"

namespace dixion {

class DramTarget;

class DramSystem final : public sc_core::sc_module {
 public:
  /// Throws ConfigError (models/common/check.h) for what cannot be.
  static void validate(const DramSystemConfig& config);

  /// As validate(), before any part exists. `config_size` is the application's idea of the struct: a header that does
  /// not belong to the library is refused.
  DramSystem(const sc_core::sc_module_name& name, const DramSystemConfig& config,
             std::size_t config_size = sizeof(DramSystemConfig));
  ~DramSystem() override;

  tlm::tlm_target_socket<64> port{"port"};  ///< addresses from 0

  /// Contents, for loaders and tests.
  [[nodiscard]] unsigned char* data();
  [[nodiscard]] std::uint64_t size() const;
  /// As of now. Names start with `prefix`, e.g. "dram"; commands for energy, per requester bytes, row hits, latencies.
  [[nodiscard]] StatisticsList statistics(const std::string& prefix);

 private:
  std::unique_ptr<DramTarget> target_;
};

}  // namespace dixion
