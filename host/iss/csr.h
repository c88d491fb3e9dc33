// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "host/iss/hart_state.h"

namespace dixion::host {

/// What counters show to an instruction: the values before it.
struct CounterView {
  std::uint64_t instret = 0;  ///< instructions retired before it
  Cycles cycle = 0;           ///< the hart-clock edge it starts at
  std::uint64_t mtime = 0;
};

/// Value of a control and status register, or nothing when there is no such register in this privilege mode.
/// Absent extensions have none; optional machine registers (PMP, event counters) read as zero, as the specification
/// allows.
std::optional<std::uint64_t> read_csr(const HartState& state, unsigned number, const CounterView& counters);

/// Writes one; fields that cannot hold the value keep theirs (WARL). False: no such register, or read-only.
bool write_csr(HartState& state, unsigned number, std::uint64_t value, const CounterView& counters);

}  // namespace dixion::host
