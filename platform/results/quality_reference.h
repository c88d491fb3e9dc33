// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/prepared_workload.h"

namespace dixion {

/// The output of an earlier run, [samples][values of one] in Q16, to compare `workload`'s with. The same pictures must
/// have been asked for: only techniques, steps and guidance may differ. Throws ConfigError that says what does not fit.
[[nodiscard]] std::vector<std::int32_t> read_reference(const std::string& folder, const PreparedWorkload& workload);

}  // namespace dixion
