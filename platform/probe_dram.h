// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/cli.h"

namespace dixion {

/// Prints the conformance sheet of one or all DRAM presets as Markdown on stdout. Status 0, or 1 if a deviation reaches
/// 1 %; throws ConfigError for an unknown preset or bad values.
int probe_dram(const Options& options);

}  // namespace dixion
