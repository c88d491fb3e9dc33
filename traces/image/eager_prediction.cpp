// SPDX-License-Identifier: Apache-2.0
// Eager prediction: PREDICT before the projections of self-attention, which then leave out what it says.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "traces/image/defined_techniques.h"
#include "traces/image/graph.h"
#include "traces/image/self_attention.h"
#include "traces/image/step_kinds.h"
#include "traces/image/technique.h"

namespace dixion {
namespace {

constexpr std::uint64_t kMostTokens = 4096;  // masks of single elements
constexpr std::uint32_t kMostMerged = 3;     // blocks of scores
constexpr std::uint64_t kMostParts = 4;      // of a batch: one is predicted while another is computed
constexpr const char* kKey = "workload.techniques.ep.";

[[noreturn]] void refuse(const char* key, const std::string& reason) {
  throw ConfigError(std::string(kKey) + key, reason);
}

/// Samples [first, end) of the batch.
struct Part {
  std::uint64_t first, end;
  std::string suffix;   ///< of names
  bool listed = false;  ///< in steps that reuse tokens; otherwise in those that compute all
};

std::vector<Part> parts_of(std::uint64_t batch) {
  const std::uint64_t count = std::min(batch, kMostParts);
  std::vector<Part> parts;
  for (std::uint64_t i = 0; i < count; ++i) {
    parts.push_back({batch * i / count, batch * (i + 1) / count, count == 1 ? "" : ".part" + std::to_string(i)});
  }
  return parts;
}

class EagerPrediction {
 public:
  EagerPrediction(const workload::Workload& workload, Graph& graph)
      : ep_(workload.techniques().ep()), tokens_reused_(workload.techniques().ctr().enabled()), graph_(graph) {
    const workload::SoftmaxThresholding& st = workload.techniques().st();
    if (st.enabled()) others_ = layers_of(st.layers(), "workload.techniques.st.layers");
  }

  void apply() {
    if (!(ep_.keep() > 0 && ep_.keep() <= 1)) refuse("keep", "must be above 0 and at most 1");
    if (!(ep_.dominance() >= 0 && std::isfinite(ep_.dominance()))) refuse("dominance", "must be 0 or more");
    if (ep_.merge_depth() > kMostMerged) refuse("merge_depth", "must be from 1 to 3, or 0 for 3");
    if (ep_.tile_width() > 0xffff) refuse("tile_width", "must be at most 65535");
    if (!ep_.conmerge() && ep_.tile_width() != 0) refuse("tile_width", "is for ConMerge schedules (conmerge=true)");
    const std::set<unsigned> layers = layers_of(ep_.layers(), std::string(kKey) + "layers");
    std::vector<GraphOperator> operators;
    std::set<unsigned> found;
    for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
      const GraphOperator& op = graph_.operators[i];
      if (!layers.contains(op.layer) || !is_self_attention(graph_, op) || left_to_thresholding(op)) {
        operators.push_back(op);
        continue;
      }
      const SelfAttention attention = find_projections(graph_, i);
      require_fit(op, attention);
      found.insert(op.layer);
      operators.resize(operators.size() - attention.projections.size());  // they stand right behind each other
      replace(attention, operators);
    }
    if (found.empty() && !others_.empty()) {
      refuse("layers", "softmax thresholding has every layer that could be predicted; divide them, e.g. " +
                           std::string("workload.techniques.st.layers=0-1 and workload.techniques.ep.layers=2-3"));
    }
    if (found.empty()) refuse("enabled", "but no layer that takes part has self-attention in its steps");
    require_layers(ep_.layers(), found, std::string(kKey) + "layers", "self-attention that is predicted");
    require_operator_limit(operators.size(), std::string(kKey) + "layers");
    graph_.operators = std::move(operators);
  }

 private:
  /// Layers of softmax thresholding have masks already.
  [[nodiscard]] bool left_to_thresholding(const GraphOperator& op) const {
    if (!others_.contains(op.layer)) return false;
    if (!ep_.layers().empty())
      refuse("layers", "layer " + std::to_string(op.layer) + " is also in workload.techniques.st.layers");
    return true;
  }

  void require_fit(const GraphOperator& op, const SelfAttention& attention) const {
    const std::uint64_t tokens = graph_.operand(op, "q")->shape[2];
    const std::string way_out = ". Leave the layer out of workload.techniques.ep.layers";
    if (tokens > kMostTokens) {
      throw ConfigError(op.user, "attends to " + std::to_string(tokens) + " tokens; eager prediction takes at most " +
                                     std::to_string(kMostTokens) + way_out);
    }
    if (ep_.tile_width() != 0 && tokens % ep_.tile_width() != 0) {
      throw ConfigError(op.user, "has " + std::to_string(tokens) +
                                     " tokens, no whole rows of workload.techniques.ep.tile_width = " +
                                     std::to_string(ep_.tile_width()));
    }
    if (!attention.mistake.empty()) throw ConfigError(op.user, "eager prediction: " + attention.mistake + way_out);
  }

  void replace(const SelfAttention& attention, std::vector<GraphOperator>& operators) {
    const GraphOperator& op = graph_.operators[attention.op];
    const Shape shape = graph_.operand(op, "q")->shape;
    const std::uint64_t words = mask_words(shape[2]);
    mask_ = add_words(op.name + ".mask", {shape[0], shape[1], shape[2], words});
    rows_ = add_words(op.name + ".rows", {shape[0], 3 * shape[1], words});
    if (ep_.conmerge()) {
      const std::uint64_t blocks = (shape[2] + DIXION_SCHEDULE_COLUMNS - 1) / DIXION_SCHEDULE_COLUMNS;
      schedule_ = add_words(op.name + ".schedule",
                            {shape[0], shape[1], (shape[2] + DIXION_SCHEDULE_TOKENS - 1) / DIXION_SCHEDULE_TOKENS,
                             DIXION_SCHEDULE_HEADER_WORDS + blocks * DIXION_SCHEDULE_RECORD_WORDS});
    }
    for (const Part& part : parts_of(shape[0])) add(attention, part, operators);
    // A list of tokens names those of the whole batch. These come last: a layer's first writing of its keys is in steps
    // that compute all tokens.
    if (tokens_reused_) add(attention, {0, shape[0], ".listed", true}, operators);
  }

  using Shape = std::vector<std::uint64_t>;

  void add(const SelfAttention& attention, const Part& part, std::vector<GraphOperator>& operators) {
    const GraphOperator& op = graph_.operators[attention.op];
    operators.push_back(predict(attention, part));
    if (ep_.conmerge()) operators.push_back(build(op, part));
    for (const HeadProjection& projection : attention.projections) {
      operators.push_back(project(projection, graph_.operand(op, "q")->shape[1], part));
    }
    operators.push_back(attend(op, part));
  }

  int add_words(const std::string& name, const Shape& shape) {
    GraphTensor words = dense_tensor(name, shape, DIXION_FORMAT_UINT32);
    words.lifetime = DIXION_LIFETIME_STEP;
    graph_.tensors.push_back(std::move(words));
    return static_cast<int>(graph_.tensors.size() - 1);
  }

  /// Extents [first, end) of one dimension.
  int slice(int index, std::size_t dimension, std::uint64_t first, std::uint64_t end, const std::string& suffix) {
    GraphTensor view = graph_.tensors[static_cast<std::size_t>(index)];
    if (first == 0 && end == view.shape[dimension]) return index;
    const auto [place, added] = slices_.try_emplace({index, dimension, first}, 0);
    if (!added) return place->second;
    view.parent = graph_.root(index);
    view.name += suffix;
    view.shape[dimension] = end - first;
    view.offset += first * view.stride[dimension];
    graph_.tensors.push_back(std::move(view));
    return place->second = static_cast<int>(graph_.tensors.size() - 1);
  }
  int samples(int index, const Part& part) { return slice(index, 0, part.first, part.end, part.suffix); }

  /// `op` as another opcode without operands, in the part's steps.
  GraphOperator make(const GraphOperator& op, dixion_opcode opcode, const Part& part) const {
    GraphOperator result = op;
    result.opcode = opcode_info(opcode);
    result.name += part.suffix;
    result.split = DIXION_IMAGE_SPLIT_AUTO;  // a part has another shape than the whole
    result.operands.fill(kNoTensor);
    if (tokens_reused_) {
      result.step_kinds = restrict_step_kinds(op.step_kinds, step_kinds_with(DIXION_STEP_KIND_CTR, part.listed));
    }
    return result;
  }

  GraphOperator predict(const SelfAttention& attention, const Part& part) {
    const GraphOperator& op = graph_.operators[attention.op];
    const GraphTensor q = *graph_.operand(op, "q"), k = *graph_.operand(op, "k");
    GraphOperator result = make(op, DIXION_OPCODE_PREDICT, part);
    result.name = op.name + ".predict" + part.suffix;
    const std::uint64_t tokens = q.shape[2], inner = q.shape[1] * q.shape[3];
    PredictSettings& settings = result.predict;
    settings.heads = static_cast<std::uint32_t>(q.shape[1]);
    settings.keep = static_cast<std::uint32_t>(
        std::clamp<double>(std::ceil(ep_.keep() * static_cast<double>(tokens) - 1e-9), 1, static_cast<double>(tokens)));
    // A real score is the product of both scales over the square root of the depth.
    const double unit = q.scale * k.scale / std::sqrt(static_cast<double>(q.shape[3]));
    const double units = std::round(ep_.dominance() / unit);
    settings.dominance = static_cast<std::uint32_t>(std::clamp(units, ep_.dominance() > 0 ? 1.0 : 0.0, 4294967295.0));
    settings.all_keys = tokens_reused_ && !part.listed;  // later steps read them
    const HeadProjection& queries = attention.projections[attention.made_by[0]];
    const HeadProjection& keys = attention.projections[attention.made_by[1]];
    const auto rows_of = [&](const HeadProjection& projection, std::uint64_t columns) {
      const GraphOperator& product = graph_.operators[projection.op];
      const GraphTensor& dst = *graph_.operand(product, "dst");
      settings.layers.push_back({product.linear, columns, dst.shape[2], dst.scale});
    };
    rows_of(queries, queries.op == keys.op ? 2 * inner : inner);
    if (queries.op != keys.op) rows_of(keys, inner);
    result.operands[0] = samples(graph_.operators[queries.op].operands[0], part);
    result.operands[4] = samples(mask_, part);
    result.operands[5] = samples(rows_, part);
    if (part.listed) result.operands[6] = op.operands[1];
    return result;
  }

  /// Depth of a schedule, and how wide the picture is where tiles are patches of it; listed tokens form none.
  [[nodiscard]] std::uint32_t schedule_settings(const Part& part) const {
    const std::uint32_t depth = ep_.merge_depth() == 0 ? kMostMerged : ep_.merge_depth();
    return depth | (part.listed ? 0 : ep_.tile_width() << 16);
  }

  GraphOperator build(const GraphOperator& op, const Part& part) {
    GraphOperator result = make(op, DIXION_OPCODE_CONMERGE_BUILD, part);
    result.name = op.name + ".schedule" + part.suffix;
    const auto keys = static_cast<std::uint32_t>(graph_.operand(op, "k")->shape[2]);
    result.settings = {keys, schedule_settings(part) | kScoreSchedule, 0, 0};
    result.operands[0] = samples(mask_, part);
    result.operands[1] = samples(schedule_, part);
    return result;
  }

  GraphOperator project(const HeadProjection& projection, std::uint64_t heads, const Part& part) {
    const GraphOperator op = graph_.operators[projection.op];
    GraphOperator result = make(op, DIXION_OPCODE_MATMUL_ROWS, part);
    result.name = op.name + part.suffix;
    result.operands[0] = samples(op.operands[0], part);
    std::string suffix = ".";
    suffix += std::to_string(projection.first);
    result.operands[4] =
        slice(samples(rows_, part), 1, projection.first * heads, (projection.first + projection.count) * heads, suffix);
    result.operands[5] = samples(op.operands[4], part);
    return result;
  }

  GraphOperator attend(const GraphOperator& op, const Part& part) {
    GraphOperator result = make(op, DIXION_OPCODE_ATTENTION_MASKED, part);
    for (const std::size_t i : {0U, 1U, 2U}) result.operands[i] = samples(op.operands[i], part);
    result.operands[3] = samples(mask_, part);
    result.operands[4] = samples(op.operands[3], part);
    if (!ep_.conmerge()) return result;
    result.operands[5] = samples(schedule_, part);
    result.settings = {0, 0, 0, schedule_settings(part)};
    return result;
  }

  const workload::EagerPrediction& ep_;
  bool tokens_reused_;
  Graph& graph_;
  std::set<unsigned> others_;
  int mask_ = kNoTensor, rows_ = kNoTensor, schedule_ = kNoTensor;  // of the layer at hand
  std::map<std::tuple<int, std::size_t, std::uint64_t>, int> slices_;
};

}  // namespace

void apply_eager_prediction(const workload::Workload& workload, Graph& graph) {
  if (!workload.techniques().ep().enabled()) return;
  require_defined(workload, workload::EP, "workload.techniques.ep.enabled");
  if (workload.techniques().ep().conmerge())
    require_defined(workload, workload::CONMERGE, "workload.techniques.ep.conmerge");
  EagerPrediction(workload, graph).apply();
}

}  // namespace dixion
