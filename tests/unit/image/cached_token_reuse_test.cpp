// SPDX-License-Identifier: Apache-2.0
/// What the packer makes of workload.techniques.ctr; the tiny workload has two layers, 16 tokens, four steps.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/unit/image/technique_bench.h"

namespace dixion {
namespace {

using reference::ImageRunner;
using test::expect_config_error;

constexpr std::uint32_t kReuses = 0xcc, kComputesAll = 0x33;  // kinds with and without bit 1

struct CachedTokenReuse : test::TechniqueBench {
  workload::CachedTokenReuse& ctr = *workload.mutable_techniques()->mutable_ctr();
};

std::vector<dixion_image_operator_t> operators_of(const ImageRunner& image) {
  std::vector<dixion_image_operator_t> operators;
  for (std::uint32_t i = 0; i < image.header().operator_count; ++i) operators.push_back(image.operator_record(i));
  return operators;
}

TEST_F(CachedTokenReuse, SettingsThatAreOffLeaveTheImageAsItIs) {
  const std::vector<std::uint8_t> plain = bytes();
  ctr.set_share(0.5);
  ctr.set_refresh_every(2);
  EXPECT_EQ(bytes(), plain);
}

TEST_F(CachedTokenReuse, OperatorsOnTokensGetAnAlternativeWithTheList) {
  ctr.set_enabled(true);
  ctr.set_share(0.5);
  ctr.set_threshold(0.25);
  const ImageRunner image(bytes());
  const auto operators = operators_of(image);
  std::uint32_t list = DIXION_IMAGE_NONE;
  std::map<unsigned, unsigned> pairs, alone;
  for (std::size_t i = 0; i < operators.size(); ++i) {
    const dixion_image_operator_t& op = operators[i];
    if (op.opcode == DIXION_OPCODE_TOKEN_DECISION) {
      list = op.operands[2];
      EXPECT_EQ(op.step_kinds, kReuses);
      EXPECT_EQ(op.immediates[0], 2U);
      EXPECT_EQ(op.immediates[1], 16384U);
      EXPECT_EQ(op.immediates[2], 32768U);
      continue;
    }
    if (op.phase != DIXION_PHASE_STEP) continue;
    if (op.operands[11] == DIXION_IMAGE_NONE && op.step_kinds == 0) ++alone[op.opcode];
    if (op.operands[11] == DIXION_IMAGE_NONE) continue;
    ++pairs[op.opcode];
    EXPECT_EQ(op.operands[11], list);
    EXPECT_EQ(op.step_kinds, kReuses);
    const dixion_image_operator_t& dense = operators[i - 1];
    EXPECT_EQ(dense.step_kinds, kComputesAll);
    EXPECT_EQ(dense.opcode, op.opcode);
    for (std::size_t k = 0; k < 11; ++k) EXPECT_EQ(dense.operands[k], op.operands[k]);
  }
  // Per layer qkv, o, f1, f2; before and behind them the embedding and the output.
  EXPECT_EQ(pairs[DIXION_OPCODE_MATMUL], 2U * 4 + 2);
  EXPECT_EQ(pairs[DIXION_OPCODE_ATTENTION], 2U);
  EXPECT_EQ(pairs[DIXION_OPCODE_NORM_MODULATE], 2U * 2 + 1);
  EXPECT_EQ(pairs[DIXION_OPCODE_GELU], 2U);
  EXPECT_EQ(pairs[DIXION_OPCODE_GATED_RESIDUAL], 2U * 2);
  EXPECT_EQ(pairs[DIXION_OPCODE_ADD], 1U);
  EXPECT_EQ(pairs[DIXION_OPCODE_SAMPLER_UPDATE], 0U);
  EXPECT_EQ(alone[DIXION_OPCODE_SAMPLER_UPDATE], 1U);
  EXPECT_EQ(alone[DIXION_OPCODE_MATMUL], 2U + 2 + 1);  // time, modulations
}

TEST_F(CachedTokenReuse, LayersKeepKeysAndValuesOfTheirOwnAndThePredictionStays) {
  ctr.set_enabled(true);
  const ImageRunner image(bytes());
  std::set<std::uint32_t> caches;
  for (const dixion_image_operator_t& op : operators_of(image)) {
    std::vector<std::uint32_t> kept;
    if (op.opcode == DIXION_OPCODE_ATTENTION) kept = {op.operands[1], op.operands[2]};
    if (op.opcode == DIXION_OPCODE_SAMPLER_UPDATE) kept = {op.operands[1], op.operands[2]};
    for (const std::uint32_t tensor : kept) {
      EXPECT_EQ(image.tensor_record(tensor).lifetime, DIXION_LIFETIME_RUN);
      caches.insert(image.tensor_record(tensor).parent);
    }
  }
  EXPECT_EQ(caches.size(), 2U + 1);
}

TEST_F(CachedTokenReuse, AllTokensGiveTheDensePicture) {
  const std::vector<std::int32_t> dense = picture();
  ctr.set_enabled(true);
  EXPECT_EQ(picture(), dense);  // neither threshold nor share
  ctr.set_share(1);
  EXPECT_EQ(picture(), dense);
  ctr.set_share(0.25);
  EXPECT_NE(picture(), dense);
  ctr.set_refresh_every(1);
  EXPECT_EQ(picture(), dense);
}

TEST_F(CachedTokenReuse, TheScheduleStandsInTheHeader) {
  ctr.set_enabled(true);
  const ImageRunner once(bytes());
  EXPECT_EQ(once.header().ctr.first_steps, 1U);
  EXPECT_EQ(once.header().ctr.dense_every, 0U);
  EXPECT_EQ(once.header().ctr.last_dense, 0U);
  ctr.set_first_steps(2);
  ctr.set_refresh_every(3);
  ctr.set_last_dense(true);
  const ImageRunner image(bytes());
  EXPECT_EQ(image.header().ctr.first_steps, 2U);
  EXPECT_EQ(image.header().ctr.dense_every, 3U);
  EXPECT_EQ(image.header().ctr.last_dense, 1U);
}

TEST_F(CachedTokenReuse, SoftmaxThresholdingIsPartOfTheAlternatives) {
  ctr.set_enabled(true);
  workload.mutable_techniques()->mutable_st()->set_enabled(true);
  std::map<std::uint32_t, unsigned> kinds;
  const ImageRunner image(bytes());
  for (const dixion_image_operator_t& op : operators_of(image)) {
    if (op.opcode == DIXION_OPCODE_ATTENTION_MARK || op.opcode == DIXION_OPCODE_ATTENTION_MASKED)
      ++kinds[op.step_kinds];
  }
  const std::map<std::uint32_t, unsigned> expected{{0x11, 2}, {0x22, 2}, {0x44, 2}, {0x88, 2}};
  EXPECT_EQ(kinds, expected);
}

TEST_F(CachedTokenReuse, ProductsAreCountedOnce) {
  const WorkloadSummary dense = summarise_workload(workload, folder);
  ctr.set_enabled(true);
  EXPECT_EQ(summarise_workload(workload, folder).run_macs, dense.run_macs);
}

TEST_F(CachedTokenReuse, BadSettingsAreNamed) {
  ctr.set_enabled(true);
  ctr.set_threshold(-1);
  expect_refusal({"workload.techniques.ctr.threshold", "from 0 to 65535"});
  ctr.set_threshold(0);
  ctr.set_share(1.01);
  expect_refusal({"workload.techniques.ctr.share", "from 0 to 1"});
  ctr.set_share(0);
  ctr.set_first_steps(workload.steps() + 1);
  expect_refusal({"workload.techniques.ctr.first_steps", "more than the run's steps"});
  ctr.set_first_steps(0);
  ctr.set_refresh_every(workload.steps() + 1);
  expect_refusal({"workload.techniques.ctr.refresh_every", "more than the run's steps"});
}

TEST_F(CachedTokenReuse, NetworksThatMixTokensAreRefusedAtTheOperator) {
  ctr.set_enabled(true);
  for (auto& section : *workload.mutable_sections()) {
    for (auto& op : *section.mutable_operators()) {
      if (op.name() == "norm") op.set_type("GROUP_NORM"), op.set_groups(4);
    }
  }
  expect_refusal({"operator 'norm'", "cached token reuse", "GROUP_NORM does not work on tokens one by one"});
}

TEST_F(CachedTokenReuse, NetworksItIsNotDefinedForAreRefused) {
  ctr.set_enabled(true);
  workload.clear_defined_techniques();
  expect_refusal({"workload.techniques.ctr.enabled"});
}

}  // namespace
}  // namespace dixion
