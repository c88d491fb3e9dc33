// SPDX-License-Identifier: Apache-2.0
/// What the packer makes of workload.techniques.ffn_reuse; the tiny workload has two layers with a feed-forward network
/// of 32, 128 and 32 each on 16 tokens.
#include <cstring>

#include <gtest/gtest.h>

#include "tests/unit/image/technique_bench.h"

namespace dixion {
namespace {

using reference::ImageRunner;
using test::expect_config_error;

struct FfnReuse : test::TechniqueBench {
  workload::FfnReuse& ffn = *workload.mutable_techniques()->mutable_ffn_reuse();
};

constexpr std::uint32_t kDense = 0x0f, kReuse = 0xf0;  // kinds of steps without and with the bit of FFN-Reuse

TEST_F(FfnReuse, SettingsThatAreOffLeaveTheImageAsItIs) {
  workload.clear_techniques();
  const std::vector<std::uint8_t> plain = bytes();
  workload.mutable_techniques()->mutable_ffn_reuse()->set_threshold(0.5);
  EXPECT_EQ(bytes(), plain);
}

TEST_F(FfnReuse, EachNetworkBecomesADenseAndASparseOneThatShareMaskAndPartialSums) {
  const std::size_t products = with(DIXION_OPCODE_MATMUL).size();
  ffn.set_enabled(true);
  ffn.set_threshold(0.1);  // 40 units of 0.0025
  ffn.set_dense_every(3);
  EXPECT_EQ(with(DIXION_OPCODE_MATMUL).size(), products - 2);
  const auto masked = with(DIXION_OPCODE_MATMUL_MASKED), partial = with(DIXION_OPCODE_MATMUL_PARTIAL),
             resume = with(DIXION_OPCODE_MATMUL_RESUME), marks = with(DIXION_OPCODE_MASK_THRESHOLD);
  ASSERT_EQ(masked.size(), 2U);
  ASSERT_EQ(partial.size(), 2U);
  ASSERT_EQ(resume.size(), 2U);
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_TRUE(with(DIXION_OPCODE_CONMERGE_BUILD).empty());
  const ImageRunner image(bytes());
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(masked[i].layer, i);
    EXPECT_EQ(masked[i].step_kinds, kReuse);
    EXPECT_EQ(resume[i].step_kinds, kReuse);
    EXPECT_EQ(partial[i].step_kinds, kDense);
    EXPECT_EQ(marks[i].step_kinds, kDense);
    EXPECT_EQ(marks[i].immediates[0], 41U);
    EXPECT_EQ(masked[i].immediates[2], 1U);
    EXPECT_EQ(masked[i].immediates[3], 0x100U);  // tiles' columns
    EXPECT_EQ(resume[i].immediates[3], 1U);
    const std::uint32_t mask = marks[i].operands[1];
    EXPECT_EQ(masked[i].operands[4], mask);
    EXPECT_EQ(partial[i].operands[4], mask);
    EXPECT_EQ(resume[i].operands[3], mask);
    EXPECT_EQ(masked[i].operands[5], DIXION_IMAGE_NONE);
    EXPECT_EQ(partial[i].operands[6], resume[i].operands[4]);  // partial sums
    EXPECT_EQ(partial[i].operands[5], resume[i].operands[5]);  // dst
    EXPECT_EQ(partial[i].operands[1], resume[i].operands[1]);  // weight
    EXPECT_EQ(partial[i].operands[3], resume[i].operands[2]);  // requantisation, shared
    EXPECT_EQ(image.load(mask).size(), 8U * 16 * 4);
  }
  EXPECT_EQ(image.header().ffn.first_steps, 1U);
  EXPECT_EQ(image.header().ffn.dense_every, 3U);
}

TEST_F(FfnReuse, ConMergeAddsAScheduleWithRoomForTheWorstCase) {
  ffn.set_enabled(true);
  ffn.set_conmerge(true);
  ffn.set_merge_depth(2);
  ffn.set_tile_width(4);
  const auto builds = with(DIXION_OPCODE_CONMERGE_BUILD), masked = with(DIXION_OPCODE_MATMUL_MASKED),
             resume = with(DIXION_OPCODE_MATMUL_RESUME);
  ASSERT_EQ(builds.size(), 2U);
  const ImageRunner image(bytes());
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(builds[i].step_kinds, kDense);
    EXPECT_EQ(builds[i].immediates[0], 128U);
    EXPECT_EQ(builds[i].immediates[1], 2U | 4U << 16);
    EXPECT_EQ(masked[i].operands[5], builds[i].operands[1]);
    EXPECT_EQ(masked[i].immediates[3], 0x100U | 2U | 4U << 16);
    EXPECT_EQ(resume[i].immediates[2], 4U);
    EXPECT_EQ(image.load(builds[i].operands[1]).size(), 8U * 1 * (16 + 64 * 8));
  }
}

TEST_F(FfnReuse, SparseStepsKeepTheHiddenTensorByTilesColumns) {
  const std::size_t activations = with(DIXION_OPCODE_GELU).size();
  ffn.set_enabled(true);
  ffn.set_tile_width(4);
  const auto gelus = with(DIXION_OPCODE_GELU), masked = with(DIXION_OPCODE_MATMUL_MASKED),
             resume = with(DIXION_OPCODE_MATMUL_RESUME);
  ASSERT_EQ(gelus.size(), activations + 2);
  std::size_t found = 0;
  for (const dixion_image_operator_t& gelu : gelus) {
    if (gelu.operands[2] == DIXION_IMAGE_NONE) continue;
    ASSERT_LT(found, 2U);
    EXPECT_EQ(gelu.step_kinds, kReuse);
    EXPECT_EQ(gelu.operands[0], masked[found].operands[6]);
    EXPECT_EQ(gelu.operands[1], resume[found].operands[0]);
    EXPECT_EQ(gelu.operands[2], masked[found].operands[4]);
    EXPECT_EQ(gelu.immediates[3] >> 16, 4U);
    EXPECT_LE(gelu.immediates[3] & 0xffff, 62U);
    ++found;
  }
  EXPECT_EQ(found, 2U);
}

TEST_F(FfnReuse, TheLayoutChangesNoPicture) {
  ffn.set_enabled(true);
  ffn.set_threshold(0.1);
  ffn.set_tile_width(4);
  ImageRunner columns(bytes());
  const reference::Tensor picture = columns.run();
  ffn.set_hidden_rows(true);
  ImageRunner rows(bytes());
  EXPECT_EQ(rows.run().values, picture.values);
  EXPECT_EQ(rows.saturations(), columns.saturations());
}

TEST_F(FfnReuse, RowsStayWhereTheyAreAskedForOrListed) {
  ffn.set_enabled(true);
  const auto by_columns = [this] {
    std::size_t count = 0;
    for (const dixion_image_operator_t& op : with(DIXION_OPCODE_GELU)) count += op.operands[2] != DIXION_IMAGE_NONE;
    for (const dixion_image_operator_t& op : with(DIXION_OPCODE_MATMUL_MASKED)) count += op.immediates[3] >> 8 & 1;
    for (const dixion_image_operator_t& op : with(DIXION_OPCODE_MATMUL_RESUME)) count += op.immediates[3];
    return count;
  };
  EXPECT_EQ(by_columns(), 3U * 2);
  ffn.set_hidden_rows(true);
  EXPECT_EQ(by_columns(), 0U);
  ffn.set_hidden_rows(false);
  workload.mutable_techniques()->mutable_ctr()->set_enabled(true);
  EXPECT_EQ(by_columns(), 0U);
}

TEST_F(FfnReuse, MarkingEverythingAndDenseStepsOnlyGiveTheDensePicture) {
  const reference::Tensor dense = ImageRunner(bytes()).run();
  ffn.set_enabled(true);
  ffn.set_threshold(0);
  EXPECT_EQ(ImageRunner(bytes()).run().values, dense.values);
  ffn.set_threshold(0.5);
  ffn.set_dense_every(1);
  EXPECT_EQ(ImageRunner(bytes()).run().values, dense.values);
  ffn.set_dense_every(0);
  EXPECT_NE(ImageRunner(bytes()).run().values, dense.values);
}

TEST_F(FfnReuse, AThresholdAboveAllElementsMarksNone) {
  ffn.set_enabled(true);
  ffn.set_threshold(1e9);
  EXPECT_EQ(with(DIXION_OPCODE_MASK_THRESHOLD)[0].immediates[0], 2049U);
}

TEST_F(FfnReuse, ProductsAreCountedOnce) {
  const WorkloadSummary dense = summarise_workload(workload, folder);
  ffn.set_enabled(true);
  ffn.set_conmerge(true);
  EXPECT_EQ(summarise_workload(workload, folder).run_macs, dense.run_macs);
}

TEST_F(FfnReuse, LayersNotListedStayDense) {
  ffn.set_enabled(true);
  ffn.set_layers("1");
  const auto partial = with(DIXION_OPCODE_MATMUL_PARTIAL);
  ASSERT_EQ(partial.size(), 1U);
  EXPECT_EQ(partial[0].layer, 1U);
}

TEST_F(FfnReuse, BadSettingsAreNamed) {
  ffn.set_enabled(true);
  ffn.set_threshold(-1);
  expect_refusal({"workload.techniques.ffn_reuse.threshold", "from 0 on"});
  ffn.set_threshold(0.2);
  ffn.set_first_steps(workload.steps() + 1);
  expect_refusal({"workload.techniques.ffn_reuse.first_steps", "more than the run's steps"});
  ffn.set_first_steps(0);
  ffn.set_dense_every(workload.steps() + 1);
  expect_refusal({"workload.techniques.ffn_reuse.dense_every", "more than the run's steps"});
  ffn.set_dense_every(0);
  ffn.set_merge_depth(4);
  expect_refusal({"workload.techniques.ffn_reuse.merge_depth", "from 1 to 3"});
  ffn.set_merge_depth(0);
  ffn.set_tile_width(5);
  expect_refusal({"operator '0.f1'", "16 tokens", "workload.techniques.ffn_reuse.tile_width = 5"});
  ffn.set_tile_width(0);
  ffn.set_layers("0,2");
  expect_refusal({"workload.techniques.ffn_reuse.layers", "layer 2 has no feed-forward network"});
  ffn.set_layers("5");
  expect_refusal({"workload.techniques.ffn_reuse.enabled", "no layer"});
  ffn.set_layers("1-");
  expect_refusal({"workload.techniques.ffn_reuse.layers", "no list of layers"});
}

// ---- Published networks.

std::filesystem::path networks() {
  return std::filesystem::path(std::getenv("DIXION_SOURCE_DIR")) / "traces/workloads";
}

struct Network {
  const char* name;
  std::size_t count;     ///< feed-forward networks in a step
  std::uint32_t shares;  ///< 2: GEGLU
};

void PrintTo(const Network& network, std::ostream* out) { *out << network.name; }

class FfnReuseOf : public testing::TestWithParam<Network> {};

TEST_P(FfnReuseOf, FindsEveryFeedForwardNetworkOfTheStep) {
  workload::Workload workload = load_workload(networks() / (std::string(GetParam().name) + ".textproto"));
  workload.mutable_techniques()->mutable_ffn_reuse()->set_enabled(true);
  workload.mutable_techniques()->mutable_ffn_reuse()->set_threshold(0.1);
  workload.mutable_techniques()->mutable_ffn_reuse()->set_conmerge(true);
  const PackedImage image = pack_workload(workload, networks(), ImageContent::kTablesOnly);
  dixion_image_header_t header;
  std::memcpy(&header, image.bytes.data(), sizeof header);
  std::size_t masked = 0;
  for (std::uint32_t i = 0; i < header.operator_count; ++i) {
    dixion_image_operator_t op;
    std::memcpy(&op, image.bytes.data() + header.operators_offset + i * sizeof op, sizeof op);
    if (op.opcode != DIXION_OPCODE_MATMUL_MASKED) continue;
    ++masked;
    EXPECT_EQ(op.immediates[2], GetParam().shares);
  }
  EXPECT_EQ(masked, GetParam().count);
}

INSTANTIATE_TEST_SUITE_P(Networks, FfnReuseOf,
                         testing::Values(Network{"mld", 9, 1}, Network{"mdm", 8, 1}, Network{"edge", 8, 1},
                                         Network{"dit-xl-2-256", 28, 1}, Network{"dit-xl-2-512", 28, 1},
                                         Network{"pixart-sigma-1k", 28, 1}, Network{"make-an-audio", 11, 2},
                                         Network{"stable-diffusion-v1", 16, 2}, Network{"videocrafter2", 33, 2}));

}  // namespace
}  // namespace dixion
