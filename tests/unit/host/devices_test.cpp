// SPDX-License-Identifier: Apache-2.0
// CLINT, PLIC and finisher without SystemC.
#include <gtest/gtest.h>

#include "host/clint.h"
#include "host/finisher.h"
#include "host/plic.h"
#include "models/abi/generated/clint_registers.h"
#include "models/abi/generated/plic_registers.h"

namespace dixion::host {
namespace {

std::uint64_t read(Device& device, std::uint64_t offset, unsigned size = 4) {
  std::uint64_t value = 0;
  EXPECT_EQ(device.read(offset, size, value), DeviceStatus::kOk) << std::hex << offset;
  return value;
}
void write(Device& device, std::uint64_t offset, std::uint64_t value, unsigned size = 4) {
  EXPECT_EQ(device.write(offset, size, value), DeviceStatus::kOk) << std::hex << offset;
}

class ClintRegisters : public testing::Test {
 protected:
  std::uint64_t counter = 0x1'2345'6789;
  std::vector<std::pair<unsigned, bool>> software;
  std::vector<unsigned> timers;
  Clint clint{2,
              {.mtime = [this] { return counter; },
               .software = [this](unsigned hart, bool level) { software.emplace_back(hart, level); },
               .timer_changed = [this](unsigned hart) { timers.push_back(hart); }}};
};

TEST_F(ClintRegisters, MtimeIsReadWholeOrInHalves) {
  EXPECT_EQ(read(clint, DIXION_CLINT_MTIME_LO, 8), 0x1'2345'6789U);
  EXPECT_EQ(read(clint, DIXION_CLINT_MTIME_LO), 0x2345'6789U);
  EXPECT_EQ(read(clint, DIXION_CLINT_MTIME_HI), 1U);
}

TEST_F(ClintRegisters, AWrittenMtimeGoesOnFromTheValue) {
  write(clint, DIXION_CLINT_MTIME_LO, 100, 8);
  counter += 5;
  EXPECT_EQ(read(clint, DIXION_CLINT_MTIME_LO, 8), 105U);
  EXPECT_EQ(timers, (std::vector<unsigned>{0, 1})) << "both deadlines move";
}

TEST_F(ClintRegisters, MtimecmpIsWrittenInHalvesPerHart) {
  write(clint, DIXION_CLINT_MTIMECMP_LO(1), 0xAAAA'BBBB);
  write(clint, DIXION_CLINT_MTIMECMP_HI(1), 0x1);
  EXPECT_EQ(clint.mtimecmp(1), 0x1'AAAA'BBBBU);
  EXPECT_EQ(clint.mtimecmp(0), ~0ULL) << "never, after reset";
  EXPECT_EQ(timers, (std::vector<unsigned>{1, 1}));
}

TEST_F(ClintRegisters, OnlyBitZeroOfMsipCounts) {
  write(clint, DIXION_CLINT_MSIP(1), 0xFFFF'FFFF);
  EXPECT_EQ(read(clint, DIXION_CLINT_MSIP(1)), 1U);
  write(clint, DIXION_CLINT_MSIP(1), 0xFFFF'FFFE);
  EXPECT_EQ(software, (std::vector<std::pair<unsigned, bool>>{{1, true}, {1, false}}));
}

TEST_F(ClintRegisters, RefusesWhatHasNoRegisterOrTheWrongSize) {
  std::uint64_t value = 0;
  EXPECT_EQ(clint.read(DIXION_CLINT_MSIP(2), 4, value), DeviceStatus::kNoRegister) << "two harts";
  EXPECT_EQ(clint.read(DIXION_CLINT_MTIMECMP_LO(2), 8, value), DeviceStatus::kNoRegister);
  EXPECT_EQ(clint.read(DIXION_CLINT_MSIP(0), 8, value), DeviceStatus::kSize);
  EXPECT_EQ(clint.read(DIXION_CLINT_MSIP(0), 2, value), DeviceStatus::kSize);
  EXPECT_EQ(clint.read(DIXION_CLINT_MTIME_HI, 8, value), DeviceStatus::kSize) << "misaligned";
}

class PlicRegisters : public testing::Test {
 protected:
  PlicRegisters() {
    for (const unsigned source : {3U, 40U, 95U}) {
      write(plic, DIXION_PLIC_PRIORITY(source), 2);
    }
    write(plic, DIXION_PLIC_ENABLE0(0), 1U << 3);
    write(plic, DIXION_PLIC_ENABLE1(0), 1U << 8);
    write(plic, DIXION_PLIC_ENABLE2(0), 1U << 31);
  }
  void raise(unsigned source, bool level = true) {
    plic.set_level(source, level);
    plic.update();
  }
  std::uint64_t claim(unsigned context = 0) { return read(plic, DIXION_PLIC_CLAIM(context)); }
  void complete(std::uint64_t source, unsigned context = 0) { write(plic, DIXION_PLIC_CLAIM(context), source); }

  std::vector<std::pair<unsigned, bool>> outputs;
  Plic plic{2, [this](unsigned context, bool level) { outputs.emplace_back(context, level); }};
  using Outputs = std::vector<std::pair<unsigned, bool>>;
};

TEST_F(PlicRegisters, HoldWhatTheyCanHold) {
  EXPECT_EQ(read(plic, DIXION_PLIC_ENABLE2(0)), 1U << 31);
  write(plic, DIXION_PLIC_PRIORITY(5), 0xFFFF'FFFF);
  EXPECT_EQ(read(plic, DIXION_PLIC_PRIORITY(5)), 7U);
  write(plic, DIXION_PLIC_PRIORITY(0), 7);
  EXPECT_EQ(read(plic, DIXION_PLIC_PRIORITY(0)), 0U) << "source 0 does not exist";
  write(plic, DIXION_PLIC_ENABLE0(2), 0xFFFF'FFFF);
  EXPECT_EQ(read(plic, DIXION_PLIC_ENABLE0(2)), 0xFFFF'FFFEU);
  write(plic, DIXION_PLIC_THRESHOLD(2), 0xFF);
  EXPECT_EQ(read(plic, DIXION_PLIC_THRESHOLD(2)), 7U);
}

TEST_F(PlicRegisters, ARaisedSourceIsPendingUntilClaimedAndHeldBackUntilCompleted) {
  raise(40);
  EXPECT_EQ(outputs, (Outputs{{0, true}}));
  EXPECT_EQ(read(plic, DIXION_PLIC_PENDING(1)), 1U << 8);
  EXPECT_EQ(claim(), 40U);
  EXPECT_EQ(outputs, (Outputs{{0, true}, {0, false}}));
  EXPECT_EQ(read(plic, DIXION_PLIC_PENDING(1)), 0U);
  EXPECT_EQ(claim(), 0U) << "the line is still high, but the gateway waits";
  complete(40);
  EXPECT_EQ(outputs.back(), (std::pair<unsigned, bool>{0, true})) << "still high: again";
  EXPECT_EQ(claim(), 40U);
  raise(40, false);
  complete(40);
  EXPECT_EQ(outputs.back(), (std::pair<unsigned, bool>{0, false}));
}

TEST_F(PlicRegisters, APendingSourceStaysPendingWhenItsLineFalls) {
  raise(3);
  raise(3, false);
  EXPECT_EQ(claim(), 3U);
  complete(3);
  EXPECT_EQ(claim(), 0U);
}

TEST_F(PlicRegisters, ClaimTakesTheHighestPriorityThenTheLowestNumber) {
  write(plic, DIXION_PLIC_PRIORITY(95), 3);
  raise(95);
  raise(40);
  raise(3);
  EXPECT_EQ(claim(), 95U);
  EXPECT_EQ(claim(), 3U);
  EXPECT_EQ(claim(), 40U);
}

TEST_F(PlicRegisters, ThresholdMasksEqualPrioritiesButNotAClaim) {
  write(plic, DIXION_PLIC_THRESHOLD(0), 2);
  raise(3);
  EXPECT_TRUE(outputs.empty());
  write(plic, DIXION_PLIC_THRESHOLD(0), 1);
  EXPECT_EQ(outputs, (Outputs{{0, true}}));
  write(plic, DIXION_PLIC_THRESHOLD(0), 7);
  EXPECT_EQ(claim(), 3U);
}

TEST_F(PlicRegisters, PriorityZeroAndMaskedSourcesNeverInterrupt) {
  write(plic, DIXION_PLIC_PRIORITY(3), 0);
  write(plic, DIXION_PLIC_ENABLE1(0), 0);
  raise(3);
  raise(40);
  EXPECT_TRUE(outputs.empty());
  EXPECT_EQ(claim(), 0U);
  const std::vector<SourceStatus> status = plic.status();
  ASSERT_EQ(status.size(), 2U);
  EXPECT_EQ(status[0].priority, 0U);
  EXPECT_EQ(status[1].enabled_harts, 0U);
}

TEST_F(PlicRegisters, CompletionOfASourceThatIsNotEnabledIsIgnored) {
  raise(3);
  EXPECT_EQ(claim(), 3U);
  complete(3, 2);  // hart 1 has not enabled it
  EXPECT_EQ(claim(), 0U);
  complete(3);
  EXPECT_EQ(claim(), 3U);
}

TEST_F(PlicRegisters, EachHartHasItsOwnContext) {
  write(plic, DIXION_PLIC_ENABLE0(2), 1U << 3);
  raise(3);
  EXPECT_EQ(outputs, (Outputs{{0, true}, {2, true}}));
  EXPECT_EQ(claim(2), 3U);
  EXPECT_EQ(claim(0), 0U);
}

TEST_F(PlicRegisters, PeekClaimsNothing) {
  raise(3);
  std::uint64_t value = 0;
  EXPECT_EQ(plic.peek(DIXION_PLIC_CLAIM(0), 4, value), DeviceStatus::kOk);
  EXPECT_EQ(value, 3U);
  EXPECT_EQ(claim(), 3U);
}

TEST_F(PlicRegisters, RefuseWhatHasNoRegisterOrTheWrongSize) {
  std::uint64_t value = 0;
  EXPECT_EQ(plic.read(DIXION_PLIC_PRIORITY(96), 4, value), DeviceStatus::kNoRegister);
  EXPECT_EQ(plic.read(DIXION_PLIC_PENDING(3), 4, value), DeviceStatus::kNoRegister);
  EXPECT_EQ(plic.read(DIXION_PLIC_ENABLE2(0) + 4, 4, value), DeviceStatus::kNoRegister);
  EXPECT_EQ(plic.read(DIXION_PLIC_ENABLE0(4), 4, value), DeviceStatus::kNoRegister) << "two harts, four contexts";
  EXPECT_EQ(plic.read(DIXION_PLIC_CLAIM(0) + 4, 4, value), DeviceStatus::kNoRegister);
  EXPECT_EQ(plic.read(DIXION_PLIC_PRIORITY(1), 8, value), DeviceStatus::kSize);
  EXPECT_EQ(plic.read(DIXION_PLIC_PRIORITY(1) + 2, 4, value), DeviceStatus::kSize);
  EXPECT_EQ(plic.write(DIXION_PLIC_PENDING(0), 4, 0), DeviceStatus::kReadOnly);
}

TEST(FinisherRegister, UnderstandsItsThreeVerdictsOnly) {
  std::vector<Finish> verdicts;
  Finisher finisher([&](const Finish& finish) { verdicts.push_back(finish); });
  write(finisher, 0, 0x5555);
  write(finisher, 0, 0x002A'3333);
  write(finisher, 0, 0x7777, 2);
  write(finisher, 0, 0x1234);
  ASSERT_EQ(verdicts.size(), 3U);
  EXPECT_EQ(verdicts[0].kind, Finish::Kind::kPass);
  EXPECT_EQ(verdicts[1].kind, Finish::Kind::kFail);
  EXPECT_EQ(verdicts[1].code, 42U);
  EXPECT_EQ(verdicts[2].kind, Finish::Kind::kReset);
  EXPECT_EQ(finisher.write(0, 8, 0x5555), DeviceStatus::kSize);
  EXPECT_EQ(finisher.write(4, 4, 0x5555), DeviceStatus::kNoRegister);
}

}  // namespace
}  // namespace dixion::host
