// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "traces/proto/workload.pb.h"

namespace dixion {

/// Every technique asks this when it is enabled. Throws ConfigError(key, ...) if `workload.defined_techniques` does not
/// name `technique`; `key` is the setting that enables it, "workload.techniques.st.enabled".
void require_defined(const workload::Workload& workload, workload::Technique technique, const char* key);

}  // namespace dixion
