// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "traces/image/graph.h"
#include "traces/image/image_writer.h"
#include "traces/image/run_plan.h"
#include "traces/image/weight_source.h"

namespace dixion {

/// Turns a checked graph into the image's records: contents of constant tensors, tables with a row per step, weights
/// with their biases and factors in integers, immediates. Throws ConfigError where the weights file does not fit.
ImageParts lower(const workload::Workload& workload, const RunPlan& plan, const WeightSource& weights,
                 const Graph& graph);

/// Immediates of an operator from its tensors' scales, attributes and the run's seed.
std::array<std::uint32_t, 4> immediates_of(const workload::Workload& workload, const Graph& graph,
                                           const GraphOperator& op);

}  // namespace dixion
