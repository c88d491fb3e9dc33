// SPDX-License-Identifier: Apache-2.0
#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "traces/image/operator_rules.h"

namespace dixion {
namespace {

void check_matmul(const Rules& rules, const GraphOperator& op) {
  rules.format("src", {DIXION_FORMAT_INT12});
  rules.format("weight", {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12});
  rules.format("dst", kLanes);
  rules.rank("src", 2, 3);
  Shape expected = rules.get("src")->shape;
  const std::uint64_t depth = expected.back();
  rules.rank("dst", expected.size(), expected.size());
  const std::uint64_t width = rules.get("dst")->shape.back();
  expected.back() = width;
  rules.shape("dst", expected);
  if (!op.linear.empty()) return;  // the lowering compares with the weights file
  rules.rank("weight", 2, expected.size());
  if (rules.get("weight")->shape.size() == 2) {
    rules.shape("weight", {width, depth});
  } else {
    rules.shape("weight", {expected.front(), width, depth});
  }
}

/// Products of feed-forward networks with a mask; `masked` bits a row.
void check_masked_product(const Rules& rules, const GraphOperator& op, std::uint64_t masked) {
  check_matmul(rules, op);
  rules.rank("src", 3, 3);
  rules.format("mask", {DIXION_FORMAT_UINT32});
  Shape words = rules.get("src")->shape;
  words.back() = mask_words(masked);
  rules.shape("mask", words);
  if (op.is(DIXION_OPCODE_MATMUL_MASKED)) return;
  rules.format("partial", {DIXION_FORMAT_INT32});
  rules.same_shape("partial", "dst");
}

void check_matmul_rows(const Rules& rules) {
  rules.format("src", {DIXION_FORMAT_INT12});
  rules.format("dst", kLanes);
  rules.format("rows", {DIXION_FORMAT_UINT32});
  for (const char* name : {"src", "rows", "dst"}) rules.rank(name, 3, 3);
  const Shape& src = rules.get("src")->shape;
  rules.shape("dst", {src[0], src[1], rules.get("dst")->shape[2]});
  rules.shape("rows", {src[0], rules.get("rows")->shape[1], mask_words(src[1])});
}

void check_predict(const Rules& rules, const GraphOperator& op) {
  rules.format("src", {DIXION_FORMAT_INT12});
  rules.format("mask", {DIXION_FORMAT_UINT32});
  rules.format("rows", {DIXION_FORMAT_UINT32});
  rules.rank("src", 3, 3);
  const Shape& src = rules.get("src")->shape;
  rules.shape("mask", {src[0], op.predict.heads, src[1], mask_words(src[1])});
  rules.shape("rows", {src[0], 3 * op.predict.heads, mask_words(src[1])});
  rules.format("keys", {DIXION_FORMAT_INT12});
  if (rules.get("keys") != nullptr)
    rules.shape("keys", {src[0], op.predict.heads, src[1], rules.get("keys")->shape.back()});
}

void check_attention(const Rules& rules) {
  for (const char* name : {"q", "k", "v", "dst"}) {
    rules.format(name, {DIXION_FORMAT_INT12});
    rules.rank(name, 4, 4);
  }
  Shape keys = rules.get("q")->shape;
  keys[2] = rules.get("k")->shape[2];
  rules.shape("k", keys);
  rules.same_shape("v", "k");
  rules.same_shape("dst", "q");
}

void check_mask(const Rules& rules, const GraphOperator& op) {
  const MaskTile& tile = op.mask_tile;
  check_attention(rules);
  rules.format("mask", {DIXION_FORMAT_UINT32});
  Shape words = rules.get("q")->shape;
  words[2] = tile.mask_rows(words[2]);
  words[3] = mask_words(tile.row_bits(rules.get("k")->shape[2]));
  rules.shape("mask", words);
  if (op.is(DIXION_OPCODE_ATTENTION_MARK) || rules.get("schedule") == nullptr) return;
  rules.format("schedule", {DIXION_FORMAT_UINT32});
  rules.shape("schedule", schedule_shape(words, rules.get("k")->shape[2]));
}

void check_token_decision(const Rules& rules) {
  rules.format("latent", {DIXION_FORMAT_INT32});
  rules.rank("latent", 3, 3);
  rules.format("previous", {DIXION_FORMAT_INT32});
  rules.same_shape("previous", "latent");
  rules.same_scale("previous", "latent");
  rules.format("list", {DIXION_FORMAT_UINT32});
  rules.rank("list", 1, 1);
}

}  // namespace

void check_matrix_operator(const Rules& rules, const GraphOperator& op) {
  switch (op.opcode->value) {
    case DIXION_OPCODE_MATMUL:
      return check_matmul(rules, op);
    case DIXION_OPCODE_MATMUL_PARTIAL:
    case DIXION_OPCODE_MATMUL_RESUME:
      return check_masked_product(rules, op, rules.get("src")->shape.back());
    case DIXION_OPCODE_MATMUL_MASKED:
      return check_masked_product(rules, op, rules.get("dst")->shape.back() / op.settings[2]);
    case DIXION_OPCODE_MATMUL_ROWS:
      return check_matmul_rows(rules);
    case DIXION_OPCODE_ATTENTION:
      return check_attention(rules);
    case DIXION_OPCODE_ATTENTION_MARK:
    case DIXION_OPCODE_ATTENTION_MASKED:
      return check_mask(rules, op);
    default:
      DIXION_CHECK(false, std::string("no rules for ") + op.opcode->name);
  }
}

void check_operator(const Graph& graph, const GraphOperator& op, const RunPlan& plan) {
  const Rules rules(graph, op);
  rules.within_element_limit();
  rules.scaled();
  rules.no_repetition();
  switch (op.opcode->unit) {
    case abi::Unit::kDma:
      return check_dma_operator(rules, graph, op, plan);
    case abi::Unit::kMatrix:
      return check_matrix_operator(rules, op);
    case abi::Unit::kVector:
      return check_vector_operator(rules, op, plan);
    case abi::Unit::kSparsity:
      if (op.is(DIXION_OPCODE_TOKEN_DECISION)) return check_token_decision(rules);
      return check_sparsity_operator(rules, op);
    case abi::Unit::kPrediction:
      return check_predict(rules, op);
    case abi::Unit::kControl:
      break;
  }
  DIXION_CHECK(false, std::string("no rules for ") + op.opcode->name);
}

}  // namespace dixion
