// SPDX-License-Identifier: Apache-2.0
#include "traces/image/token_flow.h"

#include <algorithm>

#include "models/common/check.h"
#include "models/common/row_roles.h"
#include "traces/image/fixed_point.h"
#include "traces/image/step_kinds.h"

namespace dixion {
namespace {

[[noreturn]] void refuse(const GraphOperator& op, const std::string& reason) {
  throw ConfigError(op.user, "cached token reuse (workload.techniques.ctr) cannot be used: " + reason);
}

const GraphOperator& find_sampler(const Graph& graph) {
  const GraphOperator* sampler = nullptr;
  for (const GraphOperator& op : graph.operators) {
    if (op.phase != DIXION_PHASE_STEP || !op.is(DIXION_OPCODE_SAMPLER_UPDATE)) continue;
    if (sampler != nullptr) refuse(op, "there is more than one SAMPLER_UPDATE in a step");
    sampler = &op;
  }
  if (sampler == nullptr) {
    throw ConfigError("workload.techniques.ctr.enabled", "but no step has a SAMPLER_UPDATE");
  }
  return *sampler;
}

class TokenFinder {
 public:
  TokenFinder(const Graph& graph, const RunPlan& plan)
      : graph_(graph), samples_(plan.samples), rows_(std::uint64_t{plan.samples} * plan.branches) {}

  TokenFlow find() {
    const GraphOperator& sampler = find_sampler(graph_);
    flow_.latent = graph_.root(sampler.operands[sampler.opcode->operands.size() - 1]);
    for (std::size_t i = 0; i < graph_.operators.size(); ++i) {
      if (graph_.operators[i].phase == DIXION_PHASE_STEP) visit(graph_.operators[i], i);
    }
    if (flow_.tokens == 0) refuse(sampler, "no operator in front of it reads the latent");
    return flow_;
  }

 private:
  [[nodiscard]] const GraphTensor& tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }

  /// Rows of all tokens of all branches, with heads or without.
  [[nodiscard]] bool is_rows(int index) const {
    const auto& shape = tensor(index).shape;
    return shape.size() >= 3 && shape[0] == rows_ && shape[shape.size() - 2] == flow_.tokens;
  }

  void visit(const GraphOperator& op, std::size_t number) {
    const auto& operands = op.opcode->operands;
    bool from_latent = false, from_tokens = false;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (operands[i].output || op.operands[i] == kNoTensor) continue;
      if (graph_.root(op.operands[i]) == flow_.latent) {
        from_latent = true;
        if (!op.is(DIXION_OPCODE_SAMPLER_UPDATE)) enter(op, op.operands[i]);
      }
      from_tokens = from_tokens || is_token(op.operands[i]);
    }
    const bool in_reuse = restrict_step_kinds(op.step_kinds, step_kinds_with(DIXION_STEP_KIND_CTR, true)) != 0;
    if (op.is(DIXION_OPCODE_SAMPLER_UPDATE)) return read_whole(op);
    if (!in_reuse && (from_tokens || from_latent)) return mark_results(op);
    if (from_tokens || from_latent) return work_on_tokens(op, number, from_latent);
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (operands[i].output && op.operands[i] != kNoTensor) token_roots_.erase(graph_.root(op.operands[i]));
    }
  }

  [[nodiscard]] bool is_token(int index) const { return token_roots_.contains(graph_.root(index)); }

  /// The first operator that reads the latent says how it is cut into tokens.
  void enter(const GraphOperator& op, int index) {
    const GraphTensor& view = tensor(index);
    const std::size_t rank = view.shape.size();
    std::uint64_t rows = 1;
    for (std::size_t i = 0; i + 2 < rank; ++i) rows *= view.shape[i];
    if (row_roles(op.opcode->value) == nullptr || rank < 3 || rows != rows_ || view.shape[0] != samples_) {
      refuse(op, "it reads the latent as " + view.describe() + ", not as tokens of all branches");
    }
    if (flow_.tokens != 0) return;
    flow_.tokens = view.shape[rank - 2];
    flow_.latent_tokens = view;
    flow_.latent_tokens.name = "ctr.latent";
    flow_.latent_tokens.parent = flow_.latent;
    flow_.latent_tokens.shape = {samples_, view.shape[rank - 2], view.shape[rank - 1]};
    flow_.latent_tokens.stride = {view.stride[0], view.stride[rank - 2], view.stride[rank - 1]};
  }

  /// An operator of steps that compute all tokens: whatever it does with them.
  void mark_results(const GraphOperator& op) {
    for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
      if (op.operands[i] != kNoTensor && op.opcode->operands[i].output)
        token_roots_.insert(graph_.root(op.operands[i]));
    }
  }

  void read_whole(const GraphOperator& op) {
    for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
      if (op.operands[i] == kNoTensor || op.opcode->operands[i].output || !is_token(op.operands[i])) continue;
      flow_.read_whole.insert(graph_.root(op.operands[i]));
    }
  }

  void work_on_tokens(const GraphOperator& op, std::size_t number, bool from_latent) {
    if (row_roles(op.opcode->value) == nullptr) {
      refuse(op, std::string(op.opcode->name) + " does not work on tokens one by one");
    }
    bool by_rows = true;
    for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
      if (op.operands[i] == kNoTensor) continue;
      const RowRole role = row_role(op.opcode->value, i);
      if (role == RowRole::kSchedule) continue;
      const bool output = op.opcode->operands[i].output;
      if (output) token_roots_.insert(graph_.root(op.operands[i]));
      const bool token = output || is_token(op.operands[i]) || graph_.root(op.operands[i]) == flow_.latent;
      if (!token) continue;
      if (role == RowRole::kKeys) {
        flow_.read_whole.insert(graph_.root(op.operands[i]));
      } else if (role == RowRole::kRowBits) {
        by_rows = by_rows && tensor(op.operands[i]).shape[0] == rows_;
      } else if (!has_rows(role)) {
        refuse(op, std::string("its ") + op.opcode->operands[i].name + " depends on tokens");
      } else {
        by_rows = by_rows && is_rows(op.operands[i]);
      }
    }
    if (by_rows) {
      flow_.row_operators.insert(number);
    } else if (!from_latent) {
      refuse(op, "its operands are not " + std::to_string(rows_) + " samples of " + std::to_string(flow_.tokens) +
                     " tokens");
    }
  }

  const Graph& graph_;
  const std::uint64_t samples_, rows_;
  std::set<int> token_roots_;
  TokenFlow flow_;
};

/// A use of a shared tensor: written, then read, until it is written anew.
class Uses {
 public:
  Uses(Graph& graph, int root) : graph_(graph), root_(root), all_{root} {}

  void visit(GraphOperator& op) {
    const std::uint32_t kinds = restrict_step_kinds(op.step_kinds, kAllStepKinds);
    bool reads = false, overwrites = false;
    std::vector<Piece> pieces;
    for_each_place(op, [&](std::size_t i, int index) {
      if (!op.opcode->operands[i].output) {
        reads = true;
        return;
      }
      const GraphTensor& view = graph_.tensors[static_cast<std::size_t>(index)];
      pieces.push_back({view.offset, view.offset + view.span(), kinds});
      overwrites = overwrites || std::any_of(written_.begin(), written_.end(),
                                             [&](const Piece& old) { return meet(old, pieces.back()); });
    });
    // Parts of the batch are written and read by turns: only who writes the same again begins anew.
    if (overwrites && !reads && (read_in_ & kinds) != 0) begin();
    written_.insert(written_.end(), pieces.begin(), pieces.end());
    if (reads) read_in_ |= kinds;
    for_each_place(op, [&](std::size_t i, int index) { op.operands[i] = in_this_use(index); });
  }
  [[nodiscard]] const std::vector<int>& all() const { return all_; }

 private:
  /// Bytes of the tensor that were written in steps of these kinds.
  struct Piece {
    std::uint64_t begin, end;
    std::uint32_t kinds;
  };
  static bool meet(const Piece& a, const Piece& b) {
    return a.begin < b.end && b.begin < a.end && (a.kinds & b.kinds) != 0;
  }

  template <typename Visit>
  void for_each_place(const GraphOperator& op, Visit visit) const {
    for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
      const int index = op.operands[i];
      if (index != kNoTensor && graph_.root(index) == root_) visit(i, index);
    }
  }

  void begin() {
    read_in_ = 0;
    written_.clear();
    copies_.clear();
    GraphTensor copy = graph_.tensors[static_cast<std::size_t>(root_)];
    copy.name += "#" + std::to_string(all_.size());
    copies_[root_] = add(std::move(copy));
    all_.push_back(copies_[root_]);
  }

  int in_this_use(int index) {
    if (all_.size() == 1) return index;
    if (const auto found = copies_.find(index); found != copies_.end()) return found->second;
    GraphTensor view = graph_.tensors[static_cast<std::size_t>(index)];
    view.parent = copies_.at(root_);
    return copies_[index] = add(std::move(view));
  }

  int add(GraphTensor tensor) {
    graph_.tensors.push_back(std::move(tensor));
    return static_cast<int>(graph_.tensors.size() - 1);
  }

  Graph& graph_;
  const int root_;
  std::vector<int> all_;
  std::map<int, int> copies_;
  std::vector<Piece> written_;
  std::uint32_t read_in_ = 0;  // kinds of steps in which this use has been read
};

}  // namespace

TokenFlow find_token_flow(const Graph& graph, const RunPlan& plan) { return TokenFinder(graph, plan).find(); }

std::vector<int> unshare(Graph& graph, int root) {
  if (graph.tensors[static_cast<std::size_t>(root)].lifetime != DIXION_LIFETIME_STEP) return {root};
  Uses uses(graph, root);
  for (GraphOperator& op : graph.operators) {
    if (op.phase == DIXION_PHASE_STEP) uses.visit(op);
  }
  return uses.all();
}

}  // namespace dixion
