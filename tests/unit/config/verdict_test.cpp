// SPDX-License-Identifier: Apache-2.0
#include "platform/verdict.h"

#include <gtest/gtest.h>

namespace dixion {
namespace {

int status_of(Outcome outcome, bool guest_code = false) { return exit_status({outcome, "", 0x107, {}}, guest_code); }

TEST(Verdict, EveryOutcomeHasItsExitStatus) {
  EXPECT_EQ(status_of(Outcome::kPassed), 0);
  EXPECT_EQ(status_of(Outcome::kFailed), 1);
  EXPECT_EQ(status_of(Outcome::kUserError), 2);
  EXPECT_EQ(status_of(Outcome::kDefect), 3);
  EXPECT_EQ(status_of(Outcome::kNoProgress), 4);
  EXPECT_EQ(status_of(Outcome::kTimeLimit), 5);
  EXPECT_EQ(status_of(Outcome::kInterrupted), 130);
}

TEST(Verdict, GuestCodeReplacesOnlyTheFirmwaresOwnFailure) {
  EXPECT_EQ(status_of(Outcome::kFailed, true), 7);
  EXPECT_EQ(status_of(Outcome::kPassed, true), 0);
  EXPECT_EQ(status_of(Outcome::kNoProgress, true), 4);
}

}  // namespace
}  // namespace dixion
