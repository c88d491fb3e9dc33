// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <set>

#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "traces/image/fixed_point.h"
#include "traces/image/graph.h"
#include "traces/image/layer_list.h"
#include "traces/image/self_attention.h"
#include "traces/image/step_kinds.h"

namespace dixion {
namespace {

constexpr std::uint64_t kMostTokens = 4096;  // masks of single elements; above, tiles would be marked
constexpr double kMostThreshold = 65535;
constexpr int kThresholdFraction = 16;

[[noreturn]] void refuse(const char* key, const std::string& reason) {
  throw ConfigError(std::string("workload.techniques.st.") + key, reason);
}

const abi::OpcodeInfo* opcode_info(dixion_opcode wanted) {
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value == wanted) return &info;
  }
  DIXION_CHECK(false, "unknown opcode " + std::to_string(wanted));
}

int operand_of(const GraphOperator& op, const std::string& name) {
  for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
    if (op.opcode->operands[i].name == name) return op.operands[i];
  }
  return kNoTensor;
}

/// The attention `op` as `opcode`, with `mask`.
GraphOperator with_mask(const GraphOperator& op, dixion_opcode opcode, int mask) {
  GraphOperator result = op;
  result.opcode = opcode_info(opcode);
  for (std::size_t i = 0; i < result.opcode->operands.size(); ++i) {
    const std::string name = result.opcode->operands[i].name;
    result.operands[i] = name == "mask" ? mask : operand_of(op, name);
  }
  result.step_kinds = restrict_step_kinds(
      op.step_kinds, step_kinds_with(DIXION_STEP_KIND_ST, opcode == DIXION_OPCODE_ATTENTION_MASKED));
  return result;
}

int add_mask(Graph& graph, const GraphOperator& op) {
  GraphTensor mask;
  mask.name = op.name + ".mask";
  mask.shape = graph.operand(op, "q")->shape;
  mask.shape.back() = mask_words(mask.shape[2]);
  mask.format = DIXION_FORMAT_UINT32;
  mask.lifetime = DIXION_LIFETIME_RUN;  // steps to come read it
  mask.scale = 1;
  mask.stride.resize(mask.shape.size());
  std::uint64_t bytes = element_size(mask.format);
  for (std::size_t i = mask.shape.size(); i-- > 0; bytes *= mask.shape[i]) mask.stride[i] = bytes;
  graph.tensors.push_back(std::move(mask));
  return static_cast<int>(graph.tensors.size() - 1);
}

}  // namespace

void apply_softmax_thresholding(const workload::Workload& workload, Graph& graph) {
  const workload::SoftmaxThresholding& st = workload.techniques().st();
  if (!st.enabled()) return;
  if (!(st.threshold() >= 0 && st.threshold() <= kMostThreshold)) refuse("threshold", "must be from 0 to 65535");
  if (st.first_steps() > workload.steps()) refuse("first_steps", "is more than the run's steps");
  if (st.mask_every() > workload.steps()) refuse("mask_every", "is more than the run's steps");
  const std::set<unsigned> layers = layers_of(st.layers(), "workload.techniques.st.layers");
  const auto threshold = static_cast<std::uint32_t>(std::round(std::ldexp(st.threshold(), kThresholdFraction)));
  std::vector<GraphOperator> operators;
  std::set<unsigned> found;
  for (GraphOperator& op : graph.operators) {
    if (!layers.contains(op.layer) || !is_self_attention(graph, op)) {
      operators.push_back(std::move(op));
      continue;
    }
    const std::uint64_t tokens = graph.operand(op, "q")->shape[2];
    if (tokens > kMostTokens) {
      throw ConfigError(op.user, "attends to " + std::to_string(tokens) +
                                     " tokens; softmax thresholding takes at most " + std::to_string(kMostTokens) +
                                     ". Leave the layer out of workload.techniques.st.layers");
    }
    found.insert(op.layer);
    const int mask = add_mask(graph, op);
    operators.push_back(with_mask(op, DIXION_OPCODE_ATTENTION_MARK, mask));
    operators.back().threshold = threshold;
    operators.push_back(with_mask(op, DIXION_OPCODE_ATTENTION_MASKED, mask));
  }
  if (found.empty()) refuse("enabled", "but no layer that takes part has self-attention in its steps");
  if (!st.layers().empty()) {
    for (const unsigned layer : layers) {
      if (!found.contains(layer)) refuse("layers", "layer " + std::to_string(layer) + " has no self-attention");
    }
  }
  if (operators.size() > std::size_t{1} << DIXION_TAG_OPERATOR_BITS) {
    refuse("layers",
           "are too many: a workload has at most " + std::to_string(1U << DIXION_TAG_OPERATOR_BITS) + " operators");
  }
  graph.operators = std::move(operators);
}

}  // namespace dixion
