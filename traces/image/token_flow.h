// SPDX-License-Identifier: Apache-2.0
/// Where tokens go through a network: which operators work on them row by row, and what is read of tokens that were not
/// computed in the same step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "traces/image/graph.h"

namespace dixion {

struct TokenFlow {
  std::uint64_t tokens = 0;             ///< per sample
  int latent = kNoTensor;               ///< what the sampler updates; no view
  GraphTensor latent_tokens;            ///< the latent as [samples, tokens, channels]
  std::set<std::size_t> row_operators;  ///< operators of the step that can take a row list
  std::set<int> read_whole;             ///< tensors, no views, whose rows are read although they may be stale
};

/// From the first operator that reads the latent to the sampler. Throws ConfigError at the operator that keeps the
/// network from being one of plain tokens.
[[nodiscard]] TokenFlow find_token_flow(const Graph& graph, const RunPlan& plan);

/// Gives each use of tensor `root`, from one writing to the next, a tensor of its own. `root` is no view. Returns all
/// of them, `root` among them.
std::vector<int> unshare(Graph& graph, int root);

}  // namespace dixion
