// SPDX-License-Identifier: Apache-2.0
#include "platform/energy/command_actions.h"

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
#include "models/common/operands.h"
#include "models/engines/vector/vector_timing.h"

namespace dixion {
namespace {

/// 2 rows and 4 columns of units.
AcceleratorConfig machine() {
  AcceleratorConfig config;
  config.array_rows = 2;
  config.array_columns = 4;
  config.prediction_rows = 2;
  config.prediction_columns = 4;
  return config;
}

TensorView tensor(dixion_format format, std::initializer_list<std::uint32_t> extents) {
  TensorView view;
  view.format = format;
  view.rank = static_cast<std::uint8_t>(extents.size());
  std::uint64_t stride = element_bytes(format);
  unsigned i = 0;
  for (const std::uint32_t extent : extents) view.extent[i++] = extent;
  while (i-- > 0) view.stride[i] = stride, stride *= view.extent[i];
  return view;
}

Command command_of(std::uint8_t opcode, std::initializer_list<TensorView> operands, CoreMask cores = 1) {
  Command command;
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value == opcode) command.info = &info;
  }
  unsigned i = 0;
  for (const TensorView& view : operands) command.operands[i++] = view;
  command.cores = cores;
  return command;
}

struct Counted {
  explicit Counted(const Command& command, std::uint64_t macs = 0, std::uint64_t dram_bytes = 0,
                   std::uint64_t buffer_bytes = 0, const MaskWork& mask = {}) {
    Demand demand;
    demand.transfers = transfers_of(command);
    CommandCost cost;
    cost.macs = macs;
    cost.dram_read_bytes = dram_bytes;
    cost.buffer_write_bytes = buffer_bytes;
    cost.mask = mask;
    counts = command_actions(machine(), command, demand, cost);
  }
  std::uint64_t operator[](Action action) const { return counts[static_cast<std::size_t>(action)]; }
  ActionCounts counts;
};

/// [5, 6] x [9, 6]: 3 tiles of rows, 3 of columns.
Command product(dixion_format weight = DIXION_FORMAT_INT8) {
  return command_of(
      DIXION_OPCODE_MATMUL,
      {tensor(DIXION_FORMAT_INT12, {5, 6}), tensor(weight, {9, 6}), {}, {}, tensor(DIXION_FORMAT_INT12, {5, 9})});
}
constexpr std::uint64_t kProducts = 5 * 6 * 9;
constexpr std::uint64_t kDelivered =
    5 * 6 * 2 * 3 + 9 * 6 * 1 * 3;  // src per tile of columns, weights per tile of rows

TEST(CommandActions, APredictionCountsLogProductsAndItsDeliveries) {
  // Two samples of 5 tokens, 2 heads of 2: 8 rows of weights, 3 tiles of tokens as rows, 2 as columns.
  Command predict = command_of(DIXION_OPCODE_PREDICT, {tensor(DIXION_FORMAT_INT12, {2, 5, 6}),
                                                       tensor(DIXION_FORMAT_INT8, {8, 6}),
                                                       {},
                                                       tensor(DIXION_FORMAT_REQUANT, {8}),
                                                       tensor(DIXION_FORMAT_UINT32, {2, 2, 5, 1}),
                                                       tensor(DIXION_FORMAT_UINT32, {2, 6, 1})});
  predict.immediates[0] = 2;
  const Counted counted(predict);
  EXPECT_EQ(counted[Action::kLogProduct], 2U * 5 * 8 * 6 + 4U * 5 * 5 * 2);
  EXPECT_EQ(counted[Action::kMacInt12Int8], 0U);
  const std::uint64_t projected = 2 * 6 * (5 * 2 * 2 + 8 * 3), scored = 4 * 2 * 5 * 2 * (2 + 3), kept = 2 * 5 * 8 * 2;
  const std::uint64_t filled = 120 + 48 + 64 + 2 * (80 + 48);  // results in and out
  EXPECT_EQ(counted[Action::kCoreSramByte], projected + scored + kept + filled);
  // Four of the ten tokens listed.
  MaskWork listed;
  listed.tokens = 10;
  listed.active_tokens = 4;
  const Counted part(predict, 0, 0, 0, listed);
  EXPECT_EQ(part[Action::kLogProduct], counted[Action::kLogProduct] * 4 / 10);
  EXPECT_EQ(part[Action::kCoreSramByte], (projected + scored + kept) * 4 / 10 + filled);
}

TEST(CommandActions, AProductCountsMacsOfItsFormats) {
  const Counted narrow(product(), kProducts);
  EXPECT_EQ(narrow[Action::kMacInt12Int8], kProducts);
  EXPECT_EQ(narrow[Action::kMacInt12], 0U);
  EXPECT_EQ(narrow[Action::kRegisterByte], kProducts * 20 / 8);
  const Counted wide(product(DIXION_FORMAT_INT12), kProducts);
  EXPECT_EQ(wide[Action::kMacInt12Int8], 0U);
  EXPECT_EQ(wide[Action::kMacInt12], kProducts);
  EXPECT_EQ(wide[Action::kRegisterByte], kProducts * 3);
}

TEST(CommandActions, FormatsThatOnlyTimingModeKnowsHaveRows) {
  Command floats = product(DIXION_FORMAT_BF16);
  floats.operands[0].format = DIXION_FORMAT_BF16;
  EXPECT_EQ(Counted(floats, 7)[Action::kMacFloat16], 7U);
  Command bytes = product();
  bytes.operands[0].format = DIXION_FORMAT_INT8;
  EXPECT_EQ(Counted(bytes, 7)[Action::kMacInt8], 7U);
}

TEST(CommandActions, AProductReadsTilesAndWritesWhatItKeeps) {
  const std::uint64_t filled = 5 * 6 * 2 + 9 * 6;
  const std::uint64_t result = 2 * 5 * 9 * 2;  // in and out
  EXPECT_EQ(Counted(product(), kProducts)[Action::kCoreSramByte], kDelivered + filled + result);
}

TEST(CommandActions, MulticastFillsEveryCoreThatHasATile) {
  const std::uint64_t once = Counted(product(), kProducts)[Action::kCoreSramByte];
  Command rows = product();
  rows.cores = 0b11;
  EXPECT_EQ(Counted(rows, kProducts)[Action::kCoreSramByte], once + 9 * 6);
  rows.cores = 0b11111;  // five cores, three tiles of rows
  EXPECT_EQ(Counted(rows, kProducts)[Action::kCoreSramByte], once + 2 * 9 * 6);
  Command columns = product();
  columns.cores = 0b11;
  columns.split = DIXION_SPLIT_COLUMNS;
  EXPECT_EQ(Counted(columns, kProducts)[Action::kCoreSramByte], once + 5 * 6 * 2);
}

TEST(CommandActions, SkippedProductsReadInProportion) {
  const std::uint64_t all = Counted(product(), kProducts)[Action::kCoreSramByte];
  const Counted half(product(), kProducts / 2);
  EXPECT_EQ(half[Action::kMacInt12Int8], kProducts / 2);
  EXPECT_EQ(half[Action::kCoreSramByte], all - kDelivered / 2);
}

TEST(CommandActions, UnitsOfAMergedBlockThatComputeNothingStandStill) {
  // [1, 5, 6] x [9, 6]: 270 products, 200 marked as unnecessary, 120 of them exploited.
  const auto counts = [](const TensorView& schedule) {
    const Command command = command_of(DIXION_OPCODE_MATMUL_MASKED, {tensor(DIXION_FORMAT_INT12, {1, 5, 6}),
                                                                     tensor(DIXION_FORMAT_INT8, {9, 6}),
                                                                     {},
                                                                     {},
                                                                     tensor(DIXION_FORMAT_UINT32, {1, 5, 1}),
                                                                     schedule,
                                                                     tensor(DIXION_FORMAT_INT12, {1, 5, 9})});
    CommandCost cost;
    cost.macs = 270;
    cost.mask.macs_marked = 200;
    cost.mask.macs_exploited = 120;
    return command_actions(machine(), command, {}, cost)[static_cast<std::size_t>(Action::kMacInt12Int8)];
  };
  EXPECT_EQ(counts({}), 150U);
  EXPECT_EQ(counts(tensor(DIXION_FORMAT_UINT32, {1, 1, 80})), 70U);
}

TEST(CommandActions, PartialSumsAndMasksPassTheCoreSram) {
  const TensorView src = tensor(DIXION_FORMAT_INT12, {1, 5, 6}), weight = tensor(DIXION_FORMAT_INT8, {9, 6}),
                   dst = tensor(DIXION_FORMAT_INT12, {1, 5, 9}), mask = tensor(DIXION_FORMAT_UINT32, {1, 5, 1}),
                   sums = tensor(DIXION_FORMAT_INT32, {1, 5, 9});
  const std::uint64_t dense =
      Counted(command_of(DIXION_OPCODE_MATMUL, {src, weight, {}, {}, dst}), 270)[Action::kCoreSramByte];
  const Counted partial(command_of(DIXION_OPCODE_MATMUL_PARTIAL, {src, weight, {}, {}, mask, dst, sums}), 270);
  EXPECT_EQ(partial[Action::kCoreSramByte], dense + 5 * 4 + 2 * 5 * 9 * 4);
  const Counted resume(command_of(DIXION_OPCODE_MATMUL_RESUME, {src, weight, {}, mask, sums, dst}), 270);
  EXPECT_EQ(resume[Action::kCoreSramByte], dense + 5 * 4 + 5 * 9 * 4);
}

TEST(CommandActions, TheSparsityControllerComparesElementsAndGeneratesColumns) {
  const TensorView src = tensor(DIXION_FORMAT_INT12, {1, 5, 40}), mask = tensor(DIXION_FORMAT_UINT32, {1, 5, 2});
  const Counted threshold(command_of(DIXION_OPCODE_MASK_THRESHOLD, {src, mask}));
  EXPECT_EQ(threshold[Action::kRegisterByte], 2U * 200);
  EXPECT_EQ(threshold[Action::kCoreSramByte], 2U * (400 + 40));
  CommandCost cost;
  cost.busy_cycles = 77;
  const ActionCounts build = command_actions(
      machine(), command_of(DIXION_OPCODE_CONMERGE_BUILD, {mask, tensor(DIXION_FORMAT_UINT32, {1, 1, 80})}), {}, cost);
  EXPECT_EQ(build[static_cast<std::size_t>(Action::kRegisterByte)], 2U * 77);
}

TEST(CommandActions, SamplesWithTheirOwnWeightsDoNotShareTiles) {
  const Command own = command_of(DIXION_OPCODE_MATMUL, {tensor(DIXION_FORMAT_INT12, {2, 3, 6}),
                                                        tensor(DIXION_FORMAT_INT12, {2, 9, 6}),
                                                        {},
                                                        {},
                                                        tensor(DIXION_FORMAT_INT12, {2, 3, 9})});
  const std::uint64_t delivered = 2 * (3 * 6 * 2 * 3 + 9 * 6 * 2 * 2);
  EXPECT_EQ(Counted(own, 2 * 3 * 6 * 9)[Action::kCoreSramByte],
            delivered + 2 * 3 * 6 * 2 + 2 * 9 * 6 * 2 + 2 * (2 * 3 * 9 * 2));
  const Command shared = command_of(DIXION_OPCODE_MATMUL, {tensor(DIXION_FORMAT_INT12, {2, 3, 6}),
                                                           tensor(DIXION_FORMAT_INT8, {9, 6}),
                                                           {},
                                                           {},
                                                           tensor(DIXION_FORMAT_INT12, {2, 3, 9})});
  const std::uint64_t tall = 6 * 6 * 2 * 3 + 9 * 6 * 3;  // six rows: three tiles, not two per sample
  EXPECT_EQ(Counted(shared, 2 * 3 * 6 * 9)[Action::kCoreSramByte], tall + 2 * 3 * 6 * 2 + 9 * 6 + 2 * (2 * 3 * 9 * 2));
}

// One sample, 3 heads, 5 queries, 7 keys, 6 channels.
TEST(CommandActions, AttentionCountsBothProductsScoresAndSoftmax) {
  const TensorView q = tensor(DIXION_FORMAT_INT12, {1, 3, 5, 6}), k = tensor(DIXION_FORMAT_INT12, {1, 3, 7, 6});
  const std::uint64_t macs = 2 * 3 * 5 * 7 * 6;
  const Counted counted(command_of(DIXION_OPCODE_ATTENTION, {q, k, k, q}), macs);
  EXPECT_EQ(counted[Action::kMacInt12], macs);
  EXPECT_EQ(counted[Action::kVectorElement], 3U * (5 * 7 + 5 * 6));
  const std::uint64_t scores_product = 5 * 6 * 2 * 2 + 7 * 6 * 2 * 3;  // 2 tiles of keys, 3 of queries
  const std::uint64_t values_product = 5 * 7 * 2 * 2 + 7 * 6 * 2 * 3;  // 2 tiles of channels
  const std::uint64_t kept = 5 * 7 * (4 + 4 + 2);
  const std::uint64_t filled = 3 * (5 + 7 + 7) * 6 * 2 + 2 * 3 * 5 * 6 * 2;
  EXPECT_EQ(counted[Action::kCoreSramByte], 3 * (scores_product + values_product + kept) + filled);
}

TEST(CommandActions, VectorWorkIsElementsTimesPasses) {
  const TensorView x = tensor(DIXION_FORMAT_INT32, {4, 10}), h = tensor(DIXION_FORMAT_INT12, {4, 10});
  const Counted convert(command_of(DIXION_OPCODE_CONVERT, {x, h}));
  EXPECT_EQ(convert[Action::kVectorElement], 40U);
  EXPECT_EQ(convert[Action::kCoreSramByte], 2U * 160 + 2 * 80);  // in and out, both ways
  const Counted norm(command_of(DIXION_OPCODE_NORM_MODULATE, {x, {}, {}, h}));
  EXPECT_EQ(norm[Action::kVectorElement], 120U);
  EXPECT_EQ(norm[Action::kCoreSramByte], 4U * 160 + 2 * 80);
}

TEST(CommandActions, GegluWorksOnBothHalves) {
  const Counted counted(
      command_of(DIXION_OPCODE_GEGLU, {tensor(DIXION_FORMAT_INT12, {4, 20}), tensor(DIXION_FORMAT_INT12, {4, 10})}));
  EXPECT_EQ(counted[Action::kVectorElement], 80U);
}

TEST(CommandActions, DmaMovesBytesInAndOut) {
  const TensorView bytes = tensor(DIXION_FORMAT_INT8, {100});
  const Counted counted(command_of(DIXION_OPCODE_DMA_COPY, {bytes, bytes}), 0, 100, 100);
  EXPECT_EQ(counted[Action::kDmaByte], 200U);
  EXPECT_EQ(counted[Action::kDramByte], 100U);
  EXPECT_EQ(counted[Action::kGlobalBufferByte], 100U);
  EXPECT_EQ(counted[Action::kNetworkByte], 200U);
  EXPECT_EQ(counted[Action::kCoreSramByte], 0U);
}

TEST(CommandActions, VectorPassesAreThoseOfTheTiming) {
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.unit != abi::Unit::kVector || info.value == DIXION_OPCODE_GROUP_NORM) continue;
    EXPECT_EQ(energy_vector_passes(info.value), vector_passes(info.value)) << info.name;
  }
  EXPECT_EQ(energy_vector_passes(DIXION_OPCODE_GROUP_NORM), vector_passes(DIXION_OPCODE_NORM_MODULATE));
}

}  // namespace
}  // namespace dixion
