// SPDX-License-Identifier: Apache-2.0
#include "models/common/check.h"
#include "traces/image/operator_rules.h"

namespace dixion {
namespace {

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

}  // namespace

void check_dma_operator(const Rules& rules, const Graph& graph, const GraphOperator& op, const RunPlan& plan) {
  switch (op.opcode->value) {
    case DIXION_OPCODE_DMA_COPY:
      rules.same_shape("dst", "src");
      rules.format("dst", {rules.get("src")->format});
      return rules.same_scale("dst", "src");
    case DIXION_OPCODE_DMA_GATHER:
      return check_gather(rules, graph, op, plan);
    default:
      DIXION_CHECK(false, std::string("no rules for ") + op.opcode->name);
  }
}

}  // namespace dixion
