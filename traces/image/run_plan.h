// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "traces/image/weight_source.h"
#include "traces/proto/workload.pb.h"

namespace dixion {

/// What a run does besides the network: how many pictures of what, in which steps.
struct RunPlan {
  std::uint32_t steps = 0;
  std::uint32_t samples = 0;
  std::uint32_t branches = 0;
  std::vector<std::string> sample_classes;   ///< [samples] names of what is asked for
  std::vector<std::uint32_t> row_classes;    ///< [samples * branches] rows of the class embedding; empty: unconditional
  std::vector<std::uint32_t> visited_steps;  ///< [steps] steps of the training schedule, first to last
};

/// Checks the run's parameters. Throws ConfigError "workload.<key>".
RunPlan plan_run(const workload::Workload& workload);

/// The steps visited, EVEN: from train_steps - 1 down to 0, evenly spaced, rounded down; one step visits the first
/// only. LEADING: multiples of train_steps / steps, down to 0.
std::vector<std::uint32_t> visited_steps(std::uint32_t steps, std::uint32_t train_steps,
                                         workload::Sampler::Spacing spacing = workload::Sampler::EVEN);

/// Constants {a, b, c, d, guidance, limit} of each step (docs/numerics.md section 10). Throws ConfigError.
std::vector<std::array<std::int32_t, 6>> sampler_constants(const workload::Workload& workload, const RunPlan& plan,
                                                           const WeightSource& weights);

}  // namespace dixion
