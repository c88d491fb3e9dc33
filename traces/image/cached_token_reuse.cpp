// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iterator>

#include "models/common/check.h"
#include "models/common/row_roles.h"
#include "traces/image/defined_techniques.h"
#include "traces/image/fixed_point.h"
#include "traces/image/graph.h"
#include "traces/image/step_kinds.h"
#include "traces/image/technique.h"
#include "traces/image/token_flow.h"

namespace dixion {
namespace {

constexpr std::uint64_t kListHeader = 4;  // words in front of the indices
constexpr double kMostThreshold = 65535;
constexpr int kFraction = 16;
constexpr std::uint32_t kNoPatches = 0xffff;  // of a schedule's settings; above it the width of a row of tokens
constexpr std::uint32_t kReuses = step_kinds_with(DIXION_STEP_KIND_CTR, true);
constexpr std::uint32_t kComputesAll = step_kinds_with(DIXION_STEP_KIND_CTR, false);

/// A schedule of a feed-forward network's mask; those of scores are built in every step anyway.
bool builds_for_later_steps(const GraphOperator& op) {
  return op.is(DIXION_OPCODE_CONMERGE_BUILD) && (op.settings[1] & kScoreSchedule) == 0;
}

[[noreturn]] void refuse(const char* key, const std::string& reason) {
  throw ConfigError(std::string("workload.techniques.ctr.") + key, reason);
}

void check_settings(const workload::Workload& workload) {
  const workload::CachedTokenReuse& ctr = workload.techniques().ctr();
  require_defined(workload, workload::CTR, "workload.techniques.ctr.enabled");
  if (!(ctr.threshold() >= 0 && ctr.threshold() <= kMostThreshold)) refuse("threshold", "must be from 0 to 65535");
  if (!(ctr.share() >= 0 && ctr.share() <= 1)) refuse("share", "must be from 0 to 1");
  if (ctr.first_steps() > workload.steps()) refuse("first_steps", "is more than the run's steps");
  if (ctr.refresh_every() > workload.steps()) refuse("refresh_every", "is more than the run's steps");
}

class TokenReuse {
 public:
  TokenReuse(const workload::Workload& workload, const RunPlan& plan, Graph& graph)
      : workload_(workload), plan_(plan), graph_(graph) {}

  void apply() {
    const TokenFlow flow = find_token_flow(graph_, plan_);
    for (const int root : flow.read_whole) keep_for_the_run(root);
    add_tensors(flow);
    std::copy_if(graph_.operators.begin(), graph_.operators.end(), std::back_inserter(builds_), builds_for_later_steps);
    std::vector<GraphOperator> operators;
    bool in_steps = false;
    for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
      GraphOperator& op = graph_.operators[i];
      if (!in_steps && op.phase == DIXION_PHASE_STEP) {
        in_steps = true;
        add_decision(operators);
      }
      if (builds_for_later_steps(op)) continue;  // made for each step's list
      if (flow.row_operators.contains(i)) {
        add_alternatives(op, operators);
      } else {
        operators.push_back(std::move(op));
      }
    }
    graph_.operators = std::move(operators);
  }

 private:
  /// Rows that are not computed in a step are those of an earlier one.
  void keep_for_the_run(int root) {
    for (const int kept : unshare(graph_, root)) {
      for (std::size_t i = 0; i < graph_.tensors.size(); ++i) {
        GraphTensor& tensor = graph_.tensors[i];
        const bool shows = static_cast<int>(i) == kept || tensor.parent == kept;
        if (!shows || tensor.lifetime != DIXION_LIFETIME_STEP) continue;
        tensor.lifetime = DIXION_LIFETIME_RUN;
        tensor.resident = static_cast<int>(i) == kept;
      }
    }
  }

  int add(GraphTensor tensor) {
    graph_.tensors.push_back(std::move(tensor));
    return static_cast<int>(graph_.tensors.size() - 1);
  }

  void add_tensors(const TokenFlow& flow) {
    const GraphTensor& root = graph_.tensors[static_cast<std::size_t>(flow.latent)];
    latent_ = flow.latent_tokens;
    latent_.lifetime = root.lifetime;
    previous_index_ = add(dense_tensor("ctr.previous", latent_.shape, latent_.format, latent_.scale));
    latent_index_ = add(latent_);
    const std::uint64_t rows = std::uint64_t{plan_.samples} * plan_.branches * flow.tokens;
    list_index_ = add(dense_tensor("ctr.list", {kListHeader + rows}, DIXION_FORMAT_UINT32));
    graph_.tensors.back().resident = true;  // every command on tokens begins by reading it
    GraphTensor header = dense_tensor("ctr.list_header", {kListHeader}, DIXION_FORMAT_UINT32);
    header.parent = list_index_;
    header_index_ = add(header);
  }

  [[nodiscard]] GraphOperator make(const char* name, dixion_opcode opcode, dixion_phase phase,
                                   std::initializer_list<int> operands) const {
    GraphOperator op;
    op.name = name;
    op.user = "workload " + workload_.name() + ", operator '" + op.name + "' of cached token reuse";
    op.opcode = opcode_info(opcode);
    op.phase = phase;
    op.layer = DIXION_TAG_LAYER_NONE;
    op.operands.fill(kNoTensor);
    std::copy(operands.begin(), operands.end(), op.operands.begin());
    return op;
  }

  void add_decision(std::vector<GraphOperator>& operators) const {
    operators.push_back(make("ctr.clear_list", DIXION_OPCODE_DMA_FILL, DIXION_PHASE_ONCE, {header_index_}));
    operators.push_back(make("ctr.first", DIXION_OPCODE_DMA_COPY, DIXION_PHASE_ONCE, {latent_index_, previous_index_}));
    GraphOperator decision = make("ctr.decide", DIXION_OPCODE_TOKEN_DECISION, DIXION_PHASE_STEP,
                                  {latent_index_, previous_index_, list_index_});
    const workload::CachedTokenReuse& ctr = workload_.techniques().ctr();
    decision.step_kinds = kReuses;
    decision.threshold = static_cast<std::uint32_t>(std::round(std::ldexp(ctr.threshold(), kFraction)));
    decision.share = static_cast<std::uint32_t>(std::round(std::ldexp(ctr.share(), kFraction)));
    operators.push_back(std::move(decision));
    operators.push_back(make("ctr.keep", DIXION_OPCODE_DMA_COPY, DIXION_PHASE_STEP, {latent_index_, previous_index_}));
  }

  /// The operator in steps that compute all tokens, and with the list in the others.
  void add_alternatives(const GraphOperator& op, std::vector<GraphOperator>& operators) const {
    if (op.is(DIXION_OPCODE_MATMUL_MASKED)) add_schedule(op, operators);
    GraphOperator dense = op, listed = with_list(op);
    dense.step_kinds = restrict_step_kinds(op.step_kinds, kComputesAll);
    if (dense.step_kinds != 0) operators.push_back(std::move(dense));
    if (listed.step_kinds != 0) operators.push_back(std::move(listed));
  }

  /// Listed tokens form no grid: tiles are formed of them in order.
  [[nodiscard]] GraphOperator with_list(const GraphOperator& op) const {
    GraphOperator listed = op;
    listed.step_kinds = restrict_step_kinds(op.step_kinds, kReuses);
    listed.operands[kRowListOperand] = list_index_;
    if (op.is(DIXION_OPCODE_MATMUL_RESUME)) listed.settings[2] = 0;
    if (op.is(DIXION_OPCODE_MATMUL_MASKED)) listed.settings[3] &= kNoPatches;
    if (op.is(DIXION_OPCODE_CONMERGE_BUILD)) listed.settings[1] &= kNoPatches;
    return listed;
  }

  /// The schedule of `op`, if it has one, is made from the mask for the tokens that are active in each step: steps that
  /// compute all tokens make masks anew and use none.
  void add_schedule(const GraphOperator& op, std::vector<GraphOperator>& operators) const {
    const int schedule = operand_of(op, "schedule");
    const auto build = std::find_if(builds_.begin(), builds_.end(), [&](const GraphOperator& each) {
      return schedule != kNoTensor && operand_of(each, "schedule") == schedule;
    });
    if (build == builds_.end()) return;
    GraphOperator listed = *build;
    listed.step_kinds = op.step_kinds;
    // In front of the alternatives of `op`, which stand side by side.
    auto place = operators.end();
    while (place != operators.begin() && operand_of(*std::prev(place), "dst") == operand_of(op, "dst")) --place;
    operators.insert(place, with_list(listed));
  }

  const workload::Workload& workload_;
  const RunPlan& plan_;
  Graph& graph_;
  std::vector<GraphOperator> builds_;  ///< of schedules that steps with other tokens use
  GraphTensor latent_;
  int latent_index_ = kNoTensor, previous_index_ = kNoTensor, list_index_ = kNoTensor, header_index_ = kNoTensor;
};

}  // namespace

void apply_cached_token_reuse(const workload::Workload& workload, const RunPlan& plan, Graph& graph) {
  if (!workload.techniques().ctr().enabled()) return;
  check_settings(workload);
  TokenReuse(workload, plan, graph).apply();
  require_operator_limit(graph.operators.size(), "workload.techniques.ctr.enabled");
}

}  // namespace dixion
