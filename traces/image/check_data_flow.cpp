// SPDX-License-Identifier: Apache-2.0
#include "models/common/check.h"
#include "traces/image/graph.h"

namespace dixion {
namespace {

constexpr int kNeverWritten = -1;

/// When each tensor's memory was first written; views count for the tensor they show.
class DataFlow {
 public:
  explicit DataFlow(const Graph& graph) : graph_(graph), written_in_(graph.tensors.size(), kNeverWritten) {}

  void read(const GraphOperator& op, int index) const {
    const GraphTensor& root = tensor(graph_.root(index));
    if (root.lifetime == DIXION_LIFETIME_DATA) return;
    const int written = written_in_[static_cast<std::size_t>(graph_.root(index))];
    if (written == kNeverWritten && in_earlier_steps(op, graph_.root(index))) return;
    if (written == kNeverWritten) {
      throw ConfigError(
          op.user, "reads " + tensor(index).describe() + " before any operator has written it; is the order a cycle?");
    }
    if (root.lifetime == DIXION_LIFETIME_STEP && written != op.phase) {
      throw ConfigError(
          op.user, "reads " + tensor(index).describe() + " of another phase; give '" + root.name + "' lifetime RUN");
    }
  }

  void write(const GraphOperator& op, int index) {
    const GraphTensor& root = tensor(graph_.root(index));
    if (root.lifetime == DIXION_LIFETIME_DATA)
      throw ConfigError(op.user, "writes " + tensor(index).describe() + ", which is constant");
    written_in_[static_cast<std::size_t>(graph_.root(index))] = op.phase;
  }

  [[nodiscard]] bool written(std::size_t index) const { return written_in_[index] != kNeverWritten; }

 private:
  /// Steps of another kind write what this operator reuses. The first step is dense in all techniques.
  [[nodiscard]] bool in_earlier_steps(const GraphOperator& op, int root) const {
    if (op.step_kinds == 0 || tensor(root).lifetime != DIXION_LIFETIME_RUN) return false;
    for (const GraphOperator& other : graph_.operators) {
      if (other.step_kinds == 0 || (other.step_kinds & op.step_kinds) != 0) continue;
      for (std::size_t i = 0; i < other.opcode->operands.size(); ++i) {
        const bool writes = other.opcode->operands[i].output && other.operands[i] != kNoTensor;
        if (writes && graph_.root(other.operands[i]) == root) return true;
      }
    }
    return false;
  }

  [[nodiscard]] const GraphTensor& tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }

  const Graph& graph_;
  std::vector<int> written_in_;
};

}  // namespace

void check_data_flow(const Graph& graph) {
  DataFlow flow(graph);
  for (const GraphOperator& op : graph.operators) {
    const auto& operands = op.opcode->operands;
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      const bool output = i < operands.size() && operands[i].output;
      if (!output && op.operands[i] != kNoTensor) flow.read(op, op.operands[i]);
    }
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (operands[i].output && op.operands[i] != kNoTensor) flow.write(op, op.operands[i]);
    }
  }
  std::size_t outputs = 0;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (graph.tensors[i].lifetime != DIXION_LIFETIME_OUTPUT || graph.tensors[i].parent != kNoTensor) continue;
    if (!flow.written(i)) throw ConfigError("workload", "no operator writes the output " + graph.tensors[i].describe());
    ++outputs;
  }
  if (outputs != 1)
    throw ConfigError("workload", "has " + std::to_string(outputs) + " tensors of lifetime OUTPUT; expected one");
}

}  // namespace dixion
