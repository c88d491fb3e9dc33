// SPDX-License-Identifier: Apache-2.0
#include "traces/image/workload_summary.h"

#include <algorithm>
#include <set>

#include "models/common/row_roles.h"
#include "traces/image/weight_file.h"

namespace dixion {
namespace {

constexpr std::uint64_t kColumnBytes = 4 + 8;  // bias and factor

/// Bytes of the elements, a dimension of stride 0 counted once.
std::uint64_t payload_bytes(const GraphTensor& tensor) {
  std::uint64_t bytes = element_size(tensor.format);
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) bytes *= tensor.stride[i] == 0 ? 1 : tensor.shape[i];
  return bytes;
}

std::uint64_t macs_of(const Graph& graph, const GraphOperator& op) {
  if (op.operands[kRowListOperand] != kNoTensor) return 0;        // its alternative counts
  if (op.step_kinds != 0 && (op.step_kinds & 1U) == 0) return 0;  // an alternative to what runs in other steps
  // MATMUL_MASKED, MATMUL_RESUME, ATTENTION_MASKED are alternatives of these.
  if (op.is(DIXION_OPCODE_MATMUL) || op.is(DIXION_OPCODE_MATMUL_PARTIAL) || op.is(DIXION_OPCODE_MATMUL_ROWS))
    return graph.operand(op, "dst")->elements() * graph.operand(op, "src")->shape.back();
  if (op.is(DIXION_OPCODE_ATTENTION) || op.is(DIXION_OPCODE_ATTENTION_MARK) || op.is(DIXION_OPCODE_ATTENTION_MASKED)) {
    const GraphTensor& q = *graph.operand(op, "q");
    return 2 * q.elements() * graph.operand(op, "k")->shape[2];  // scores and weighted sum
  }
  return 0;
}

std::uint64_t layer_bytes(const Graph& graph, const GraphOperator& op) {
  const std::uint64_t columns = graph.operand(op, "dst")->shape.back();
  return columns * (graph.operand(op, "src")->shape.back() + kColumnBytes);
}

const char* phase_name(dixion_phase phase) {
  switch (phase) {
    case DIXION_PHASE_ONCE:
      return "once";
    case DIXION_PHASE_STEP:
      return "step";
    default:
      return "finish";
  }
}

OperatorSummary summarise_operator(const Graph& graph, const GraphOperator& op) {
  OperatorSummary summary{op.name, op.opcode->name, phase_name(op.phase), "", macs_of(graph, op), 0, 0};
  std::string from;
  for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
    if (op.operands[i] == kNoTensor) continue;
    const GraphTensor& tensor = graph.tensors[static_cast<std::size_t>(op.operands[i])];
    const GraphTensor& root = graph.tensors[static_cast<std::size_t>(graph.root(op.operands[i]))];
    if (op.opcode->operands[i].output) {
      summary.shapes = from + (from.empty() ? "" : " -> ") + shape_text(tensor.shape);
    } else if (from.empty()) {
      from = shape_text(tensor.shape);
    }
    (root.lifetime == DIXION_LIFETIME_DATA ? summary.weight_bytes : summary.operand_bytes) += payload_bytes(tensor);
  }
  if (!op.linear.empty()) summary.weight_bytes += layer_bytes(graph, op);
  return summary;
}

}  // namespace

WorkloadSummary summarise(const Graph& graph, const RunPlan& plan) {
  WorkloadSummary summary;
  summary.rows = std::uint64_t{plan.samples} * plan.branches;
  std::set<std::string> layers;
  for (const GraphOperator& op : graph.operators) {
    summary.operators.push_back(summarise_operator(graph, op));
    const std::uint64_t macs = summary.operators.back().macs;
    const bool each_step = op.phase == DIXION_PHASE_STEP;
    (each_step ? summary.step_macs : summary.once_macs) += macs;
    summary.run_macs += macs * (each_step ? plan.steps : 1);
    if (!op.linear.empty() && layers.insert(op.linear).second) summary.weight_bytes += layer_bytes(graph, op);
  }
  for (const GraphTensor& tensor : graph.tensors) {
    if (tensor.parent == kNoTensor && tensor.lifetime == DIXION_LIFETIME_DATA)
      summary.weight_bytes += payload_bytes(tensor);
  }
  return summary;
}

}  // namespace dixion
