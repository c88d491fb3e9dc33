// SPDX-License-Identifier: Apache-2.0
/// The subcommands of dixion-vp.
#pragma once

#include "platform/cli.h"
#include "platform/console.h"

namespace dixion {

/// Simulates and writes results. Returns the process's exit status; throws ConfigError for the user's mistakes.
int run(const Options& options, Console& console);

/// Reads and checks SoC and workload without building anything; says on stdout what it found.
int check(const Options& options);

/// Presets, workloads, memory map and resolved SoC, or all keys, on stdout.
int describe(const Options& options);

/// What differs between the results of two runs, on stdout and as CSV.
int compare(const Options& options);

}  // namespace dixion
