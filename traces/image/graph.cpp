// SPDX-License-Identifier: Apache-2.0
#include "traces/image/graph.h"

#include "models/common/check.h"

namespace dixion {

std::uint64_t element_size(dixion_format format) {
  switch (format) {
    case DIXION_FORMAT_INT8:
      return 1;
    case DIXION_FORMAT_INT12:
    case DIXION_FORMAT_INT16:
      return 2;
    case DIXION_FORMAT_INT32:
    case DIXION_FORMAT_UINT32:
      return 4;
    case DIXION_FORMAT_REQUANT:
      return 8;
    default:
      DIXION_CHECK(false, "format " + std::to_string(format) + " has no whole element size");
  }
}

std::string format_text(dixion_format format) {
  for (const abi::NamedValue& known : abi::kFormatNames) {
    if (known.value == format) return known.name;
  }
  return "format " + std::to_string(format);
}

std::uint64_t GraphTensor::elements() const {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : shape) count *= extent;
  return count;
}

std::uint64_t GraphTensor::span() const {
  std::uint64_t bytes = element_size(format);
  for (std::size_t i = 0; i < shape.size(); ++i) bytes += (shape[i] - 1) * stride[i];
  return bytes;
}

std::string GraphTensor::describe() const { return "'" + name + "' " + format_text(format) + " " + shape_text(shape); }

const GraphTensor* Graph::operand(const GraphOperator& op, const std::string& name) const {
  for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
    if (op.opcode->operands[i].name == name) {
      return op.operands[i] == kNoTensor ? nullptr : &tensors[static_cast<std::size_t>(op.operands[i])];
    }
  }
  DIXION_CHECK(false, std::string(op.opcode->name) + " has no operand " + name);
}

int Graph::root(int index) const {
  const int parent = tensors[static_cast<std::size_t>(index)].parent;
  return parent == kNoTensor ? index : parent;
}

void check_graph(const Graph& graph, const RunPlan& plan) {
  for (const GraphOperator& op : graph.operators) check_operator(graph, op, plan);
  check_data_flow(graph);
}

}  // namespace dixion
