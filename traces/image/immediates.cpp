// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "models/common/check.h"
#include "traces/image/fixed_point.h"
#include "traces/image/lowering.h"

namespace dixion {
namespace {

constexpr double kLog2E = 1.4426950408889634;
constexpr double kDefaultEpsilon = 1e-6;

using Immediates = std::array<std::uint32_t, 4>;

Immediates pair_of(const Factor& first, const Factor& second) {
  return {static_cast<std::uint32_t>(first.multiplier), static_cast<std::uint32_t>(first.shift),
          static_cast<std::uint32_t>(second.multiplier), static_cast<std::uint32_t>(second.shift)};
}

Immediates one_of(const Factor& factor) { return pair_of(factor, {0, 0}); }

std::uint32_t epsilon_of(const GraphOperator& op) {
  const double epsilon = std::round(std::ldexp(op.epsilon == 0 ? kDefaultEpsilon : op.epsilon, 32));
  if (!(epsilon >= 1 && epsilon < 4294967296.0))
    throw ConfigError(op.user, "epsilon must be at least 2^-32 and below 1");
  return static_cast<std::uint32_t>(epsilon);
}

}  // namespace

Immediates immediates_of(const workload::Workload& workload, const Graph& graph, const GraphOperator& op) {
  const auto scale = [&](const char* name) { return graph.operand(op, name)->scale; };
  switch (op.opcode->value) {
    case DIXION_OPCODE_DMA_IM2COL: {
      const workload::Window& window = op.window;
      return {window.height() | window.width() << 16, window.stride_y() | window.stride_x() << 16,
              window.pad_y() | window.pad_x() << 16, 0};
    }
    case DIXION_OPCODE_PREDICT:
      return {op.predict.heads, op.predict.keep, op.predict.dominance, op.predict.all_keys ? 1U : 0U};
    case DIXION_OPCODE_MATMUL:
    case DIXION_OPCODE_MATMUL_ROWS:
      if (!op.linear.empty()) return {};  // factors stand in the table
      return one_of(factor_of(scale("src") * scale("weight") / scale("dst"), op.user));
    case DIXION_OPCODE_MATMUL_PARTIAL:
    case DIXION_OPCODE_MATMUL_RESUME:
    case DIXION_OPCODE_MATMUL_MASKED:
    case DIXION_OPCODE_MASK_THRESHOLD:
    case DIXION_OPCODE_CONMERGE_BUILD:
      return op.settings;  // factors stand in the table
    case DIXION_OPCODE_ATTENTION:
    case DIXION_OPCODE_ATTENTION_MARK:
    case DIXION_OPCODE_ATTENTION_MASKED: {
      const double depth = static_cast<double>(graph.operand(op, "q")->shape[3]);
      const Factor score = factor_of(65536 * scale("q") * scale("k") * kLog2E / std::sqrt(depth), op.user);
      const Factor output = factor_of(scale("v") / scale("dst"), op.user);
      if (op.is(DIXION_OPCODE_ATTENTION)) return pair_of(score, output);
      const MaskTile& tile = op.mask_tile;
      const std::uint32_t size = tile == MaskTile{} ? 0 : tile.rows << 16 | tile.keys << 24;
      return {static_cast<std::uint32_t>(score.multiplier), static_cast<std::uint32_t>(output.multiplier),
              static_cast<std::uint32_t>(score.shift | output.shift << 8) | size,
              op.is(DIXION_OPCODE_ATTENTION_MARK) ? op.threshold : op.settings[3]};
    }
    case DIXION_OPCODE_NORM_MODULATE:
    case DIXION_OPCODE_GROUP_NORM: {
      Immediates result = one_of(factor_of(kQ16 / scale("dst"), op.user));
      result[2] = epsilon_of(op);
      result[3] = op.groups;
      return result;
    }
    case DIXION_OPCODE_GELU:
    case DIXION_OPCODE_GELU_TANH:
    case DIXION_OPCODE_GEGLU: {
      Immediates result = pair_of(factor_of(scale("src") / kQ16, op.user), factor_of(kQ16 / scale("dst"), op.user));
      result[3] |= op.settings[3];
      return result;
    }
    case DIXION_OPCODE_SILU:
    case DIXION_OPCODE_RELU:
    case DIXION_OPCODE_MODULATE:
      return pair_of(factor_of(scale("src") / kQ16, op.user), factor_of(kQ16 / scale("dst"), op.user));
    case DIXION_OPCODE_ROTARY:
      return one_of(factor_of(scale("src") * kQ14 / scale("dst"), op.user));
    case DIXION_OPCODE_ADD:
      return one_of(factor_of(scale("b") / scale("a"), op.user));
    case DIXION_OPCODE_GATED_RESIDUAL:
      return one_of(factor_of(scale("h") / kQ16, op.user));
    case DIXION_OPCODE_CONVERT:
      return one_of(factor_of(scale("src") / scale("dst"), op.user));
    case DIXION_OPCODE_TOKEN_DECISION:
      return {workload.guidance() > 0 ? 2U : 1U, op.threshold, op.share, 0};
    case DIXION_OPCODE_NOISE:
      return {static_cast<std::uint32_t>(workload.seed()), static_cast<std::uint32_t>(workload.seed() >> 32),
              workload.first_sample(), 0};
    default:
      return {};
  }
}

}  // namespace dixion
