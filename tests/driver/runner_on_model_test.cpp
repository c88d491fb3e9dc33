// SPDX-License-Identifier: Apache-2.0
/// Whole denoising runs: the firmware's schedule and runner on the real accelerator, compared with the scalar reference
/// that executes the same packed workload one operator after another.
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

#include "models/abi/generated/accelerator_registers.h"
#include "tests/driver/accelerator_bench.h"
#include "tests/support/image_runner.h"
#include "tests/support/tiny_workload.h"
#include "traces/image/packer.h"
extern "C" {
#include "firmware/lib/crc32.h"
#include "firmware/runtime/runner.h"
}

namespace dixion::test {
namespace {

PackedImage tiny_image() {
  const std::string name =
      std::string("dixion-runner-") + testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / name;
  const PackedImage image = pack_workload(load_workload(write_tiny_workload(folder)), folder);
  std::filesystem::remove_all(folder);
  return image;
}

class RunnerOnModel : public testing::Test {
 protected:
  /// Runs `image` as the app does.
  void denoise(const std::vector<std::uint8_t>& image, const AcceleratorConfig& config = {}) {
    AcceleratorBench bench("bench", 8 << 20, config);
    accel_t accel{};
    bench.on_interrupt([&accel](unsigned line) { accel_isr(&accel, line); });
    std::memcpy(bench.arena().data(), image.data(), image.size());
    const auto* header = reinterpret_cast<const dixion_image_header_t*>(bench.arena().data());
    bench.run([&] {
      bump_t memory;
      bump_init(&memory, bench.arena().data() + image.size(), bench.arena().data() + bench.arena().size());
      ASSERT_EQ(accel_probe(&accel, AcceleratorBench::kRegisters), STATUS_OK);
      accel_reset(&accel);
      image_problem_t problem;
      ASSERT_EQ(schedule_build(&schedule_, header, image.size(), &accel.capabilities, &memory, &problem), STATUS_OK)
          << problem.what;
      ASSERT_EQ(runner_init(&runner_, &schedule_, &accel, &memory), STATUS_OK);
      status_ = runner_run(&runner_, &result_);
      if (status_ == STATUS_COMMAND_FAILED) {
        testing::internal::CaptureStdout();
        runner_print_failure(&runner_);
        message_ = testing::internal::GetCapturedStdout();
      }
      overlaps_ = bench.read(AcceleratorBench::kRegisters + DIXION_ACCELERATOR_OVERLAP_COUNT);
    });
    guest_errors_ = bench.guest_errors();
    sleeps_ = bench.sleeps();
    const std::uint64_t bytes = image_tensors(header)[header->output_tensor].size;
    output_.resize(bytes / sizeof(std::int32_t));
    std::memcpy(output_.data(), bench.arena().at(result_.output_address), bytes);
  }

  void expect_as_reference(const std::vector<std::uint8_t>& image) {
    EXPECT_EQ(status_, STATUS_OK);
    EXPECT_EQ(overlaps_, 0u) << "a command ran into another's operands";
    for (const GuestError& error : guest_errors_) ADD_FAILURE() << error.subject << ": " << error.expected;
    reference::ImageRunner reference(image);
    EXPECT_EQ(output_, reference.run().values);
    EXPECT_EQ(result_.steps_done, reference.header().steps);
    EXPECT_LT(result_.start_cycle, result_.end_cycle);
  }

  schedule_t schedule_{};
  runner_t runner_{};
  dixion_image_result_t result_{};
  status_t status_ = STATUS_NOTHING_YET;
  std::uint32_t overlaps_ = 0;
  unsigned sleeps_ = 0;
  std::string message_;  ///< of the firmware, about a failed command
  std::vector<GuestError> guest_errors_;
  std::vector<std::int32_t> output_;
};

TEST_F(RunnerOnModel, WholeRunEqualsTheReference) {
  const PackedImage image = tiny_image();
  denoise(image.bytes);
  expect_as_reference(image.bytes);
  EXPECT_GT(schedule_.resident_bytes, 0u);
  EXPECT_GE(sleeps_, image.steps) << "the hart is to sleep while the accelerator works";
}

TEST_F(RunnerOnModel, WeightsThatDoNotFitTheGlobalBufferTakeTurnsInIt) {
  const PackedImage image = tiny_image();
  AcceleratorConfig config;
  config.global_buffer_bytes = 16 * 1024;
  denoise(image.bytes, config);
  expect_as_reference(image.bytes);
  EXPECT_LT(schedule_.resident_bytes, schedule_.weight_bytes);
  EXPECT_GT(schedule_.ring_bytes, 0u);
}

TEST_F(RunnerOnModel, SmallestGlobalBufferGivesTheSamePicture) {
  const PackedImage image = tiny_image();
  AcceleratorConfig config;
  config.global_buffer_bytes = 1024;
  denoise(image.bytes, config);
  expect_as_reference(image.bytes);
  EXPECT_LE(schedule_.resident_bytes + schedule_.ring_bytes + schedule_.activation_bytes, 1024u);
}

TEST_F(RunnerOnModel, ManyDmaChannelsAndOneCoreGiveTheSamePicture) {
  const PackedImage image = tiny_image();
  AcceleratorConfig config;
  config.dma_channels = 8;
  config.cores = 1;
  denoise(image.bytes, config);
  expect_as_reference(image.bytes);
}

TEST_F(RunnerOnModel, FailingOperatorIsNamedByItsTag) {
  PackedImage image = tiny_image();
  auto* header = reinterpret_cast<dixion_image_header_t*>(image.bytes.data());
  auto* operators = reinterpret_cast<dixion_image_operator_t*>(image.bytes.data() + header->operators_offset);
  std::uint32_t number = header->operator_count - 1;
  while (operators[number].opcode != DIXION_OPCODE_MATMUL || operators[number].phase != DIXION_PHASE_STEP) --number;
  operators[number].immediates[1] = 63;               // a shift beyond 62 ...
  operators[number].operands[3] = DIXION_IMAGE_NONE;  // ... that counts without a table
  header->checksum = crc32_ieee(image.bytes.data() + sizeof *header, header->data_offset - sizeof *header);
  denoise(image.bytes);
  EXPECT_EQ(status_, STATUS_COMMAND_FAILED);
  EXPECT_EQ(runner_.failure.cause, DIXION_CAUSE_BAD_IMMEDIATE);
  EXPECT_EQ(dixion_tag_operator(runner_.failure.tag), number);
  EXPECT_EQ(dixion_tag_step(runner_.failure.tag), 0u);
  EXPECT_NE(message_.find("MATMUL (step 0, layer "), std::string::npos) << message_;
  EXPECT_NE(message_.find("BAD_IMMEDIATE in IMMEDIATE1, value 0x3f"), std::string::npos) << message_;
}

}  // namespace
}  // namespace dixion::test
