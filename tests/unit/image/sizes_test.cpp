// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/unit/image/expect_config_error.h"
#include "traces/image/expression.h"
#include "traces/image/fixed_point.h"
#include "traces/image/run_plan.h"

namespace dixion {
namespace {

using test::expect_config_error;
using testing::ElementsAre;

const Symbols kSymbols = {{"samples", 8}, {"width", 128}, {"heads", 4}};

TEST(Expression, FollowsTheRulesOfArithmetic) {
  const std::vector<std::pair<std::string, std::int64_t>> cases = {
      {"7", 7},      {"samples * 2", 16},      {"2+3*4", 14}, {"(2+3)*4", 20}, {"width/heads", 32},
      {"10-2-3", 5}, {" 3 * width - 1 ", 383}, {"0", 0}};
  for (const auto& [text, value] : cases) EXPECT_EQ(evaluate(text, kSymbols, "t"), value) << text;
}

TEST(Expression, MistakesAreNamed) {
  const auto refuse = [](const std::string& text, const std::string& reason) {
    expect_config_error([&] { evaluate(text, kSymbols, "tensor 't'"); }, {"tensor 't'", "'" + text + "'", reason});
  };
  refuse("widht", "unknown symbol 'widht'; did you mean 'width'?");
  refuse("", "expected a number");
  refuse("3 +", "expected a number");
  refuse("3 4", "unexpected '4'");
  refuse("(3", "expected ')'");
  refuse("3)", "unexpected ')'");
  refuse("7 / 2", "cannot be divided");
  refuse("7 / 0", "cannot be divided");
  refuse("3x", "'3x' is no number");
  refuse("9223372036854775807 + 1", "too large");
  refuse("9223372036854775807 * 2", "too large");
  refuse("9223372036854775808", "is no number");
  refuse(std::string(65, '('), "too many parentheses");
}

TEST(Factor, MultiplierFills31BitsAndTheShiftIsTheLargest) {
  for (const double real : {1.0, 0.5, 3.0, 1.0 / 3, 0.004, 65536.0, 1e-9, 2147483647.0}) {
    const Factor factor = factor_of(real, "t");
    EXPECT_GE(factor.multiplier, 1 << 30) << real;
    EXPECT_NEAR(std::ldexp(factor.multiplier, -factor.shift) / real, 1, 1e-9) << real;
  }
  EXPECT_EQ(factor_of(1.0, "t").multiplier, 1 << 30);
  EXPECT_EQ(factor_of(1.0, "t").shift, 30);
}

TEST(Factor, RoundingUpTo2To31TakesOneShiftLess) {
  const Factor factor = factor_of(std::nextafter(1.0, 0.0), "t");
  EXPECT_EQ(factor.multiplier, 1 << 30);
  EXPECT_EQ(factor.shift, 30);
}

TEST(Factor, SmallOnesKeepTheLargestShift) {
  EXPECT_EQ(factor_of(std::ldexp(1.0, -32), "t").multiplier, 1 << 30);
  EXPECT_EQ(factor_of(std::ldexp(1.0, -40), "t").multiplier, 1 << 22);
  EXPECT_EQ(factor_of(std::ldexp(1.0, -40), "t").shift, 62);
}

TEST(Factor, MustBePositiveAndBelow2To31) {
  EXPECT_EQ(factor_of(2147483647.4, "t").multiplier, 2147483647);
  for (const double real : {2147483647.5, 0.0, -1.0, std::nan(""), HUGE_VAL})
    EXPECT_THROW(factor_of(real, "t"), ConfigError) << real;
}

TEST(FixedPoint, RoundsHalfAwayFromZero) {
  EXPECT_EQ(fixed_point(1.5, 0, "t"), 2);
  EXPECT_EQ(fixed_point(-2.5, 0, "t"), -3);
  EXPECT_EQ(fixed_point(1.2, 16, "t"), 78643);
  EXPECT_EQ(fixed_point(32767.99, 16, "t"), 2147482993);
  EXPECT_THROW(fixed_point(32768, 16, "t"), ConfigError);
  EXPECT_EQ(fixed_point(-32768, 16, "t"), INT32_MIN);
  EXPECT_EQ(saturated(0.5), 1);
  EXPECT_EQ(saturated(-0.5), -1);
  EXPECT_EQ(saturated(1e12), INT32_MAX);
  EXPECT_EQ(saturated(-1e12), INT32_MIN);
}

TEST(Schedule, FiftyStepsAreThoseOfTheTrainingScript) {
  // torch.linspace(999, 0, 50).long()
  EXPECT_THAT(visited_steps(50, 1000),
              ElementsAre(999, 978, 958, 937, 917, 897, 876, 856, 835, 815, 795, 774, 754, 733, 713, 693, 672, 652, 632,
                          611, 591, 570, 550, 530, 509, 489, 468, 448, 428, 407, 387, 366, 346, 326, 305, 285, 265, 244,
                          224, 203, 183, 163, 142, 122, 101, 81, 61, 40, 20, 0));
}

TEST(Schedule, EndsAreVisitedAndOneStepStartsAtTheTop) {
  EXPECT_THAT(visited_steps(1, 1000), ElementsAre(999));
  EXPECT_THAT(visited_steps(2, 1000), ElementsAre(999, 0));
  EXPECT_THAT(visited_steps(4, 4), ElementsAre(3, 2, 1, 0));
}

TEST(VisitedSteps, LeadingOnesAreMultiplesDownToZero) {
  EXPECT_THAT(visited_steps(4, 1000, workload::Sampler::LEADING), ElementsAre(750, 500, 250, 0));
  EXPECT_THAT(visited_steps(3, 1000, workload::Sampler::LEADING), ElementsAre(666, 333, 0));
  EXPECT_THAT(visited_steps(1, 1000, workload::Sampler::LEADING), ElementsAre(0));
}

/// Runs the table of constants without weights.
std::vector<std::array<std::int32_t, 6>> constants_of(const workload::Workload& workload) {
  return sampler_constants(workload, plan_run(workload), RandomWeights(1, true));
}

workload::Workload with_schedule(workload::Sampler::Schedule schedule, double first, double last) {
  workload::Workload workload;
  workload.set_steps(4);
  workload.mutable_sampler()->set_train_steps(4);
  workload.mutable_sampler()->set_schedule(schedule);
  workload.mutable_sampler()->set_beta_first(first);
  workload.mutable_sampler()->set_beta_last(last);
  workload.mutable_sampler()->set_prediction(workload::Sampler::CLEAN);
  return workload;
}

/// With CLEAN prediction c is sqrt(1 - next) / sqrt(1 - now), Q24.
std::int32_t clean_c(double now, double next) {
  return static_cast<std::int32_t>(std::llround(std::sqrt(1 - next) / std::sqrt(1 - now) * 16777216));
}

TEST(Schedule, LinearBetasMultiplyUp) {
  const auto table = constants_of(with_schedule(workload::Sampler::LINEAR, 0.1, 0.4));
  const double shares[] = {0.9, 0.9 * 0.8, 0.9 * 0.8 * 0.7, 0.9 * 0.8 * 0.7 * 0.6};
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(table[k][2], clean_c(shares[3 - k], shares[2 - k]), 1) << k;
  EXPECT_EQ(table[3][2], 0);
}

TEST(Schedule, ScaledLinearIsEvenInTheRoot) {
  const auto table = constants_of(with_schedule(workload::Sampler::SCALED_LINEAR, 0.01, 0.16));
  const double shares[] = {1 - 0.01, (1 - 0.01) * (1 - 0.04), (1 - 0.01) * (1 - 0.04) * (1 - 0.09)};
  EXPECT_NEAR(table[1][2], clean_c(shares[2], shares[1]), 1);
  EXPECT_NEAR(table[2][2], clean_c(shares[1], shares[0]), 1);
}

TEST(Schedule, CosineFollowsTheSquaredCosine) {
  const auto table = constants_of(with_schedule(workload::Sampler::COSINE, 0, 0));
  const auto share = [](int t) {  // of the signal after training step t
    const auto f = [](double x) { return std::pow(std::cos((x / 4 + 0.008) / 1.008 * std::acos(-1.0) / 2), 2); };
    return f(t + 1) / f(0);
  };
  EXPECT_NEAR(table[1][2], clean_c(share(2), share(1)), 2);
  EXPECT_NEAR(table[2][2], clean_c(share(1), share(0)), 2);
}

TEST(Schedule, BetasOutOfRangeAreRefused) {
  for (const auto& [first, last] : {std::pair{0.0, 0.1}, {0.2, 0.1}, {0.1, 1.0}}) {
    expect_config_error([&, f = first, l = last] { constants_of(with_schedule(workload::Sampler::LINEAR, f, l)); },
                        {"workload.sampler.beta_first"});
  }
}

TEST(SamplerConstants, NoiseWithoutLimitSkipsTheCleanPicture) {
  workload::Workload workload = with_schedule(workload::Sampler::LINEAR, 0.1, 0.4);
  workload.mutable_sampler()->set_prediction(workload::Sampler::NOISE);
  const auto table = constants_of(workload);
  const double now = 0.9 * 0.8 * 0.7 * 0.6;
  const double next = 0.9 * 0.8 * 0.7;
  EXPECT_EQ(table[0][0], 0);
  EXPECT_EQ(table[0][1], 1 << 24);
  EXPECT_NEAR(table[0][2], std::sqrt(next / now) * 16777216, 1);
  EXPECT_NEAR(table[0][3], (std::sqrt(1 - next) - std::sqrt(next / now) * std::sqrt(1 - now)) * 16777216, 1);
  EXPECT_EQ(table[0][5], std::numeric_limits<std::int32_t>::max());
}

workload::Workload conditional() {
  workload::Workload workload;
  workload.set_steps(2);
  workload.set_guidance(2);
  workload.set_classes("ba");
  workload.mutable_sampler()->set_train_steps(10);
  workload.mutable_sampler()->set_clip(1.2);
  for (const char* name : {"a", "b", "c"}) workload.mutable_conditioning()->add_class_names(name);
  workload.mutable_conditioning()->set_null_class(3);
  return workload;
}

TEST(RunPlan, RowsAreSampleMajorWithTheNullClassAsBranchOne) {
  workload::Workload workload = conditional();
  EXPECT_THAT(plan_run(workload).row_classes, ElementsAre(1, 3, 0, 3));
  workload.set_guidance(0);
  EXPECT_THAT(plan_run(workload).row_classes, ElementsAre(1, 0));
  EXPECT_EQ(plan_run(workload).branches, 1U);
}

TEST(RunPlan, MoreSamplesThanClassesRepeatTheList) {
  workload::Workload workload = conditional();
  workload.set_samples(3);
  EXPECT_THAT(plan_run(workload).sample_classes, ElementsAre("b", "a", "b"));
  workload.set_samples(1);
  EXPECT_THAT(plan_run(workload).sample_classes, ElementsAre("b"));
}

TEST(RunPlan, ClassesAreAWordOrAListWithCommas) {
  workload::Workload workload = conditional();
  workload.set_classes("c, a");
  EXPECT_THAT(plan_run(workload).sample_classes, ElementsAre("c", "a"));
  workload.mutable_conditioning()->set_class_names(0, "apple");
  workload.set_classes("apple");
  EXPECT_THAT(plan_run(workload).sample_classes, ElementsAre("apple"));
}

TEST(RunPlan, ParametersOutOfRangeAreNamed) {
  const auto refuse = [](const std::function<void(workload::Workload&)>& change,
                         const std::vector<std::string>& parts) {
    workload::Workload workload = conditional();
    change(workload);
    expect_config_error([&] { plan_run(workload); }, parts);
  };
  refuse([](auto& w) { w.set_steps(0); }, {"workload.steps", "0 is out of range", "1 to 10"});
  refuse([](auto& w) { w.set_steps(11); }, {"workload.steps", "11 is out of range"});
  refuse([](auto& w) { w.set_guidance(-1); }, {"workload.guidance", "-1"});
  refuse([](auto& w) { w.set_guidance(std::nan("")); }, {"workload.guidance"});
  refuse([](auto& w) { w.set_samples(4097); }, {"workload.samples", "4096"});
  refuse([](auto& w) { w.set_classes("ad"); }, {"workload.classes", "unknown class 'd'"});
  refuse([](auto& w) { w.set_classes("a,,b"); }, {"workload.classes", "unknown class ''"});
  refuse([](auto& w) { w.set_classes(""); }, {"workload.classes", "empty", "known: a, b, c"});
  refuse([](auto& w) { w.mutable_sampler()->set_clip(-1); }, {"workload.sampler.clip"});
  refuse([](auto& w) { w.mutable_sampler()->set_train_steps(0); }, {"workload.sampler.train_steps"});
  refuse([](auto& w) { w.mutable_conditioning()->clear_class_names(); }, {"workload.classes", "knows no classes"});
}

}  // namespace
}  // namespace dixion
