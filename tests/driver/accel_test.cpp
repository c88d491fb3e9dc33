// SPDX-License-Identifier: Apache-2.0
/// The device driver against a script of register accesses (docs/registers/accelerator.md).
#include <gtest/gtest.h>

#include "tests/driver/device_addresses.h"
#include "tests/driver/scripted_port.h"
extern "C" {
#include "firmware/drivers/accel.h"
}

namespace dixion::test {
namespace {

constexpr std::uint64_t kId = kBase, kAbiVersion = kBase + 4, kBuildHash = kBase + 8, kControl = kBase + 0x40,
                        kIntrEnable = kBase + 0x4c;

struct AccelOnScript : testing::Test {
  Arena arena{0x8000'0000, 0x10000};
  ScriptedPort port{arena};
  accel_t accel{};

  void SetUp() override { accel.base = kBase; }
};

TEST_F(AccelOnScript, ProbeReadsIdentityThenCapabilities) {
  port.expect_read(kId, 0x314e5844)
      .expect_read(kAbiVersion, 0x0001'0007)
      .expect_read(kBuildHash, DIXION_ABI_HASH)
      .expect_read(kBase + 0x10, 0x40'02'03'04)
      .expect_read(kBase + 0x14, 0x0008'09'40)
      .expect_read(kBase + 0x18, 0x7e)
      .expect_read(kBase + 0x1c, 384)
      .expect_read(kBase + 0x20, 8192)
      .expect_read(kBase + 0x24, 800'000'000);
  ASSERT_EQ(accel_probe(&accel, kBase), STATUS_OK);
  EXPECT_EQ(accel.capabilities.cores, 4u);
  EXPECT_EQ(accel.capabilities.array_rows, 64u);
  EXPECT_EQ(accel.capabilities.array_columns, 9u);
  EXPECT_EQ(accel.capabilities.queues, 3u);
  EXPECT_EQ(accel.capabilities.dma_channels, 2u);
  EXPECT_EQ(accel.capabilities.semaphores, 64u);
  EXPECT_EQ(accel.capabilities.formats, 0x7eu);
  EXPECT_EQ(accel.capabilities.core_sram_bytes, 384u * 1024);
  EXPECT_EQ(accel.capabilities.global_buffer_bytes, 8u * 1024 * 1024);
  EXPECT_EQ(accel.capabilities.clock_hz, 800'000'000u);
}

TEST_F(AccelOnScript, ProbeTouchesNothingMoreWhenTheIdIsAnothers) {
  port.expect_read(kId, 0);
  EXPECT_EQ(accel_probe(&accel, kBase), STATUS_NO_DEVICE);
}

TEST_F(AccelOnScript, ProbeRefusesAnotherMajorVersion) {
  port.expect_read(kId, 0x314e5844).expect_read(kAbiVersion, 0x0002'0000);
  EXPECT_EQ(accel_probe(&accel, kBase), STATUS_WRONG_VERSION);
}

TEST_F(AccelOnScript, ProbeRefusesHardwareBuiltFromOtherDescriptions) {
  port.expect_read(kId, 0x314e5844).expect_read(kAbiVersion, 0x0001'0000).expect_read(kBuildHash, DIXION_ABI_HASH ^ 1u);
  EXPECT_EQ(accel_probe(&accel, kBase), STATUS_WRONG_VERSION);
}

TEST_F(AccelOnScript, ResetSleepsUntilTheInterruptSaysDone) {
  accel.halted = 3;
  port.expect_write(kControl, 2).expect_write(kIntrEnable, 0x1'0000);
  port.expect_sleep([] {});  // another device's interrupt
  port.expect_sleep([this] { accel_isr(&accel, 72); });
  port.expect_read(kIntrStatus, 0x1'0000).expect_write(kIntrStatus, 0x1'0000);
  accel_reset(&accel);
  EXPECT_EQ(accel.halted, 0u);
}

TEST_F(AccelOnScript, EnableTurnsAllInterruptsOnBeforeTheQueues) {
  port.expect_write(kIntrEnable, 0x1'ffff).expect_write(kControl, 1);
  accel_enable(&accel);
}

TEST_F(AccelOnScript, DisableStopsTheQueuesBeforeItMasksInterrupts) {
  port.expect_write(kControl, 0).expect_write(kIntrEnable, 0);
  accel_disable(&accel);
}

TEST_F(AccelOnScript, InterruptHandlerClearsExactlyWhatItSaw) {
  port.expect_read(kIntrStatus, 0x0000'0203).expect_write(kIntrStatus, 0x0000'0203);
  accel_isr(&accel, 64);
  EXPECT_EQ(accel.halted, 2u);
  EXPECT_FALSE(accel.reset_done);
}

TEST_F(AccelOnScript, DescriptorTableIsGivenByPhysicalAddress) {
  auto* table = reinterpret_cast<dixion_descriptor_t*>(arena.data() + 0x1000);
  port.expect_write(kBase + 0x50, 0x8000'1000).expect_write(kBase + 0x54, 0).expect_write(kBase + 0x58, 65536);
  EXPECT_EQ(accel_set_descriptors(&accel, table, 65536), STATUS_OK);
}

TEST_F(AccelOnScript, DescriptorTableMustBeAlignedAndShortEnough) {
  auto* table = reinterpret_cast<dixion_descriptor_t*>(arena.data());
  auto* crooked = reinterpret_cast<dixion_descriptor_t*>(arena.data() + 32);
  EXPECT_EQ(accel_set_descriptors(&accel, table, 65537), STATUS_BAD_ARGUMENT);
  EXPECT_EQ(accel_set_descriptors(&accel, crooked, 1), STATUS_BAD_ARGUMENT);
}

}  // namespace
}  // namespace dixion::test
