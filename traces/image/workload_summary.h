// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/image/graph.h"
#include "traces/image/run_plan.h"

namespace dixion {

/// What one operator asks for each time it runs, whole batch.
struct OperatorSummary {
  std::string name;
  std::string type;    ///< "MATMUL"
  std::string phase;   ///< "once", "step", "finish"
  std::string shapes;  ///< "[2, 256, 1152] -> [2, 256, 3456]": first operand and result
  std::uint64_t macs = 0;
  std::uint64_t weight_bytes = 0;   ///< of a layer's weights with biases and factors, and of constant operands
  std::uint64_t operand_bytes = 0;  ///< of all other operands, elements that are repeated counted once
};

/// A workload in numbers.
struct WorkloadSummary {
  std::vector<OperatorSummary> operators;
  std::uint64_t rows = 1;          ///< samples * branches
  std::uint64_t once_macs = 0;     ///< of the operators that run once, whole batch
  std::uint64_t step_macs = 0;     ///< of one step, whole batch
  std::uint64_t run_macs = 0;      ///< of the whole run
  std::uint64_t weight_bytes = 0;  ///< of constant tensors, each counted once

  /// Of one denoiser call for one sample and branch with all once-per-run work counted in it: what published tables
  /// count.
  [[nodiscard]] std::uint64_t macs_per_call() const { return (once_macs + step_macs) / rows; }
};

WorkloadSummary summarise(const Graph& graph, const RunPlan& plan);

}  // namespace dixion
