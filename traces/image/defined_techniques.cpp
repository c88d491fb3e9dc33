// SPDX-License-Identifier: Apache-2.0
#include "traces/image/defined_techniques.h"

#include "models/common/check.h"

namespace dixion {

void require_defined(const workload::Workload& workload, workload::Technique technique, const char* key) {
  std::string defined;
  for (const int known : workload.defined_techniques()) {
    if (known == technique) return;
    if (!workload::Technique_IsValid(known)) continue;
    defined += (defined.empty() ? "" : ", ") + workload::Technique_Name(static_cast<workload::Technique>(known));
  }
  throw ConfigError(key, workload::Technique_Name(technique) + " is not defined for network '" + workload.name() +
                             "'; its workload.defined_techniques: " + (defined.empty() ? "none" : defined));
}

}  // namespace dixion
