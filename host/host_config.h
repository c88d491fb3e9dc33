// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/abi/generated/memory_map.h"
#include "models/common/clock.h"
#include "models/common/guest_error.h"
#include "models/common/trace_sink.h"

namespace dixion::host {

/// What the firmware wrote to the finisher.
struct Finish {
  enum class Kind : std::uint8_t { kPass, kFail, kReset };
  Kind kind = Kind::kPass;
  std::uint32_t code = 0;  ///< 0 for kPass and kReset, 16 bits for kFail
};

/// Everything the host subsystem is built from. Callbacks may be empty and sinks null; both must outlive the subsystem.
/// Callbacks run inside a SystemC process; they may call sc_stop().
struct HostConfig {
  unsigned harts = 1;                                 ///< 1 to 8
  std::uint64_t clock_hz = 1'000'000'000;             ///< hart clock: one instruction is one cycle
  Ticks quantum_ticks = 100'000'000;                  ///< how far a hart may run ahead; 100 us in ticks of 1 ps
  std::uint64_t mtime_hz = 10'000'000;                ///< rate of mtime and of the time CSR
  std::uint64_t reset_pc = DIXION_MAP_BOOT_ROM_BASE;  ///< first instruction after reset: the boot ROM
  std::uint64_t dram_base = DIXION_MAP_DRAM_BASE;     ///< memory: misaligned and atomic accesses work here
  std::uint64_t dram_size = 256ULL << 20;             ///< bytes
  bool dmi_data = true;                               ///< false: every load and store is a transaction (exact memory)
  Cycles dmi_latency = 0;                             ///< hart_cycles added to each load and store served by DMI
  std::vector<std::uint8_t> boot_rom{};         ///< content, at most 60 KiB; see make_boot_rom() in host/boot_rom.h
  std::uint64_t trap_loop_threshold = 100'000;  ///< equal traps in a row without progress that count as a hang

  const std::atomic<bool>* stop_request = nullptr;  ///< looked at once per slice; when set the harts stop

  std::function<void(std::uint8_t)> on_uart_output{};
  std::function<void(const Finish&)> on_finish{};     ///< the harts stop with the storing instruction
  std::function<void(const std::string&)> on_hang{};  ///< trap loop: reason in one line; the harts have stopped
  std::function<void()> on_idle{};  ///< all harts are in wfi; asks the platform whether anything can wake them
  std::function<void()> on_stop{};  ///< stop_request was seen; the harts have stopped
  GuestErrorSink* guest_errors = nullptr;
  TraceSink* trace = nullptr;  ///< Stage::kHostStore and Stage::kTrap
};

/// Checks ranges before elaboration. Throws ConfigError("soc.host.<field>", reason).
void validate(const HostConfig& config);

}  // namespace dixion::host
