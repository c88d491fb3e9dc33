// SPDX-License-Identifier: Apache-2.0
#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "traces/image/operator_rules.h"

namespace dixion {
namespace {

void check_threshold(const Rules& rules) {
  rules.format("src", {DIXION_FORMAT_INT12});
  rules.rank("src", 3, 3);
  rules.format("mask", {DIXION_FORMAT_UINT32});
  Shape words = rules.get("src")->shape;
  words.back() = mask_words(words.back());
  rules.shape("mask", words);
}

void check_build(const Rules& rules, const GraphOperator& op) {
  for (const char* name : {"mask", "schedule"}) {
    rules.format(name, {DIXION_FORMAT_UINT32});
    rules.rank(name, 3, 4);
  }
  Shape mask = rules.get("mask")->shape;
  mask.back() = mask_words(op.settings[0]);
  rules.shape("mask", mask);
  rules.shape("schedule", schedule_shape(mask, op.settings[0]));
}

}  // namespace

Shape schedule_shape(const Shape& mask, std::uint64_t columns) {
  const auto ceil_div = [](std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; };
  Shape shape = mask;
  shape[shape.size() - 2] = ceil_div(shape[shape.size() - 2], DIXION_SCHEDULE_TOKENS);
  shape.back() =
      DIXION_SCHEDULE_HEADER_WORDS + ceil_div(columns, DIXION_SCHEDULE_COLUMNS) * DIXION_SCHEDULE_RECORD_WORDS;
  return shape;
}

void check_sparsity_operator(const Rules& rules, const GraphOperator& op) {
  switch (op.opcode->value) {
    case DIXION_OPCODE_MASK_THRESHOLD:
      return check_threshold(rules);
    case DIXION_OPCODE_CONMERGE_BUILD:
      return check_build(rules, op);
    default:
      DIXION_CHECK(false, std::string("no rules for ") + op.opcode->name);
  }
}

}  // namespace dixion
