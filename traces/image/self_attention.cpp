// SPDX-License-Identifier: Apache-2.0
#include "traces/image/self_attention.h"

#include <algorithm>

namespace dixion {
namespace {

constexpr std::size_t kParts = 3;
constexpr std::array<const char*, kParts> kNames{"q", "k", "v"};
constexpr std::size_t kDst = 4;  // operand of MATMUL

const GraphTensor& tensor(const Graph& graph, int index) { return graph.tensors[static_cast<std::size_t>(index)]; }

/// Whether the operator reads (or writes) memory of tensor `root`.
bool touches(const Graph& graph, const GraphOperator& op, int root, bool write) {
  for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
    if (op.operands[i] != kNoTensor && op.opcode->operands[i].output == write && graph.root(op.operands[i]) == root)
      return true;
  }
  return false;
}

/// The stride says nothing where there is one element.
bool strides(const GraphTensor& view, std::size_t dimension, std::uint64_t expected) {
  return view.shape[dimension] == 1 || view.stride[dimension] == expected;
}

/// Which part of `made` [batch, T, N] the heads `view` [batch, heads, T, depth] are; kParts if it is none.
std::size_t part_of(const GraphTensor& made, const GraphTensor& view) {
  const std::uint64_t element = element_size(made.format), inner = view.shape[1] * view.shape[3];
  const bool laid_out = view.shape[0] == made.shape[0] && view.shape[2] == made.shape[1] &&
                        strides(view, 0, made.stride[0]) && strides(view, 1, view.shape[3] * element) &&
                        strides(view, 2, made.stride[1]) && strides(view, 3, element) && strides(made, 2, element);
  if (!laid_out || view.offset < made.offset || (view.offset - made.offset) % (inner * element) != 0) return kParts;
  const std::uint64_t part = (view.offset - made.offset) / (inner * element);
  return part < kParts && (part + 1) * inner <= made.shape[2] ? static_cast<std::size_t>(part) : kParts;
}

/// Somebody but the attention reads what the product at `op` writes, before it is written again.
bool read_elsewhere(const Graph& graph, std::size_t op, std::size_t attention) {
  const int root = graph.root(graph.operators[op].operands[kDst]);
  if (tensor(graph, root).lifetime != DIXION_LIFETIME_STEP) return true;
  for (std::size_t i = attention + 1; i < graph.operators.size(); ++i) {
    const GraphOperator& other = graph.operators[i];
    if (other.phase != DIXION_PHASE_STEP) return false;
    if (touches(graph, other, root, false)) return true;
    if (touches(graph, other, root, true)) return false;
  }
  return false;
}

/// Place of the operator before `attention` that writes `root`, or `attention`.
std::size_t writer_of(const Graph& graph, std::size_t attention, int root) {
  for (std::size_t i = attention; i-- > 0 && graph.operators[i].phase == DIXION_PHASE_STEP;) {
    if (touches(graph, graph.operators[i], root, true)) return i;
  }
  return attention;
}

bool is_projection(const Graph& graph, const GraphOperator& op) {
  if (!op.is(DIXION_OPCODE_MATMUL) || op.linear.empty()) return false;
  const GraphTensor& made = *graph.operand(op, "dst");
  return made.shape.size() == 3 && made.format == DIXION_FORMAT_INT12;
}

}  // namespace

bool is_self_attention(const Graph& graph, const GraphOperator& op) {
  if (!op.is(DIXION_OPCODE_ATTENTION) || op.phase != DIXION_PHASE_STEP) return false;
  const auto& q = graph.operand(op, "q")->shape;
  const auto& k = graph.operand(op, "k")->shape;
  return q.size() == 4 && q == k;
}

SelfAttention find_projections(const Graph& graph, std::size_t number) {
  SelfAttention found;
  found.op = number;
  const GraphOperator& attention = graph.operators[number];
  const auto wrong = [&](std::string mistake) {
    found.mistake = std::move(mistake);
    return found;
  };
  std::array<std::size_t, kParts> writer{}, part{};
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::string name = kNames[i];
    writer[i] = writer_of(graph, number, graph.root(attention.operands[i]));
    if (writer[i] == number || !is_projection(graph, graph.operators[writer[i]]))
      return wrong(name + " does not come straight from a MATMUL with 'linear'");
    part[i] = part_of(*graph.operand(graph.operators[writer[i]], "dst"), *graph.operand(attention, name));
    if (part[i] == kParts)
      return wrong(name + " is no run of heads of what '" + graph.operators[writer[i]].name + "' writes");
  }
  const std::size_t begin = *std::min_element(writer.begin(), writer.end());
  for (std::size_t op = begin; op < number; ++op) {
    HeadProjection projection{op, kParts, 0};
    for (std::size_t i = 0; i < kParts; ++i) {
      if (writer[i] != op) continue;
      projection.first = std::min(projection.first, i);
      ++projection.count;
      found.made_by[i] = found.projections.size();
    }
    const std::string name = "'" + graph.operators[op].name + "'";
    if (projection.count == 0) return wrong(name + " stands between the products and the attention");
    const auto& q = graph.operand(attention, "q")->shape;
    bool in_order = graph.operand(graph.operators[op], "dst")->shape[2] == projection.count * q[1] * q[3];
    for (std::size_t i = 0; i < projection.count; ++i) {
      const std::size_t wanted = projection.first + i;
      in_order = in_order && writer[wanted] == op && part[wanted] == i;
    }
    if (!in_order) return wrong(name + " does not make whole heads of q, k, v in this order");
    if (read_elsewhere(graph, op, number)) return wrong("what " + name + " writes is also read elsewhere");
    found.projections.push_back(projection);
  }
  const auto src_of = [&](std::size_t i) { return graph.operators[writer[i]].operands[0]; };
  if (src_of(0) != src_of(1)) return wrong("q and k are made from different tensors");
  return found;
}

}  // namespace dixion
