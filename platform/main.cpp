// SPDX-License-Identifier: Apache-2.0
/// dixion-vp. Read next: run.cpp.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>

#include <systemc>

#include "models/common/check.h"
#include "platform/cli.h"
#include "platform/console.h"
#include "platform/probe_banks.h"
#include "platform/probe_conmerge.h"
#include "platform/probe_dram.h"
#include "platform/probe_lists.h"
#include "platform/run.h"
#include "platform/verdict.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

int dispatch(const dixion::Options& options, dixion::Console& console) {
  switch (options.subcommand) {
    case dixion::Subcommand::kCheck:
      return dixion::check(options);
    case dixion::Subcommand::kDescribe:
      return dixion::describe(options);
    case dixion::Subcommand::kProbeDram:
      return dixion::probe_dram(options);
    case dixion::Subcommand::kProbeBanks:
      return dixion::probe_banks(options.banks, std::cout);
    case dixion::Subcommand::kProbeConMerge:
      return dixion::probe_conmerge(options.conmerge, std::cout);
    case dixion::Subcommand::kProbeLists:
      return dixion::probe_lists(options.lists, std::cout);
    case dixion::Subcommand::kCompare:
      return dixion::compare(options);
    case dixion::Subcommand::kRun:
      break;
  }
  return dixion::run(options, console);
}

}  // namespace

int sc_main(int argc, char** argv) {
  dixion::Console console;
  try {
    const std::optional<dixion::Options> options = dixion::parse_command_line(argc, argv);
    return options ? dispatch(*options, console) : 0;
  } catch (const dixion::ConfigError& error) {
    console.log().error(error.what());
    return dixion::exit_status({dixion::Outcome::kUserError, {}, 0, {}}, false);
  } catch (const std::exception& error) {
    console.log().critical("defect of the simulator: {}", error.what());
    return dixion::exit_status({dixion::Outcome::kDefect, {}, 0, {}}, false);
  }
}

/// SystemC's library has a main of its own, which prints its banner first; ours asks it not to.
int main(int argc, char** argv) {
#ifdef __GLIBC__
  // Operands of commands come and go, megabytes at a time: keep their memory, for the system clears what it gives anew.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
