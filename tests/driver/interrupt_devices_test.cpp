// SPDX-License-Identifier: Apache-2.0
/// PLIC and CLINT drivers against a script of register accesses.
#include <gtest/gtest.h>

#include "tests/driver/scripted_port.h"
extern "C" {
#include "firmware/drivers/clint.h"
#include "firmware/drivers/plic.h"
}

namespace dixion::test {
namespace {

struct InterruptDevices : testing::Test {
  Arena arena{0x8000'0000, 0x1000};
  ScriptedPort port{arena};
  plic_t plic{0x0c00'0000, 0};
  clint_t clint{0x0200'0000};
};

TEST_F(InterruptDevices, PlicEnableSetsPriorityAndKeepsOtherSources) {
  port.expect_write(0x0c00'0000 + 4 * 72, 1).expect_read(0x0c00'2008, 0x1).expect_write(0x0c00'2008, 0x101);
  EXPECT_EQ(plic_enable(&plic, 72, 1), STATUS_OK);
}

TEST_F(InterruptDevices, PlicEnableRefusesSourcesAndPrioritiesItDoesNotHave) {
  EXPECT_EQ(plic_enable(&plic, 0, 1), STATUS_BAD_ARGUMENT);
  EXPECT_EQ(plic_enable(&plic, 96, 1), STATUS_BAD_ARGUMENT);
  EXPECT_EQ(plic_enable(&plic, 1, 0), STATUS_BAD_ARGUMENT);
  EXPECT_EQ(plic_enable(&plic, 1, 8), STATUS_BAD_ARGUMENT);
}

TEST_F(InterruptDevices, PlicContextHasItsOwnRegisters) {
  const plic_t second{0x0c00'0000, 1};
  port.expect_write(0x0c20'1000, 3).expect_read(0x0c20'1004, 10).expect_write(0x0c20'1004, 10);
  plic_set_threshold(&second, 3);
  EXPECT_EQ(plic_claim(&second), 10u);
  plic_complete(&second, 10);
}

TEST_F(InterruptDevices, ClintTimeSurvivesTheCarryBetweenItsHalves) {
  port.expect_read(0x0200'bffc, 4).expect_read(0x0200'bff8, 0xffff'ffff).expect_read(0x0200'bffc, 5);
  port.expect_read(0x0200'bff8, 2).expect_read(0x0200'bffc, 5);
  EXPECT_EQ(clint_time(&clint), 0x5'0000'0002u);
}

TEST_F(InterruptDevices, ClintTimerNeverPassesThroughAnEarlierTime) {
  port.expect_write(0x0200'400c, 0xffff'ffff).expect_write(0x0200'4008, 7).expect_write(0x0200'400c, 1);
  clint_set_timer(&clint, 1, 0x1'0000'0007);
}

}  // namespace
}  // namespace dixion::test
