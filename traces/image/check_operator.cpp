// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/common/check.h"
#include "traces/image/fixed_point.h"
#include "traces/image/graph.h"

namespace dixion {
namespace {

using Shape = std::vector<std::uint64_t>;

constexpr std::uint64_t kWidestNorm = 8192;                      // docs/numerics.md section 7
constexpr std::uint64_t kLargestGroup = std::uint64_t{1} << 24;  // of GROUP_NORM
constexpr std::uint64_t kSamplerConstants = 6;

/// The rules of one operator. Operands that are absent satisfy every rule.
class Rules {
 public:
  Rules(const Graph& graph, const GraphOperator& op) : graph_(graph), op_(op) {}

  [[nodiscard]] const GraphTensor* get(const std::string& name) const { return graph_.operand(op_, name); }

  [[noreturn]] void fail(const std::string& name, const std::string& expected) const {
    throw ConfigError(
        op_.user, std::string(op_.opcode->name) + "." + name + " " + get(name)->describe() + ": expected " + expected);
  }

  void format(const std::string& name, const std::vector<dixion_format>& allowed) const {
    const GraphTensor* tensor = get(name);
    if (tensor == nullptr || std::find(allowed.begin(), allowed.end(), tensor->format) != allowed.end()) return;
    std::string text = "format";
    for (std::size_t i = 0; i < allowed.size(); ++i) text += (i == 0 ? " " : " or ") + format_text(allowed[i]);
    fail(name, text);
  }

  void rank(const std::string& name, std::size_t low, std::size_t high) const {
    const GraphTensor* tensor = get(name);
    if (tensor == nullptr || (tensor->shape.size() >= low && tensor->shape.size() <= high)) return;
    fail(name, std::to_string(low) + (low == high ? "" : " to " + std::to_string(high)) + " dimensions");
  }

  void shape(const std::string& name, const Shape& expected) const {
    if (get(name) != nullptr && get(name)->shape != expected) fail(name, shape_text(expected));
  }

  /// The same extents as `like`.
  void same_shape(const std::string& name, const std::string& like) const {
    if (get(name) != nullptr && get(name)->shape != get(like)->shape) {
      fail(name, "the shape of " + like + " " + get(like)->describe());
    }
  }

  /// The same extents as `like`, or 1 where it repeats.
  void broadcasts(const std::string& name, const std::string& like) const {
    const Shape& own = get(name)->shape;
    const Shape& other = get(like)->shape;
    const bool fits = own.size() == other.size() && std::equal(own.begin(), own.end(), other.begin(),
                                                               [](auto a, auto b) { return a == b || a == 1; });
    if (!fits) fail(name, "the shape of " + like + " " + get(like)->describe() + " or 1 in its place");
  }

  void q16(const std::string& name) const {
    format(name, {DIXION_FORMAT_INT32});
    if (get(name) != nullptr && get(name)->scale != kQ16) fail(name, "fixed point, scale 2^-16");
  }

  void same_scale(const std::string& name, const std::string& like) const {
    if (get(name)->scale != get(like)->scale) fail(name, "the scale of " + like + " " + get(like)->describe());
  }

  void scaled() const {
    for (const abi::OperandInfo& operand : op_.opcode->operands) {
      if (get(operand.name) != nullptr && get(operand.name)->scale == 0) fail(operand.name, "'scale' or 'scale_of'");
    }
  }

  /// No element of a result may be written twice.
  void no_repetition() const {
    for (const abi::OperandInfo& operand : op_.opcode->operands) {
      const GraphTensor* tensor = operand.output ? get(operand.name) : nullptr;
      for (std::size_t i = 0; tensor != nullptr && i < tensor->shape.size(); ++i) {
        if (tensor->shape[i] > 1 && tensor->stride[i] == 0) fail(operand.name, "no stride of 0 where it is written");
      }
    }
  }

 private:
  const Graph& graph_;
  const GraphOperator& op_;
};

const std::vector<dixion_format> kLanes = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
const std::vector<dixion_format> kSigned = {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16,
                                            DIXION_FORMAT_INT32};

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

void check_norm(const Rules& rules) {
  rules.q16("src");
  rules.rank("src", 2, 3);
  rules.same_shape("dst", "src");
  rules.format("dst", {DIXION_FORMAT_INT12});
  const Shape& src = rules.get("src")->shape;
  for (const char* name : {"shift", "scale"}) {
    if (rules.get(name) == nullptr) continue;
    rules.q16(name);
    const bool per_batch = rules.get(name)->shape.size() == 2 && src.size() == 3;
    rules.shape(name, per_batch ? Shape{src[0], src[2]} : Shape{src.back()});
  }
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

void check_gather(const Rules& rules, const Graph& graph, const GraphOperator& op, const RunPlan& plan) {
  rules.format("list", {DIXION_FORMAT_UINT32});
  rules.rank("list", 1, 1);
  rules.format("dst", {rules.get("src")->format});
  rules.same_scale("dst", "src");
  Shape expected = rules.get("src")->shape;
  const std::uint64_t rows = expected[0];
  expected[0] = rules.get("list")->shape[0];
  rules.shape("dst", expected);
  const GraphTensor& list = graph.tensors[static_cast<std::size_t>(graph.root(op.operands[1]))];
  for (const std::uint32_t row : plan.row_classes) {
    if (list.content == workload::CLASS_LIST && row >= rows) {
      rules.fail("src", "at least " + std::to_string(row + 1) + " rows, because class row " + std::to_string(row) +
                            " is asked for");
    }
  }
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

void check_operator(const Graph& graph, const GraphOperator& op, const RunPlan& plan) {
  const Rules rules(graph, op);
  rules.scaled();
  rules.no_repetition();
  switch (op.opcode->value) {
    case DIXION_OPCODE_DMA_COPY:
      rules.same_shape("dst", "src");
      rules.format("dst", {rules.get("src")->format});
      return rules.same_scale("dst", "src");
    case DIXION_OPCODE_DMA_GATHER:
      return check_gather(rules, graph, op, plan);
    case DIXION_OPCODE_MATMUL:
      return check_matmul(rules, op);
    case DIXION_OPCODE_ATTENTION:
      return check_attention(rules);
    case DIXION_OPCODE_NORM_MODULATE:
      return check_layer_norm(rules);
    case DIXION_OPCODE_GROUP_NORM:
      return check_group_norm(rules, op);
    case DIXION_OPCODE_GELU:
    case DIXION_OPCODE_GELU_TANH:
    case DIXION_OPCODE_SILU:
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
