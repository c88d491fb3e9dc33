// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "models/common/command_check.h"
#include "traces/image/fixed_point.h"
#include "traces/image/graph.h"

namespace dixion {

using Shape = std::vector<std::uint64_t>;

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

  void within_element_limit() const {
    for (const abi::OperandInfo& operand : op_.opcode->operands) {
      if (get(operand.name) != nullptr && get(operand.name)->elements() > kMaxOperandElements)
        fail(operand.name, "at most 2^30 elements; make a smaller batch (workload.samples)");
    }
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

inline const std::vector<dixion_format> kLanes = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
inline const std::vector<dixion_format> kSigned = {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16,
                                                   DIXION_FORMAT_INT32};

/// Of a ConMerge schedule that always has room; `mask` is [..., tokens, words] with `columns` bits.
Shape schedule_shape(const Shape& mask, std::uint64_t columns);

/// The parts of check_operator(): one per unit.
void check_dma_operator(const Rules& rules, const Graph& graph, const GraphOperator& op, const RunPlan& plan);
void check_matrix_operator(const Rules& rules, const GraphOperator& op);
void check_sparsity_operator(const Rules& rules, const GraphOperator& op);
void check_vector_operator(const Rules& rules, const GraphOperator& op, const RunPlan& plan);

}  // namespace dixion
