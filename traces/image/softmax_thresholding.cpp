// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <optional>
#include <set>

#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "traces/image/defined_techniques.h"
#include "traces/image/fixed_point.h"
#include "traces/image/graph.h"
#include "traces/image/self_attention.h"
#include "traces/image/step_kinds.h"
#include "traces/image/technique.h"

namespace dixion {
namespace {

constexpr std::uint64_t kMostElements = 4096;  // tokens whose masks have a bit for each element
constexpr double kMostThreshold = 65535;
constexpr int kThresholdFraction = 16;
constexpr const char* kLayers = "workload.techniques.st.layers";

[[noreturn]] void refuse(const char* key, const std::string& reason) {
  throw ConfigError(std::string("workload.techniques.st.") + key, reason);
}

/// Tile of masks as the setting says; none if it leaves the choice to us.
std::optional<MaskTile> given_tile(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text == "1x1") return MaskTile{1, 1};
  if (text == "1x16") return MaskTile{1, 16};
  if (text == "16x16") return MaskTile{16, 16};
  refuse("tile", "'" + text + "' is none of 1x1, 1x16, 16x16");
}

/// `tokens_reused`: rows of masks belong to single tokens.
MaskTile choose_tile(const std::optional<MaskTile>& given, std::uint64_t tokens, bool tokens_reused,
                     const std::string& user) {
  if (tokens_reused && given && given->rows > 1) {
    refuse("tile", "cached token reuse (workload.techniques.ctr) needs a row of the mask per token: 1x1 or 1x16");
  }
  if (tokens <= kMostElements) return given.value_or(MaskTile{});
  if (given == MaskTile{}) {
    refuse("tile", "1x1 is for at most " + std::to_string(kMostElements) + " tokens; " + user + " attends to " +
                       std::to_string(tokens));
  }
  return given.value_or(tokens_reused ? MaskTile{1, 16} : MaskTile{16, 16});
}

/// The attention `op` as `opcode`, with `mask`.
GraphOperator with_mask(const GraphOperator& op, dixion_opcode opcode, int mask, const MaskTile& tile) {
  GraphOperator result = as_opcode(op, opcode);
  result.mask_tile = tile;
  set_operand(result, "mask", mask);
  result.step_kinds = restrict_step_kinds(
      op.step_kinds, step_kinds_with(DIXION_STEP_KIND_ST, opcode == DIXION_OPCODE_ATTENTION_MASKED));
  return result;
}

int add_mask(Graph& graph, const GraphOperator& op, const MaskTile& tile) {
  std::vector<std::uint64_t> shape = graph.operand(op, "q")->shape;
  shape[3] = mask_words(tile.row_bits(shape[2]));
  shape[2] = tile.mask_rows(shape[2]);
  return add_run_tensor(graph, op.name + ".mask", std::move(shape), DIXION_FORMAT_UINT32);
}

}  // namespace

void apply_softmax_thresholding(const workload::Workload& workload, Graph& graph) {
  const workload::SoftmaxThresholding& st = workload.techniques().st();
  if (!st.enabled()) return;
  require_defined(workload, workload::ST, "workload.techniques.st.enabled");
  if (!(st.threshold() >= 0 && st.threshold() <= kMostThreshold)) refuse("threshold", "must be from 0 to 65535");
  if (st.first_steps() > workload.steps()) refuse("first_steps", "is more than the run's steps");
  if (st.mask_every() > workload.steps()) refuse("mask_every", "is more than the run's steps");
  const std::set<unsigned> layers = layers_of(st.layers(), kLayers);
  const std::optional<MaskTile> wanted = given_tile(st.tile());
  const auto threshold = static_cast<std::uint32_t>(std::round(std::ldexp(st.threshold(), kThresholdFraction)));
  std::vector<GraphOperator> operators;
  std::set<unsigned> found;
  for (GraphOperator& op : graph.operators) {
    if (!layers.contains(op.layer) || !is_self_attention(graph, op)) {
      operators.push_back(std::move(op));
      continue;
    }
    const MaskTile tile =
        choose_tile(wanted, graph.operand(op, "q")->shape[2], workload.techniques().ctr().enabled(), op.user);
    found.insert(op.layer);
    const int mask = add_mask(graph, op, tile);
    operators.push_back(with_mask(op, DIXION_OPCODE_ATTENTION_MARK, mask, tile));
    operators.back().threshold = threshold;
    operators.push_back(with_mask(op, DIXION_OPCODE_ATTENTION_MASKED, mask, tile));
  }
  if (found.empty()) refuse("enabled", "but no layer that takes part has self-attention in its steps");
  require_layers(st.layers(), found, kLayers, "self-attention");
  require_operator_limit(operators.size(), kLayers);
  graph.operators = std::move(operators);
}

}  // namespace dixion
