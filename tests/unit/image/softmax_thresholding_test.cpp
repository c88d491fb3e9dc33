// SPDX-License-Identifier: Apache-2.0
/// What the packer makes of workload.techniques.st; the tiny workload has two layers with an attention each.
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include "tests/unit/image/technique_bench.h"

namespace dixion {
namespace {

using reference::ImageRunner;
using test::expect_config_error;

struct SoftmaxThresholding : test::TechniqueBench {
  workload::SoftmaxThresholding& st = *workload.mutable_techniques()->mutable_st();
};

TEST_F(SoftmaxThresholding, SettingsThatAreOffLeaveTheImageAsItIs) {
  workload.clear_techniques();
  const std::vector<std::uint8_t> plain = bytes();
  workload.mutable_techniques()->mutable_st()->set_threshold(0.5);
  workload.mutable_techniques()->mutable_st()->set_mask_every(2);
  EXPECT_EQ(bytes(), plain);
  EXPECT_EQ(with(DIXION_OPCODE_ATTENTION).size(), 2U);
}

TEST_F(SoftmaxThresholding, EachAttentionBecomesAPairThatSharesAMask) {
  st.set_enabled(true);
  st.set_threshold(0.5);
  EXPECT_TRUE(with(DIXION_OPCODE_ATTENTION).empty());
  const auto marks = with(DIXION_OPCODE_ATTENTION_MARK), reuses = with(DIXION_OPCODE_ATTENTION_MASKED);
  ASSERT_EQ(marks.size(), 2U);
  ASSERT_EQ(reuses.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(marks[i].layer, i);
    EXPECT_EQ(reuses[i].layer, i);
    EXPECT_EQ(marks[i].step_kinds, 0x55U);
    EXPECT_EQ(reuses[i].step_kinds, 0xaaU);
    EXPECT_EQ(marks[i].operands[4], reuses[i].operands[3]);  // mask
    EXPECT_EQ(marks[i].operands[3], reuses[i].operands[4]);  // dst
    for (const std::size_t k : {0, 1, 2}) EXPECT_EQ(marks[i].operands[k], reuses[i].operands[k]);
    for (const std::size_t k : {0, 1, 2}) EXPECT_EQ(marks[i].immediates[k], reuses[i].immediates[k]);
    EXPECT_EQ(marks[i].immediates[3], 32768U);
  }
  EXPECT_NE(marks[0].operands[4], marks[1].operands[4]);
  const ImageRunner image(bytes());
  EXPECT_EQ(image.header().st.first_steps, 1U);
  EXPECT_EQ(image.header().st.dense_every, 0U);
}

TEST_F(SoftmaxThresholding, LayersNotListedStayDense) {
  st.set_enabled(true);
  st.set_layers("1");
  const auto dense = with(DIXION_OPCODE_ATTENTION), marks = with(DIXION_OPCODE_ATTENTION_MARK);
  ASSERT_EQ(dense.size(), 1U);
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(dense[0].layer, 0U);
  EXPECT_EQ(marks[0].layer, 1U);
  st.set_layers("0-1");
  EXPECT_EQ(with(DIXION_OPCODE_ATTENTION_MARK).size(), 2U);
}

TEST_F(SoftmaxThresholding, MasksInEveryStepGiveTheDensePicture) {
  const reference::Tensor dense = ImageRunner(bytes()).run();
  st.set_enabled(true);
  st.set_threshold(60000);
  st.set_mask_every(1);
  EXPECT_EQ(ImageRunner(bytes()).run().values, dense.values);
  st.set_mask_every(0);  // one key per query in all steps but the first
  EXPECT_NE(ImageRunner(bytes()).run().values, dense.values);
}

TEST_F(SoftmaxThresholding, ProductsAreCountedOnce) {
  const WorkloadSummary dense = summarise_workload(workload, folder);
  st.set_enabled(true);
  EXPECT_EQ(summarise_workload(workload, folder).run_macs, dense.run_macs);
}

TEST_F(SoftmaxThresholding, TilesShareABitAndMarkNoLessThanTheirElements) {
  st.set_enabled(true);
  st.set_mask_every(1);
  const reference::Tensor dense = ImageRunner(bytes()).run();
  st.set_mask_every(0);
  st.set_threshold(2);
  const auto picture = [&](const char* tile) {
    st.set_tile(tile);
    ImageRunner image(bytes());
    reference::Tensor output = image.run();
    for (std::uint32_t i = 0; i < image.header().operator_count; ++i) {
      const dixion_image_operator_t& op = image.operator_record(i);
      if (op.opcode != DIXION_OPCODE_ATTENTION_MARK) continue;
      const bool rows = std::string(tile) == "16x16", keys = rows || std::string(tile) == "1x16";
      EXPECT_EQ(op.immediates[2] >> 16, rows ? 0x1010U : keys ? 0x1001U : 0U);
      EXPECT_EQ(image.load(op.operands[4]).extent[2], rows ? 1U : 16U);
      EXPECT_EQ(image.load(op.operands[4]).extent[3], 1U);
    }
    return output.values;
  };
  // 16 tokens are one tile: all is kept.
  EXPECT_EQ(picture("16x16"), dense.values);
  EXPECT_EQ(picture("1x16"), dense.values);
  EXPECT_NE(picture("1x1"), dense.values);
  EXPECT_EQ(picture("1x1"), picture(""));
}

TEST_F(SoftmaxThresholding, AboveFourThousandTokensMasksHaveTiles) {
  const std::filesystem::path networks =
      std::filesystem::path(std::getenv("DIXION_SOURCE_DIR")) / "traces" / "workloads";
  workload = load_workload(networks / "pixart-sigma-2k.textproto");  // 16,384 tokens
  folder = networks;
  workload::SoftmaxThresholding& settings = *workload.mutable_techniques()->mutable_st();
  settings.set_enabled(true);
  const auto tile_bits = [&] {
    const std::vector<std::uint8_t> image = pack_workload(workload, folder, ImageContent::kTablesOnly).bytes;
    dixion_image_header_t header;
    std::memcpy(&header, image.data(), sizeof header);
    for (std::uint32_t i = 0; i < header.operator_count; ++i) {
      dixion_image_operator_t op;
      std::memcpy(&op, image.data() + header.operators_offset + i * sizeof op, sizeof op);
      if (op.opcode == DIXION_OPCODE_ATTENTION_MARK) return op.immediates[2] >> 16;
    }
    return 0U;
  };
  EXPECT_EQ(tile_bits(), 0x1010U);
  settings.set_tile("1x16");
  EXPECT_EQ(tile_bits(), 0x1001U);
  workload.mutable_techniques()->mutable_ctr()->set_enabled(true);
  settings.set_tile("16x16");
  expect_refusal({"workload.techniques.st.tile", "cached token reuse", "1x1 or 1x16"});
  settings.set_tile("");  // rows of tokens
  EXPECT_EQ(tile_bits(), 0x1001U);
  workload.mutable_techniques()->mutable_ctr()->set_enabled(false);
  settings.set_tile("1x1");
  expect_refusal({"workload.techniques.st.tile", "at most 4096 tokens", "16384"});
  settings.set_tile("4x4");
  expect_refusal({"workload.techniques.st.tile", "'4x4' is none of 1x1, 1x16, 16x16"});
}

TEST_F(SoftmaxThresholding, NetworksItIsNotDefinedForAreRefusedByName) {
  st.set_enabled(true);
  workload.clear_defined_techniques();
  expect_refusal({"workload.techniques.st.enabled", "ST is not defined for network '" + workload.name() + "'", "none"});
  workload.add_defined_techniques(workload::FFN_REUSE);
  workload.add_defined_techniques(workload::EP);
  expect_refusal({"workload.techniques.st.enabled", "FFN_REUSE, EP"});
  workload.add_defined_techniques(workload::ST);
  EXPECT_EQ(with(DIXION_OPCODE_ATTENTION_MARK).size(), 2U);
  st.set_enabled(false);
  workload.clear_defined_techniques();
  EXPECT_EQ(with(DIXION_OPCODE_ATTENTION).size(), 2U);
}

TEST_F(SoftmaxThresholding, BadSettingsAreNamed) {
  st.set_enabled(true);
  st.set_threshold(-1);
  expect_refusal({"workload.techniques.st.threshold", "from 0 to 65535"});
  st.set_threshold(1);
  st.set_first_steps(workload.steps() + 1);
  expect_refusal({"workload.techniques.st.first_steps", "more than the run's steps"});
  st.set_first_steps(workload.steps());
  st.set_mask_every(workload.steps() + 1);
  expect_refusal({"workload.techniques.st.mask_every", "more than the run's steps"});
  st.set_mask_every(0);
  for (const char* layers : {"a", "0,", "1-", "-1", "0 1", "300"}) {
    st.set_layers(layers);
    expect_refusal({"workload.techniques.st.layers", layers, "no list of layers"});
  }
  st.set_layers("1-0");
  expect_refusal({"workload.techniques.st.layers", "'1-0' runs backwards"});
  st.set_layers("0,2");
  expect_refusal({"workload.techniques.st.layers", "layer 2 has no self-attention"});
  st.set_layers("5");
  expect_refusal({"workload.techniques.st.enabled", "no layer"});
}

}  // namespace
}  // namespace dixion
