// SPDX-License-Identifier: Apache-2.0
/// How a run ended and what the process says about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dixion {

enum class Outcome : std::uint8_t {
  kPassed,
  kFailed,
  kUserError,
  kDefect,
  kNoProgress,
  kTimeLimit,
  kInterrupted,
};

struct Verdict {
  Outcome outcome = Outcome::kDefect;
  std::string reason;               ///< one line
  std::uint32_t guest_code = 0;     ///< what the firmware wrote, for kFailed
  std::vector<std::string> report;  ///< who waits for what, for kNoProgress, kTimeLimit, kInterrupted
};

/// Word used in result.json.
[[nodiscard]] const char* outcome_name(Outcome outcome);

/// Exit status of the process; with `guest_code`, a passed or failed firmware decides it (its low 8 bits).
[[nodiscard]] int exit_status(const Verdict& verdict, bool guest_code);

}  // namespace dixion
