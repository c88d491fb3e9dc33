// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "models/common/accelerator_config.h"
#include "models/common/made_up_masks.h"
#include "traces/proto/workload.pb.h"

namespace dixion {

/// Made-up masks as a workload describes them (techniques.*.masks); a density of the accelerator's mask_source below 1
/// takes the place of the workload's. Without ctr.masks there are none of tokens. Throws ConfigError for values out of
/// range.
[[nodiscard]] std::unique_ptr<StatisticalMasks> workload_masks(const workload::Techniques& techniques,
                                                               const AcceleratorConfig& accelerator);

}  // namespace dixion
