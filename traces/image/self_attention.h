// SPDX-License-Identifier: Apache-2.0
/// Self-attention in a graph and the matrix products that make its queries, keys and values.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "traces/image/graph.h"

namespace dixion {

/// One matrix product that makes whole heads: of Q, K, V, or of neighbours among these.
struct HeadProjection {
  std::size_t op = 0;       ///< its place among the operators
  std::size_t first = 0;    ///< 0: Q, 1: K, 2: V
  std::size_t count = 0;    ///< how many of them
};

struct SelfAttention {
  std::size_t op = 0;                        ///< the attention
  std::vector<HeadProjection> projections;  ///< in the order of the operators, directly before it and each other
  /// Of Q, K, V: index in `projections`.
  std::array<std::size_t, 3> made_by{};
  std::string mistake;  ///< why it does not have the form that is looked for; the rest then says nothing
};

/// ATTENTION of a step whose queries and keys have one shape.
bool is_self_attention(const Graph& graph, const GraphOperator& op);

/// The products of self-attention `op`. Looked for: MATMULs with 'linear' right before it, of one [batch, T, D] tensor
/// for Q and K, that write INT12 [batch, T, parts * heads * depth] of which the attention's operands are the heads, and
/// nobody else reads.
SelfAttention find_projections(const Graph& graph, std::size_t op);

}  // namespace dixion
