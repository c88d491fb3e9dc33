// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "models/common/check.h"
#include "models/common/column_layout.h"
#include "models/common/mask_bits.h"
#include "traces/image/defined_techniques.h"
#include "traces/image/graph.h"
#include "traces/image/step_kinds.h"
#include "traces/image/technique.h"

namespace dixion {
namespace {

constexpr const char* kLayers = "workload.techniques.ffn_reuse.layers";
constexpr std::uint32_t kMarksNothing = 2049;    // of MASK_THRESHOLD
constexpr std::uint64_t kMostScheduled = 65534;  // tokens, and columns, that a record can name
constexpr std::uint32_t kMostMerged = 3;

[[noreturn]] void refuse(const char* key, const std::string& reason) {
  throw ConfigError(std::string("workload.techniques.ffn_reuse.") + key, reason);
}

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// A feed-forward network by the numbers of its operators.
struct FeedForward {
  std::size_t first, activation, second;
};

bool is_activation(const GraphOperator& op) {
  return op.is(DIXION_OPCODE_GELU) || op.is(DIXION_OPCODE_GELU_TANH) || op.is(DIXION_OPCODE_GEGLU);
}

bool is_layer(const Graph& graph, const GraphOperator& op) {
  return op.is(DIXION_OPCODE_MATMUL) && op.phase == DIXION_PHASE_STEP && !op.linear.empty() &&
         graph.operand(op, "src")->shape.size() == 3;
}

/// The only operator that reads what `writer` writes to `tensor`; `writer` itself if there are others or none. Memory
/// may serve other layers before and after: what counts is up to the next operator that writes there.
std::size_t only_reader(const Graph& graph, std::size_t writer, int tensor) {
  const int root = graph.root(tensor);
  if (graph.tensors[static_cast<std::size_t>(root)].lifetime != DIXION_LIFETIME_STEP) return writer;
  std::size_t reader = writer;
  for (std::size_t number = writer + 1; number < graph.operators.size(); ++number) {
    const GraphOperator& op = graph.operators[number];
    bool reads = false, writes = false;
    for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
      if (op.operands[i] == kNoTensor || graph.root(op.operands[i]) != root) continue;
      (op.opcode->operands[i].output ? writes : reads) = true;
    }
    if (reads && reader != writer) return writer;
    if (reads) reader = number;
    if (writes) break;
  }
  return reader;
}

std::vector<FeedForward> find_networks(const Graph& graph) {
  std::vector<FeedForward> found;
  for (std::size_t first = 0; first < graph.operators.size(); ++first) {
    const GraphOperator& op = graph.operators[first];
    if (!is_layer(graph, op)) continue;
    const int hidden = operand_of(op, "dst");
    const std::size_t activation = only_reader(graph, first, hidden);
    const GraphOperator& middle = graph.operators[activation];
    if (activation <= first || !is_activation(middle) || operand_of(middle, "src") != hidden) continue;
    const int active = operand_of(middle, "dst");
    const std::size_t second = only_reader(graph, activation, active);
    const GraphOperator& last = graph.operators[second];
    if (second <= activation || !is_layer(graph, last) || operand_of(last, "src") != active) continue;
    if (last.layer == op.layer) found.push_back({first, activation, second});
  }
  return found;
}

/// Samples without gaps, as tensors by tiles' columns are.
bool is_gapless(const GraphTensor& tensor) {
  const std::uint64_t bytes = element_size(tensor.format);
  return tensor.stride[2] == bytes && tensor.stride[1] == bytes * tensor.shape[2];
}

class Pass {
 public:
  /// `listed`: sparse steps may compute listed tokens only.
  Pass(const workload::FfnReuse& settings, bool listed, Graph& graph)
      : settings_(settings), listed_(listed), graph_(graph) {
    const std::uint32_t depth = settings.merge_depth() == 0 ? kMostMerged : settings.merge_depth();
    tiles_ = settings.tile_width() << 16;
    scheduled_tiles_ = tiles_ | depth;
  }

  /// Operators that stand in place of a network's, by number.
  void replace(const FeedForward& network, std::map<std::size_t, std::vector<GraphOperator>>& places) {
    const GraphOperator first = graph_.operators[network.first], activation = graph_.operators[network.activation],
                        second = graph_.operators[network.second];
    const GraphTensor active = *graph_.operand(activation, "dst");
    const std::vector<std::uint64_t> result = graph_.operand(second, "dst")->shape;
    const std::uint64_t batch = active.shape[0], tokens = active.shape[1], columns = active.shape[2];
    require_tiles(first, tokens, columns);
    const int mask =
        add_run_tensor(graph_, activation.name + ".mask", {batch, tokens, mask_words(columns)}, DIXION_FORMAT_UINT32);
    const int partial = add_run_tensor(graph_, second.name + ".partial", result, DIXION_FORMAT_INT32);

    GraphOperator masked = as_opcode(first, DIXION_OPCODE_MATMUL_MASKED);
    set_operand(masked, "mask", mask);
    masked.settings = {0, 0, activation.is(DIXION_OPCODE_GEGLU) ? 2U : 1U, tiles_};
    GraphOperator mark = as_opcode(activation, DIXION_OPCODE_MASK_THRESHOLD);
    mark.name = activation.name + ".mark";
    set_operand(mark, "src", operand_of(activation, "dst"));
    set_operand(mark, "mask", mask);
    mark.settings = {threshold(active), 0, 0, 0};
    GraphOperator keeps = as_opcode(second, DIXION_OPCODE_MATMUL_PARTIAL);
    GraphOperator resumes = as_opcode(second, DIXION_OPCODE_MATMUL_RESUME);
    for (GraphOperator* op : {&keeps, &resumes}) {
      set_operand(*op, "mask", mask);
      set_operand(*op, "partial", partial);
    }
    resumes.settings = {0, 0, settings_.tile_width(), 0};

    std::vector<GraphOperator>& middle = places[network.activation];
    if (by_columns(activation)) {
      masked.settings[3] |= kDstByColumns;
      resumes.settings[3] = 1;
      GraphOperator needed = activation;
      set_operand(needed, "mask", mask);
      needed.settings[3] = tiles_;
      middle = {in_steps(needed, true), in_steps(activation, false), in_steps(mark, false)};
    } else {
      middle = {activation, in_steps(mark, false)};
    }
    if (settings_.conmerge()) {
      const std::uint64_t words =
          DIXION_SCHEDULE_HEADER_WORDS + ceil_div(columns, DIXION_SCHEDULE_COLUMNS) * DIXION_SCHEDULE_RECORD_WORDS;
      const int schedule =
          add_run_tensor(graph_, first.name + ".schedule", {batch, ceil_div(tokens, DIXION_SCHEDULE_TOKENS), words},
                         DIXION_FORMAT_UINT32);
      set_operand(masked, "schedule", schedule);
      masked.settings[3] |= scheduled_tiles_;
      GraphOperator build = as_opcode(mark, DIXION_OPCODE_CONMERGE_BUILD);
      build.name = activation.name + ".schedule";
      set_operand(build, "schedule", schedule);
      build.settings = {static_cast<std::uint32_t>(columns), scheduled_tiles_, 0, 0};
      middle.push_back(in_steps(build, false));
    }
    places[network.first] = {in_steps(first, false), in_steps(masked, true)};
    places[network.second] = {in_steps(keeps, false), in_steps(resumes, true)};
  }

 private:
  static GraphOperator in_steps(GraphOperator op, bool reuse) {
    op.step_kinds = restrict_step_kinds(op.step_kinds, step_kinds_with(DIXION_STEP_KIND_FFN, reuse));
    return op;
  }

  /// Whether sparse steps keep what is in front of and behind the activation by tiles' columns.
  [[nodiscard]] bool by_columns(const GraphOperator& activation) const {
    return !settings_.hidden_rows() && !listed_ && is_gapless(*graph_.operand(activation, "src")) &&
           is_gapless(*graph_.operand(activation, "dst"));
  }

  /// Smallest magnitude in units of `active` that is marked.
  [[nodiscard]] std::uint32_t threshold(const GraphTensor& active) const {
    if (settings_.threshold() == 0) return 0;
    return static_cast<std::uint32_t>(
        std::min<double>(kMarksNothing, std::floor(settings_.threshold() / active.scale) + 1));
  }

  void require_tiles(const GraphOperator& first, std::uint64_t tokens, std::uint64_t columns) const {
    if (settings_.tile_width() != 0 && tokens % settings_.tile_width() != 0) {
      throw ConfigError(first.user, "has " + std::to_string(tokens) +
                                        " tokens, no whole rows of workload.techniques.ffn_reuse.tile_width = " +
                                        std::to_string(settings_.tile_width()));
    }
    if (settings_.conmerge() && std::max(tokens, columns) > kMostScheduled) {
      throw ConfigError(first.user, "has " + std::to_string(tokens) + " tokens and " + std::to_string(columns) +
                                        " hidden elements; a ConMerge schedule names at most 65534. Switch off "
                                        "workload.techniques.ffn_reuse.conmerge, or leave the layer out");
    }
  }

  const workload::FfnReuse& settings_;
  bool listed_;
  Graph& graph_;
  std::uint32_t tiles_ = 0, scheduled_tiles_ = 0;
};

void check_settings(const workload::FfnReuse& settings, std::uint32_t steps) {
  if (!(settings.threshold() >= 0) || !std::isfinite(settings.threshold()))
    refuse("threshold", "must be a number from 0 on");
  if (settings.first_steps() > steps) refuse("first_steps", "is more than the run's steps");
  if (settings.dense_every() > steps) refuse("dense_every", "is more than the run's steps");
  if (settings.merge_depth() > kMostMerged) refuse("merge_depth", "must be from 1 to 3, or 0 for 3");
  if (settings.tile_width() > 0xffff) refuse("tile_width", "must be at most 65535");
}

}  // namespace

void apply_ffn_reuse(const workload::Workload& workload, Graph& graph) {
  const workload::FfnReuse& settings = workload.techniques().ffn_reuse();
  if (!settings.enabled()) return;
  require_defined(workload, workload::FFN_REUSE, "workload.techniques.ffn_reuse.enabled");
  if (settings.conmerge()) require_defined(workload, workload::CONMERGE, "workload.techniques.ffn_reuse.conmerge");
  check_settings(settings, workload.steps());
  const std::set<unsigned> layers = layers_of(settings.layers(), kLayers);
  std::set<unsigned> found;
  std::map<std::size_t, std::vector<GraphOperator>> places;
  Pass pass(settings, workload.techniques().ctr().enabled(), graph);
  for (const FeedForward& network : find_networks(graph)) {
    const std::uint8_t layer = graph.operators[network.first].layer;
    // Networks outside layers (UNets) have no number that a list could name.
    if (!settings.layers().empty() && !layers.contains(layer)) continue;
    found.insert(layer);
    pass.replace(network, places);
  }
  if (found.empty()) refuse("enabled", "but no layer that takes part has MATMUL, GELU or GEGLU, MATMUL in its steps");
  require_layers(settings.layers(), found, kLayers, "feed-forward network");
  std::vector<GraphOperator> operators;
  for (std::size_t i = 0; i < graph.operators.size(); ++i) {
    const auto place = places.find(i);
    if (place == places.end()) {
      operators.push_back(std::move(graph.operators[i]));
    } else {
      operators.insert(operators.end(), place->second.begin(), place->second.end());
    }
  }
  require_operator_limit(operators.size(), kLayers);
  graph.operators = std::move(operators);
}

}  // namespace dixion
