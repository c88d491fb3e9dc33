// SPDX-License-Identifier: Apache-2.0
#include "platform/verdict.h"

namespace dixion {

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPassed:
      return "passed";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kUserError:
      return "user_error";
    case Outcome::kDefect:
      return "defect";
    case Outcome::kNoProgress:
      return "no_progress";
    case Outcome::kTimeLimit:
      return "time_limit";
    case Outcome::kInterrupted:
      return "interrupted";
  }
  return "defect";
}

int exit_status(const Verdict& verdict, bool guest_code) {
  switch (verdict.outcome) {
    case Outcome::kPassed:
      return 0;
    case Outcome::kFailed:
      return guest_code ? static_cast<int>(verdict.guest_code & 0xffU) : 1;
    case Outcome::kUserError:
      return 2;
    case Outcome::kDefect:
      return 3;
    case Outcome::kNoProgress:
      return 4;
    case Outcome::kTimeLimit:
      return 5;
    case Outcome::kInterrupted:
      return 130;
  }
  return 3;
}

}  // namespace dixion
