// SPDX-License-Identifier: Apache-2.0
/// The command line of dixion-vp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/common/clock.h"
#include "platform/probe_banks.h"
#include "platform/probe_conmerge.h"
#include "platform/probe_lists.h"

namespace dixion {

/// What -d shows on stderr.
struct DebugCategories {
  bool irq = false;           ///< interrupt lines and traps
  bool mmio = false;          ///< every access to a device, with register and field names
  bool guest_errors = false;  ///< all guest errors; without it the first few of a run
  bool commands = false;      ///< dispatch, begin and end of every accelerator command
};

/// `--load FILE@ADDRESS`: the file's bytes are in memory before the first instruction.
struct LoadRequest {
  std::string file;
  std::uint64_t address = 0;
};

enum class Subcommand : std::uint8_t {
  kRun,
  kCheck,
  kDescribe,
  kCompare,
  kProbeDram,
  kProbeBanks,
  kProbeConMerge,
  kProbeLists
};

struct Options {
  Subcommand subcommand = Subcommand::kRun;
  std::string elf;  ///< empty: the standard firmware for workloads
  std::string soc = "exion4";
  std::string workload;  ///< empty: none
  std::string mode;      ///< "functional", "timing"; empty: as configured
  std::vector<LoadRequest> loads;
  std::vector<std::string> sets;  ///< "soc.path=value", "workload.path=value", in order
  std::string record_masks;       ///< file for the masks of a functional run; empty: none
  std::string replay_masks;       ///< file of masks for timing mode; empty: they are made up
  std::string out;                ///< empty: out/<workload>-<soc>/, or nothing is written without a workload
  std::string reference;          ///< result folder that pictures are compared with; empty: none
  DebugCategories debug;
  std::optional<Ticks> quantum;
  std::optional<Ticks> max_sim_time;
  std::optional<std::uint64_t> seed;
  unsigned threads = 0;          ///< for integer products; 0: default_threads()
  bool guest_exit_code = false;  ///< exit with the firmware's own code
  bool keys = false;             ///< describe: all configuration keys
  bool statistics = false;       ///< describe: what every statistic means
  std::string preset;            ///< probe dram: empty means all
  std::string timing;            ///< probe dram: changes to the preset
  bool sources = false;          ///< probe dram: every value with its source
  BankProbe banks;               ///< probe banks
  ConMergeProbe conmerge;        ///< probe conmerge
  ListProbe lists;               ///< probe lists
  std::string first;             ///< compare: result folders
  std::string second;
  std::string by;   ///< compare: "layer", "step", "engine"; empty: the whole run
  std::string csv;  ///< compare: file for the table; empty: none
};

/// Parses `argv`. Returns nothing when help or the version was asked for and printed; throws ConfigError for mistakes.
std::optional<Options> parse_command_line(int argc, const char* const* argv);

}  // namespace dixion
