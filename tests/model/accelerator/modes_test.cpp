// SPDX-License-Identifier: Apache-2.0
// The operators of U-Nets and dance networks on the whole accelerator: functional and timing mode take the same time.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/model/accelerator/misuse_bench.h"

namespace dixion::test {
namespace {

struct Right {
  const char* name;
  std::uint8_t opcode;
  std::vector<std::uint32_t> src, dst;
  std::uint32_t immediates[4];
  std::uint8_t format = DIXION_FORMAT_INT12;
  bool has_table = false;     ///< operand 1
  bool has_channels = false;  ///< operands 1 and 2: shift and scale
};

void PrintTo(const Right& right, std::ostream* out) { *out << right.name; }

/// accel_cycles of the command.
std::uint64_t cycles_of(const Right& right, MisuseBench& bench) {
  std::uint64_t cycles = 0;
  bench.run([&] {
    bench.prepare_memory();
    const std::uint8_t wide = right.has_table ? DIXION_FORMAT_INT16 : DIXION_FORMAT_INT32;
    bench.describe(MisuseBench::kMatrix, MisuseBench::kTensors, right.format, 2, right.src);
    bench.describe(MisuseBench::kProduct, MisuseBench::kTensors + 0x10000, right.format, 2, right.dst);
    if (right.has_table) {
      bench.describe(MisuseBench::kWeight, MisuseBench::kTensors + 0x8000, wide, 2, {16, 64});
    } else {
      bench.describe(MisuseBench::kWeight, MisuseBench::kTensors + 0x8000, wide, 4, {64});
    }
    const std::uint16_t first = MisuseBench::kMatrix, last = MisuseBench::kProduct, middle = MisuseBench::kWeight;
    dixion_command_t command = right.has_table      ? bench.command(right.opcode, {first, middle, last})
                               : right.has_channels ? bench.command(right.opcode, {first, middle, middle, last})
                                                    : bench.command(right.opcode, {first, last});
    std::copy(std::begin(right.immediates), std::end(right.immediates), command.immediates);
    bench.make_ready(0);
    bench.submit(0, {command});
    bench.wait_for_records(0, 1);
    const dixion_completion_t& record = bench.record(0, 0);
    EXPECT_EQ(record.status, DIXION_STATUS_OK) << unsigned{record.cause} << " at " << unsigned{record.field};
    cycles = record.end_cycle - record.start_cycle;
  });
  EXPECT_TRUE(bench.errors.empty());
  return cycles;
}

class BothModes : public testing::TestWithParam<Right> {};

TEST_P(BothModes, TakeTheSameTime) {
  MisuseBench functional(config_of_mode(true), "functional"), timing(config_of_mode(false), "timing");
  const std::uint64_t cycles = cycles_of(GetParam(), functional);
  EXPECT_GT(cycles, 12U);
  EXPECT_EQ(cycles_of(GetParam(), timing), cycles);
}

Right with_channels(Right right) {
  right.has_channels = true;
  return right;
}
Right with_table(Right right) {
  right.has_table = true;
  return right;
}

constexpr std::uint32_t both(std::uint32_t value) { return value | value << 16; }

INSTANTIATE_TEST_SUITE_P(
    Operators, BothModes,
    testing::Values(Right{"Relu", DIXION_OPCODE_RELU, {2, 16, 64}, {2, 16, 64}, {1, 0, 1, 0}},
                    Right{"Geglu", DIXION_OPCODE_GEGLU, {2, 16, 64}, {2, 16, 32}, {1, 0, 1, 0}},
                    with_channels({"Modulate", DIXION_OPCODE_MODULATE, {2, 16, 64}, {2, 16, 64}, {1, 0, 1, 0}}),
                    with_table({"Rotary", DIXION_OPCODE_ROTARY, {2, 16, 64}, {2, 16, 64}, {1, 14, 0, 0}}),
                    Right{"Im2col", DIXION_OPCODE_DMA_IM2COL, {2, 8, 8, 8}, {2, 8, 8, 72}, {both(3), both(1), both(1)}},
                    Right{"Resize", DIXION_OPCODE_DMA_RESIZE, {2, 8, 8, 8}, {2, 16, 16, 8}, {}}),
    [](const auto& entry) { return std::string(entry.param.name); });

}  // namespace
}  // namespace dixion::test
