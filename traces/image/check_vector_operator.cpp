// SPDX-License-Identifier: Apache-2.0
#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "traces/image/operator_rules.h"

namespace dixion {
namespace {

constexpr std::uint64_t kWidestNorm = 8192;                      // docs/numerics.md section 7
constexpr std::uint64_t kLargestGroup = std::uint64_t{1} << 24;  // of GROUP_NORM
constexpr std::uint64_t kSamplerConstants = 6;

/// dst like src, shift and scale per channel and, if they like, per sample.
void check_channels(const Rules& rules) {
  rules.rank("src", 2, 3);
  rules.same_shape("dst", "src");
  const Shape& src = rules.get("src")->shape;
  for (const char* name : {"shift", "scale"}) {
    if (rules.get(name) == nullptr) continue;
    rules.q16(name);
    const bool per_batch = rules.get(name)->shape.size() == 2 && src.size() == 3;
    rules.shape(name, per_batch ? Shape{src[0], src[2]} : Shape{src.back()});
  }
}

void check_norm(const Rules& rules) {
  rules.q16("src");
  rules.format("dst", {DIXION_FORMAT_INT12});
  check_channels(rules);
}

void check_layer_norm(const Rules& rules) {
  check_norm(rules);
  if (rules.get("src")->shape.back() > kWidestNorm)
    rules.fail("src", "at most " + std::to_string(kWidestNorm) + " columns");
}

void check_group_norm(const Rules& rules, const GraphOperator& op) {
  check_norm(rules);
  const Shape& src = rules.get("src")->shape;
  if (op.groups == 0 || src.back() % op.groups != 0)
    throw ConfigError(op.user, "'groups' must divide the channels of src");
  if (src[src.size() - 2] > kLargestGroup / (src.back() / op.groups))
    rules.fail("src", "at most " + std::to_string(kLargestGroup) + " elements in a group");
}

void check_modulate(const Rules& rules) {
  rules.format("src", kLanes);
  rules.format("dst", kLanes);
  check_channels(rules);
}

/// Of an activation by tiles' columns.
void check_hidden_mask(const Rules& rules) {
  if (rules.get("mask") == nullptr) return;
  rules.rank("dst", 3, 3);
  rules.format("mask", {DIXION_FORMAT_UINT32});
  Shape words = rules.get("dst")->shape;
  words.back() = mask_words(words.back());
  rules.shape("mask", words);
}

void check_geglu(const Rules& rules) {
  rules.format("src", kLanes);
  rules.format("dst", kLanes);
  Shape expected = rules.get("src")->shape;
  if (expected.back() % 2 != 0) rules.fail("src", "an even last extent: values and gates");
  expected.back() /= 2;
  rules.shape("dst", expected);
  check_hidden_mask(rules);
}

void check_rotary(const Rules& rules) {
  rules.format("src", {DIXION_FORMAT_INT12});
  rules.format("dst", {DIXION_FORMAT_INT12});
  rules.rank("src", 2, 4);
  rules.same_shape("dst", "src");
  const Shape& src = rules.get("src")->shape;
  if (src.back() % 2 != 0) rules.fail("src", "an even number of channels");
  rules.format("table", {DIXION_FORMAT_INT16});
  rules.shape("table", {src[src.size() - 2], src.back()});
  if (rules.get("table")->scale != kQ14) rules.fail("table", "fixed point, scale 2^-14");
}

void check_sampler(const Rules& rules, const RunPlan& plan) {
  for (const char* name : {"x", "cond", "uncond", "dst"}) {
    rules.q16(name);
    rules.same_shape(name, "x");
  }
  rules.format("constants", {DIXION_FORMAT_INT32});
  rules.shape("constants", {kSamplerConstants});
  if ((rules.get("uncond") != nullptr) != (plan.branches == 2)) {
    rules.fail("cond", plan.branches == 2 ? "'uncond' beside it, because there is guidance"
                                          : "no 'uncond' beside it without guidance");
  }
}

}  // namespace

void check_vector_operator(const Rules& rules, const GraphOperator& op, const RunPlan& plan) {
  switch (op.opcode->value) {
    case DIXION_OPCODE_NORM_MODULATE:
      return check_layer_norm(rules);
    case DIXION_OPCODE_GROUP_NORM:
      return check_group_norm(rules, op);
    case DIXION_OPCODE_MODULATE:
      return check_modulate(rules);
    case DIXION_OPCODE_GEGLU:
      return check_geglu(rules);
    case DIXION_OPCODE_ROTARY:
      return check_rotary(rules);
    case DIXION_OPCODE_GELU:
    case DIXION_OPCODE_GELU_TANH:
      check_hidden_mask(rules);
      [[fallthrough]];
    case DIXION_OPCODE_SILU:
    case DIXION_OPCODE_RELU:
      rules.format("src", kLanes);
      rules.format("dst", kLanes);
      return rules.same_shape("dst", "src");
    case DIXION_OPCODE_ADD:
      rules.format("a", {DIXION_FORMAT_INT32});
      rules.format("b", kLanes);
      rules.format("dst", {DIXION_FORMAT_INT32});
      rules.same_shape("dst", "a");
      rules.same_scale("dst", "a");
      return rules.broadcasts("b", "a");
    case DIXION_OPCODE_GATED_RESIDUAL:
      rules.format("h", kLanes);
      for (const char* name : {"x", "gate", "dst"}) rules.q16(name);
      rules.same_shape("h", "x");
      rules.same_shape("dst", "x");
      return rules.broadcasts("gate", "x");
    case DIXION_OPCODE_CONVERT:
      rules.format("src", kSigned);
      rules.format("dst", kSigned);
      return rules.same_shape("dst", "src");
    case DIXION_OPCODE_SAMPLER_UPDATE:
      return check_sampler(rules, plan);
    case DIXION_OPCODE_NOISE:
      rules.q16("dst");
      rules.rank("dst", 2, 2);
      return rules.shape("dst", {plan.samples, rules.get("dst")->shape[1]});
    default:
      DIXION_CHECK(false, std::string("no rules for ") + op.opcode->name);
  }
}

}  // namespace dixion
