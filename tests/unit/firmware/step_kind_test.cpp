// SPDX-License-Identifier: Apache-2.0
/// Kinds of steps: which there are, and what their lists hold.
#include "tests/unit/firmware/schedule_bench.h"
extern "C" {
#include "firmware/runtime/step_kind.h"
}

namespace dixion::test {
namespace {

std::string mask_steps(std::uint16_t first_steps, std::uint16_t mask_every) {
  const dixion_image_reuse_t st{first_steps, mask_every, 0, 0};
  std::string text;
  for (std::uint32_t step = 0; step < 12; ++step) text += reuse_in_step(&st, step, 12) ? '-' : 'M';
  return text;
}

TEST(SoftmaxThresholding, MasksAreMadeInTheFirstStepsAndThenEverySoMany) {
  EXPECT_EQ(mask_steps(1, 4), "M---M---M---");
  EXPECT_EQ(mask_steps(3, 4), "MMM---M---M-");
  EXPECT_EQ(mask_steps(2, 1), "MMMMMMMMMMMM");
  EXPECT_EQ(mask_steps(2, 0), "MM----------");
  EXPECT_EQ(mask_steps(0, 4), "MMMMMMMMMMMM");  // off
}

struct StepKinds : ScheduleBench {
  std::uint32_t x = 0, mask = 0, out = 0;

  void make(std::uint16_t first_steps) {
    x = image.tensor(DIXION_LIFETIME_RUN, 64);
    mask = image.tensor(DIXION_LIFETIME_RUN, 64);
    out = image.tensor(DIXION_LIFETIME_OUTPUT, 64);
    image.steps = 4;
    image.st.first_steps = first_steps;
    image.add(DIXION_OPCODE_GELU, {x, x});
    image.add(DIXION_OPCODE_ATTENTION_MARK, {x, x, x, out, mask});
    image.operators.back().step_kinds = 0x55;
    image.add(DIXION_OPCODE_ATTENTION_MASKED, {x, x, x, mask, out});
    image.operators.back().step_kinds = 0xaa;
  }
  std::vector<unsigned> opcodes(std::uint32_t step) {
    const command_list_t& list = *schedule_list(&schedule, DIXION_PHASE_STEP, step);
    std::vector<unsigned> result;
    for (std::uint32_t i = 0; i < list.count; ++i) {
      if (list.commands[i].opcode != DIXION_OPCODE_NOP) result.push_back(list.commands[i].opcode);
    }
    return result;
  }
};

TEST_F(StepKinds, EachKindHasItsList) {
  make(2);
  ASSERT_EQ(build(), STATUS_OK) << problem.what;
  const std::vector<unsigned> marking{DIXION_OPCODE_GELU, DIXION_OPCODE_ATTENTION_MARK};
  const std::vector<unsigned> reusing{DIXION_OPCODE_GELU, DIXION_OPCODE_ATTENTION_MASKED};
  EXPECT_EQ(opcodes(0), marking);
  EXPECT_EQ(opcodes(1), marking);
  EXPECT_EQ(opcodes(2), reusing);
  EXPECT_EQ(opcodes(3), reusing);
}

TEST_F(StepKinds, NoListIsBuiltForAKindThatNeverComes) {
  make(0);
  ASSERT_EQ(build(), STATUS_OK) << problem.what;
  EXPECT_EQ(opcodes(3).back(), DIXION_OPCODE_ATTENTION_MARK);
  for (std::uint32_t kind = 1; kind < DIXION_STEP_KINDS; ++kind) {
    EXPECT_EQ(schedule.lists[schedule_list_number(DIXION_PHASE_STEP, kind)].count, 0U);
  }
}

TEST_F(StepKinds, ARowListSetsTheFlagAndIsWaitedFor) {
  const std::uint32_t latent = image.tensor(DIXION_LIFETIME_RUN, 64), rows = image.tensor(DIXION_LIFETIME_RUN, 64);
  const std::uint32_t out_tensor = image.tensor(DIXION_LIFETIME_OUTPUT, 64);
  image.steps = 3;
  image.ctr.first_steps = 1;
  image.add(DIXION_OPCODE_TOKEN_DECISION, {latent, latent, rows});
  image.operators.back().step_kinds = 0xcc;
  image.add(DIXION_OPCODE_GELU, {latent, out_tensor});
  image.operators.back().step_kinds = 0x33;
  image.add(DIXION_OPCODE_GELU, {latent, out_tensor});
  image.operators.back().step_kinds = 0xcc;
  image.operators.back().operands[11] = rows;
  ASSERT_EQ(build(), STATUS_OK) << problem.what;
  const command_list_t& dense = *schedule_list(&schedule, DIXION_PHASE_STEP, 0);
  const command_list_t& reusing = *schedule_list(&schedule, DIXION_PHASE_STEP, 1);
  ASSERT_EQ(dense.count, 1U);
  EXPECT_EQ(dense.commands[0].flags, 0);
  EXPECT_EQ(dense.commands[0].operands[11], 0);
  ASSERT_EQ(reusing.count, 2U);
  EXPECT_EQ(reusing.commands[1].flags, DIXION_COMMAND_FLAG_ROW_LIST);
  EXPECT_EQ(reusing.commands[1].operands[11], rows + 1);
  EXPECT_EQ(reusing.commands[1].wait_semaphore[0], LIST_SEMAPHORE(LIST_UNIT_SPARSITY));
  EXPECT_EQ(reusing.commands[1].wait_value[0], 1U);
}

std::string kinds_of_run(dixion_image_reuse_t st, dixion_image_reuse_t ctr, dixion_image_reuse_t ffn) {
  dixion_image_header_t header{};
  header.steps = 9;
  header.st = st;
  header.ctr = ctr;
  header.ffn = ffn;
  std::string text;
  for (std::uint32_t step = 0; step < header.steps; ++step)
    text += static_cast<char>('0' + step_kind_of(&header, step));
  return text;
}

TEST(StepKindsOfTechniques, ARefreshOfAllTokensIsADenseStepOfTheFeedForwardNetworks) {
  EXPECT_EQ(kinds_of_run({}, {2, 3, 0, 0}, {}), "002202202");
  EXPECT_EQ(kinds_of_run({}, {2, 3, 1, 0}, {}), "002202200");
  EXPECT_EQ(kinds_of_run({}, {}, {1, 4, 0, 0}), "044404440");
  EXPECT_EQ(kinds_of_run({1, 2, 0, 0}, {2, 3, 0, 0}, {1, 4, 0, 0}), "016707612");
}

TEST_F(StepKinds, AnImageWithUnknownKindsIsRefused) {
  make(1);
  image.operators.back().step_kinds = 1U << DIXION_STEP_KINDS;
  EXPECT_EQ(build(), STATUS_BAD_IMAGE);
  EXPECT_STREQ(problem.what, "unknown kind of step");
  EXPECT_EQ(problem.index, 2U);
}

}  // namespace
}  // namespace dixion::test
