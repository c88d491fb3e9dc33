// SPDX-License-Identifier: Apache-2.0
#include "models/common/check.h"
#include "traces/image/operator_rules.h"

namespace dixion {
namespace {

constexpr std::uint32_t kLargestWindow = 64;  // docs/numerics.md section 17

/// Two pictures of one format and scale.
void check_pictures(const Rules& rules) {
  rules.rank("src", 4, 4);
  rules.rank("dst", 4, 4);
  rules.format("dst", {rules.get("src")->format});
  rules.same_scale("dst", "src");
}

void check_im2col(const Rules& rules, const GraphOperator& op) {
  check_pictures(rules);
  const workload::Window& window = op.window;
  const auto in_range = [](std::uint32_t value) { return value >= 1 && value <= kLargestWindow; };
  if (!in_range(window.height()) || !in_range(window.width()) || !in_range(window.stride_y()) ||
      !in_range(window.stride_x())) {
    throw ConfigError(op.user,
                      "'window' needs a height, a width and strides from 1 to " + std::to_string(kLargestWindow));
  }
  if (window.pad_y() >= window.height() || window.pad_x() >= window.width())
    throw ConfigError(op.user, "'window' needs a padding less than its height and width");
  const Shape& src = rules.get("src")->shape;
  const std::uint64_t rows = src[1] + 2 * window.pad_y(), columns = src[2] + 2 * window.pad_x();
  if (rows < window.height() || columns < window.width()) rules.fail("src", "a picture that holds the window");
  rules.shape("dst", {src[0], (rows - window.height()) / window.stride_y() + 1,
                      (columns - window.width()) / window.stride_x() + 1,
                      std::uint64_t{window.height()} * window.width() * src[3]});
}

void check_resize(const Rules& rules) {
  check_pictures(rules);
  const Shape& src = rules.get("src")->shape;
  const Shape& dst = rules.get("dst")->shape;
  if (dst[0] != src[0] || dst[1] % src[1] != 0 || dst[2] % src[2] != 0 || dst[3] != src[3])
    rules.fail("dst", "src " + rules.get("src")->describe() + " times whole factors in height and width");
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

}  // namespace

void check_dma_operator(const Rules& rules, const Graph& graph, const GraphOperator& op, const RunPlan& plan) {
  switch (op.opcode->value) {
    case DIXION_OPCODE_DMA_COPY:
      rules.same_shape("dst", "src");
      rules.format("dst", {rules.get("src")->format});
      return rules.same_scale("dst", "src");
    case DIXION_OPCODE_DMA_FILL:
      return;
    case DIXION_OPCODE_DMA_GATHER:
      return check_gather(rules, graph, op, plan);
    case DIXION_OPCODE_DMA_IM2COL:
      return check_im2col(rules, op);
    case DIXION_OPCODE_DMA_RESIZE:
      return check_resize(rules);
    default:
      DIXION_CHECK(false, std::string("no rules for ") + op.opcode->name);
  }
}

}  // namespace dixion
