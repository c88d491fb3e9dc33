// SPDX-License-Identifier: Apache-2.0
/// What the packer makes of workload.techniques.ep; the tiny workload has two layers with an attention each, 16 tokens,
/// 2 heads, 8 rows of the batch.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/top_keys.h"
#include "tests/unit/image/technique_bench.h"

namespace dixion {
namespace {

using reference::ImageRunner;
using test::expect_config_error;

struct EagerPrediction : test::TechniqueBench {
  workload::EagerPrediction& ep = *workload.mutable_techniques()->mutable_ep();

  void enable(double keep, double dominance = 0) {
    ep.set_enabled(true);
    ep.set_keep(keep);
    ep.set_dominance(dominance);
  }
  /// The operator of the layers' section with this name.
  workload::Operator& find(const std::string& name) {
    for (workload::Section& section : *workload.mutable_sections()) {
      for (workload::Operator& op : *section.mutable_operators()) {
        if (op.name() == name) return op;
      }
    }
    throw std::out_of_range(name);
  }
};

TEST_F(EagerPrediction, SettingsThatAreOffLeaveTheImageAsItIs) {
  workload.clear_techniques();
  const std::vector<std::uint8_t> plain = packed().bytes;
  workload.mutable_techniques()->mutable_ep()->set_keep(0.5);
  EXPECT_EQ(packed().bytes, plain);
}

TEST_F(EagerPrediction, EachPartOfTheBatchIsPredictedProjectedAndAttended) {
  enable(0.3);
  EXPECT_TRUE(with(DIXION_OPCODE_ATTENTION).empty());
  const auto predicts = with(DIXION_OPCODE_PREDICT), products = with(DIXION_OPCODE_MATMUL_ROWS),
             attentions = with(DIXION_OPCODE_ATTENTION_MASKED);
  ASSERT_EQ(predicts.size(), 8U);  // 2 layers, 4 parts of 2 rows
  ASSERT_EQ(products.size(), 8U);
  ASSERT_EQ(attentions.size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(predicts[i].layer, i / 4);
    EXPECT_EQ(predicts[i].operands[0], products[i].operands[0]);    // tokens
    EXPECT_EQ(predicts[i].operands[4], attentions[i].operands[3]);  // mask
    EXPECT_EQ(predicts[i].operands[5], products[i].operands[4]);    // rows
    EXPECT_EQ(predicts[i].immediates[0], 2U);
    EXPECT_EQ(predicts[i].immediates[1], 5U);  // 0.3 x 16, rounded up
    EXPECT_EQ(predicts[i].immediates[2], 0U);
    EXPECT_EQ(predicts[i].immediates[3], 0U);
    EXPECT_EQ(predicts[i].step_kinds, 0U);
    EXPECT_EQ(products[i].operands[1], products[i / 4 * 4].operands[1]);  // one copy of weights and factors
    EXPECT_EQ(products[i].operands[3], products[i / 4 * 4].operands[3]);
  }
  const PackedImage image = packed();
  const auto& names = image.operator_names;
  EXPECT_NE(std::find(names.begin(), names.end(), "0.attention.predict.part0"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "1.qkv.part3"), names.end());
}

TEST_F(EagerPrediction, ConMergeBuildsASchedulePerHeadBetweenPredictionAndAttention) {
  enable(0.3);
  EXPECT_TRUE(with(DIXION_OPCODE_CONMERGE_BUILD).empty());
  EXPECT_EQ(with(DIXION_OPCODE_ATTENTION_MASKED)[0].operands[5], DIXION_IMAGE_NONE);
  ep.set_conmerge(true);
  ep.set_merge_depth(2);
  ep.set_tile_width(4);
  const auto predicts = with(DIXION_OPCODE_PREDICT), builds = with(DIXION_OPCODE_CONMERGE_BUILD),
             attentions = with(DIXION_OPCODE_ATTENTION_MASKED);
  ASSERT_EQ(builds.size(), 8U);
  const PackedImage image = packed();
  const auto& names = image.operator_names;
  const auto place = [&](const char* name) { return std::find(names.begin(), names.end(), name) - names.begin(); };
  EXPECT_LT(place("1.attention.predict.part2"), place("1.attention.schedule.part2"));
  EXPECT_LT(place("1.attention.schedule.part2"), place("1.attention.part2"));
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(builds[i].layer, i / 4);
    EXPECT_EQ(builds[i].operands[0], predicts[i].operands[4]);  // mask
    EXPECT_EQ(builds[i].operands[1], attentions[i].operands[5]);
    EXPECT_EQ(builds[i].immediates[0], 16U);                    // keys
    EXPECT_EQ(builds[i].immediates[1], 2U | 0x100 | 4U << 16);  // of scores
    EXPECT_EQ(attentions[i].immediates[3], 2U | 4U << 16);
  }
  EXPECT_NE(builds[0].operands[1], builds[1].operands[1]);
  const reference::Tensor scheduled = ImageRunner(image.bytes).run();
  ep.clear_conmerge();
  expect_refusal({"workload.techniques.ep.tile_width", "is for ConMerge schedules"});
  ep.clear_tile_width();
  EXPECT_EQ(ImageRunner(packed().bytes).run().values, scheduled.values);
}

TEST_F(EagerPrediction, BadSettingsOfSchedulesAreRefused) {
  enable(0.5);
  ep.set_conmerge(true);
  ep.set_merge_depth(4);
  expect_refusal({"workload.techniques.ep.merge_depth", "from 1 to 3"});
  ep.set_merge_depth(3);
  ep.set_tile_width(5);
  expect_refusal({"has 16 tokens", "workload.techniques.ep.tile_width = 5"});
}

TEST_F(EagerPrediction, ThePredictionReadsTheLayersRowsOfQueriesAndKeys) {
  enable(0.5);
  const ImageRunner image(packed().bytes);
  const auto predict = with(DIXION_OPCODE_PREDICT)[0];
  const auto product = with(DIXION_OPCODE_MATMUL_ROWS)[0];
  for (const std::size_t operand : {1U, 2U, 3U}) {
    const auto part = image.load(predict.operands[operand]).values,
               whole = image.load(product.operands[operand]).values;
    ASSERT_EQ(part.size() * 3, whole.size() * 2) << operand;
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin())) << operand;
  }
}

TEST_F(EagerPrediction, KeepingEverythingGivesTheDensePicture) {
  const reference::Tensor dense = ImageRunner(packed().bytes).run();
  enable(1);
  EXPECT_EQ(ImageRunner(packed().bytes).run().values, dense.values);
  enable(0.2);
  EXPECT_NE(ImageRunner(packed().bytes).run().values, dense.values);
  enable(1, 1e-9);
  EXPECT_NE(ImageRunner(packed().bytes).run().values, dense.values);
}

TEST_F(EagerPrediction, DominanceIsCountedInUnitsOfAScore) {
  enable(1, 2);
  // Scales of q and k are 0.004, the depth is 16: 2 x 4 / 0.004^2.
  EXPECT_EQ(with(DIXION_OPCODE_PREDICT)[0].immediates[2], 500000U);
  enable(1, 1e9);
  EXPECT_EQ(with(DIXION_OPCODE_PREDICT)[0].immediates[2], 0xffffffffU);
}

TEST_F(EagerPrediction, LayersNotListedStayDense) {
  enable(0.5);
  ep.set_layers("1");
  EXPECT_EQ(with(DIXION_OPCODE_ATTENTION).size(), 1U);
  EXPECT_EQ(with(DIXION_OPCODE_PREDICT).size(), 4U);
  EXPECT_EQ(with(DIXION_OPCODE_PREDICT)[0].layer, 1U);
}

TEST_F(EagerPrediction, LayersOfThresholdingAreLeftToIt) {
  enable(0.5);
  workload::SoftmaxThresholding& st = *workload.mutable_techniques()->mutable_st();
  st.set_enabled(true);
  st.set_threshold(0.5);
  st.set_layers("0");
  EXPECT_EQ(with(DIXION_OPCODE_PREDICT).size(), 4U);
  EXPECT_EQ(with(DIXION_OPCODE_ATTENTION_MARK).size(), 1U);
  ep.set_layers("0-1");
  expect_refusal({"workload.techniques.ep.layers", "layer 0 is also in workload.techniques.st.layers"});
  ep.clear_layers();
  st.clear_layers();
  expect_refusal({"workload.techniques.ep.layers", "softmax thresholding has every layer that could be predicted"});
}

TEST_F(EagerPrediction, StepsThatReuseTokensPredictThoseListedAgainstStoredKeys) {
  enable(0.5);
  workload.mutable_techniques()->mutable_ctr()->set_enabled(true);
  workload.mutable_techniques()->mutable_ctr()->set_share(0.5);
  EXPECT_TRUE(with(DIXION_OPCODE_ATTENTION).empty());
  const auto predicts = with(DIXION_OPCODE_PREDICT), attentions = with(DIXION_OPCODE_ATTENTION_MASKED),
             products = with(DIXION_OPCODE_MATMUL_ROWS);
  ASSERT_EQ(predicts.size(), 10U);  // per layer four parts of the batch, and all of it with the list
  ASSERT_EQ(attentions.size(), 10U);
  ASSERT_EQ(products.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    const bool listed = i % 5 == 4;
    for (const auto& op : {predicts[i], attentions[i], products[i]}) {
      EXPECT_EQ(op.step_kinds, listed ? 0xccU : 0x33U);  // kinds with CTR, without
      EXPECT_EQ(op.operands[11] != DIXION_IMAGE_NONE, listed);
    }
    EXPECT_EQ(predicts[i].immediates[3], listed ? 0U : 1U);  // a refresh computes all keys and values
    EXPECT_EQ(predicts[i].operands[6], listed ? attentions[i].operands[1] : DIXION_IMAGE_NONE);
  }
  EXPECT_NE(predicts[4].operands[6], predicts[9].operands[6]);  // layers keep keys of their own
  enable(0.2);
  const reference::Tensor few = ImageRunner(packed().bytes).run();
  enable(1);
  EXPECT_NE(ImageRunner(packed().bytes).run().values, few.values);
  const reference::Tensor both = ImageRunner(packed().bytes).run();
  ep.set_enabled(false);
  EXPECT_EQ(ImageRunner(packed().bytes).run().values, both.values);
}

TEST_F(EagerPrediction, AKeyThatNoListedTokenNeedsKeepsItsCachedValue) {
  enable(0.1);
  workload.mutable_techniques()->mutable_ctr()->set_enabled(true);
  workload.mutable_techniques()->mutable_ctr()->set_share(0.5);
  ImageRunner runner(packed().bytes);
  reference::Tensor before, rows;
  std::size_t kept = 0, renewed = 0;  // elements of keys and values of listed tokens
  runner.run([&](std::uint32_t, std::uint32_t number, const reference::Tensor&) {
    const dixion_image_operator_t& op = runner.operator_record(number);
    if (op.operands[11] == DIXION_IMAGE_NONE) return;
    if (op.opcode == DIXION_OPCODE_PREDICT) {
      before = runner.load(runner.operator_record(number + 1).operands[5]);
      rows = runner.load(op.operands[5]);
    }
    if (op.opcode != DIXION_OPCODE_MATMUL_ROWS) return;
    const reference::Tensor after = runner.load(op.operands[5]), list = runner.load(op.operands[11]);
    const std::size_t tokens = after.extent[2], columns = after.extent[3], groups = rows.extent[2];
    for (std::size_t i = 0; i < static_cast<std::size_t>(list.values[0]); ++i) {
      const auto row = static_cast<std::size_t>(list.values[4 + i]);
      for (std::size_t n = columns / 3; n < columns; ++n) {
        const std::int32_t words = rows.at(0, row / tokens, n * groups / columns, 0);
        const std::size_t at = row * columns + n;
        if ((words >> row % tokens & 1) != 0) {
          renewed += after.values[at] != before.values[at] ? 1 : 0;
        } else {
          ASSERT_EQ(after.values[at], before.values[at]) << "row " << row << ", column " << n;
          ++kept;
        }
      }
    }
  });
  EXPECT_GT(kept, 0U);
  EXPECT_GT(renewed, 0U);
}

TEST_F(EagerPrediction, ProductsAreCountedOnce) {
  const WorkloadSummary dense = summarise_workload(workload, folder);
  enable(0.5);
  EXPECT_EQ(summarise_workload(workload, folder).run_macs, dense.run_macs);
}

TEST_F(EagerPrediction, BadSettingsAreNamed) {
  for (const double keep : {0.0, -0.1, 1.1}) {
    enable(keep);
    expect_refusal({"workload.techniques.ep.keep", "above 0 and at most 1"});
  }
  enable(0.5, -1);
  expect_refusal({"workload.techniques.ep.dominance", "0 or more"});
  enable(0.5);
  ep.set_layers("1-0");
  expect_refusal({"workload.techniques.ep.layers", "'1-0' runs backwards"});
  ep.set_layers("0,2");
  expect_refusal({"workload.techniques.ep.layers", "layer 2 has no self-attention"});
  ep.clear_layers();
  workload.clear_defined_techniques();
  expect_refusal({"workload.techniques.ep.enabled", "EP is not defined for network"});
}

TEST_F(EagerPrediction, NetworksOfAnotherFormAreRefusedByName) {
  enable(0.5);
  const std::string v = find("{layer}.attention").v();
  find("{layer}.attention").set_v("{layer}.heads");
  expect_refusal({"operator '0.attention'", "v", "layer out of workload.techniques.ep.layers"});
  find("{layer}.attention").set_v("{layer}.q");
  expect_refusal({"operator '0.attention'", "'0.qkv' does not make whole heads of q, k, v in this order"});
  find("{layer}.attention").set_v(v);
  EXPECT_NO_THROW(static_cast<void>(packed()));
}

/// Against the true scores of the trained network: what two steps of leading-one detection find, and one.
TEST(EagerPredictionOnGlyphs, TwoStepsFindMoreOfTheLargestScoresThanOne) {
  const std::filesystem::path file =
      std::filesystem::path(std::getenv("DIXION_SOURCE_DIR")) / "traces/workloads/glyphs.textproto";
  workload::Workload workload = load_workload(file);
  workload.set_steps(2);
  workload.set_classes("3");
  workload.set_guidance(0);
  workload::EagerPrediction& ep = *workload.mutable_techniques()->mutable_ep();
  ep.set_enabled(true);
  ep.set_keep(0.25);
  ImageRunner runner(pack_workload(workload, file.parent_path()).bytes);
  test::TopKeyHits two, one;
  runner.run([&](std::uint32_t step, std::uint32_t number, const reference::Tensor&) {
    const dixion_image_operator_t& op = runner.operator_record(number);
    if (op.opcode != DIXION_OPCODE_PREDICT || step != 1 || op.layer % 2 != 0) return;
    const auto load = [&](std::size_t operand) { return runner.load(op.operands[operand]); };
    const reference::PredictSettings settings{op.immediates[0], op.immediates[1], 0, false};
    const auto factors = runner.factors(op.operands[3], {});
    two += test::top_key_hits(load(0), load(1), load(2).values, factors, settings, reference::two_powers);
    one += test::top_key_hits(load(0), load(1), load(2).values, factors, settings, test::one_power);
  });
  std::printf("two steps %.3f, one step %.3f of %llu keys\n", two.rate(), one.rate(),
              static_cast<unsigned long long>(two.keys));
  EXPECT_GT(two.rate(), one.rate() + 0.05);
  EXPECT_GT(two.rate(), 0.8);
  EXPECT_LT(two.rate(), 1);
}

}  // namespace
}  // namespace dixion
