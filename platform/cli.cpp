// SPDX-License-Identifier: Apache-2.0
#include "platform/cli.h"

#include <algorithm>
#include <charconv>
#include <iostream>

#include <CLI/CLI.hpp>

#include "models/common/check.h"
#include "platform/time_units.h"
#include "platform/version.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace {

constexpr const char* kFooter = R"(Examples:
  dixion-vp run hello.elf                                  run a program on the default SoC
  dixion-vp run --workload glyphs --out out/glyphs         a whole denoising run, results in a folder
  dixion-vp run --workload glyphs --set soc.accelerator.cores=2 --set workload.classes=0,1,2
  dixion-vp run --workload glyphs --set workload.techniques.st.enabled=true --reference out/glyphs --out out/st
  dixion-vp run test.elf -d mmio,irq --max-sim-time 10ms   watch registers and interrupts
  dixion-vp compare out/a out/b --by layer                 what differs between two runs
  dixion-vp describe --keys                                every configuration key with its meaning
  dixion-vp probe banks --stride 1152 --word 64            how each bank map spreads words 1152 bytes apart
  dixion-vp probe conmerge --density 0.05,0.3 --skew 0,12  what merging makes of sparse outputs
  dixion-vp probe lists --density 0.3 --skew 2             list mode on a mask: bank maps, reads, stalls
  dixion-vp probe dram --preset HBM3-6400 --sources        what a DRAM preset gives, and where its values come from

Exit status: 0 firmware passed, 1 firmware failed, 2 mistake in the call or the configuration, 3 defect of the
simulator, 4 no progress (a report names who waits for what), 5 limit of simulated time, 130 interrupted.
stdout carries what the guest writes to its UART and nothing else.)";

LoadRequest parse_load(const std::string& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos || at == 0) {
    throw ConfigError("--load", "'" + text + "' must be FILE@ADDRESS, like data.bin@0x88000000");
  }
  std::string digits = text.substr(at + 1);
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    digits.erase(0, 2);
    base = 16;
  }
  LoadRequest load{text.substr(0, at), 0};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), load.address, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw ConfigError("--load", "'" + text.substr(at + 1) + "' is not an address; write 0x88000000");
  }
  return load;
}

DebugCategories parse_debug(const std::vector<std::string>& names) {
  DebugCategories debug;
  for (const std::string& name : names) {
    if (name == "irq") {
      debug.irq = true;
    } else if (name == "mmio") {
      debug.mmio = true;
    } else if (name == "guest_errors") {
      debug.guest_errors = true;
    } else if (name == "commands") {
      debug.commands = true;
    } else {
      throw ConfigError("-d", "unknown category '" + name + "'; there are irq, mmio, guest_errors, commands");
    }
  }
  return debug;
}

/// Options before they are looked at more closely.
struct RawOptions {
  std::vector<std::string> loads;
  std::vector<std::string> debug;
  std::string quantum;
  std::string max_sim_time;
  std::string exit_code = "status";
  std::vector<std::string> checks;
};

void add_configuration(CLI::App& app, Options& options) {
  app.add_option("--soc", options.soc, "SoC preset or configuration file (.textproto, .json)")->capture_default_str();
  app.add_option("--workload", options.workload, "workload by name, or its file");
  app.add_option("--set", options.sets, "soc.path=value or workload.path=value; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--seed", options.seed, "seed of the run, same as --set workload.seed=N");
}

void add_run(CLI::App& app, Options& options, RawOptions& raw) {
  app.add_option("ELF", options.elf, "RV64 firmware; with --workload and no ELF the standard firmware runs");
  add_configuration(app, options);
  app.add_option("--mode", options.mode, "functional: compute the picture; timing: only how long it takes, faster")
      ->check(CLI::IsMember({"functional", "timing"}));
  app.add_option("--record-masks", options.record_masks, "write all masks and token lists of the run to this file");
  app.add_option("--replay-masks", options.replay_masks,
                 "with --mode timing: take masks from such a file (default: make them up)");
  app.add_option("--load", raw.loads, "FILE@ADDRESS: put a file into memory; may be repeated")->allow_extra_args(false);
  app.add_option("--out", options.out, "folder for results (default out/<workload>-<soc>, nothing without workload)");
  app.add_option("--reference", options.reference,
                 "result folder of another run, say without techniques: how far each sample is from it");
  app.add_option("-d", raw.debug, "show on stderr: irq, mmio, guest_errors, commands (comma separated)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--check", raw.checks, "prove while it runs: schedules (of ConMerge)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"schedules"}));
  app.add_option("--quantum", raw.quantum, "how far harts may run ahead, like 100us");
  app.add_option("--threads", options.threads,
                 "threads that compute tensors; results are the same (default 2, on one processor 1)")
      ->check(CLI::Range(1U, 64U));
  app.add_option("--max-sim-time", raw.max_sim_time, "end with status 5 after this simulated time, like 5s");
  app.add_option("--exit-code", raw.exit_code, "'guest': exit with the firmware's own code")
      ->check(CLI::IsMember({"status", "guest"}));
}

struct Probes {
  CLI::App* dram;
  CLI::App* banks;
  CLI::App* conmerge;
  CLI::App* lists;
};

/// `mask` may be a recording, of which these choose one.
void add_mask_choice(CLI::App& probe, CLI::Option* mask, MaskChoice& choice) {
  probe.add_option("--step", choice.step, "of a recording: the mask's step")->needs(mask);
  probe.add_option("--layer", choice.layer, "of a recording: the mask's layer")->needs(mask);
  probe.add_option("--operator", choice.operator_number, "of a recording: the maker's number")->needs(mask);
  probe.add_option("--operand", choice.operand, "of a recording: of the mask in the maker")->needs(mask);
  probe.add_option("--ordinal", choice.ordinal, "of a recording: the maker's number among those of its place, from 0")
      ->needs(mask);
  probe.add_option("--group", choice.group, "of a recording: sample, or head (default 0)")->needs(mask);
}

CLI::App* add_probe_banks(CLI::App& probe, BankProbe& options) {
  CLI::App* banks = probe.add_subcommand("banks", "how bank maps spread words at a stride: load per bank, conflicts");
  banks->add_option("--stride", options.stride, "bytes from one word to the next")->required();
  banks->add_option("--map", options.map, "one map only: interleave, xor, ipoly, prime, matrix");
  banks->add_option("--matrix", options.matrix, "with --map matrix: a mask per bit of the bank, like 0x11,0x22")
      ->delimiter(',');
  CLI::Option* mask =
      banks->add_option("--mask", options.mask, "mask file, each row asks for what it keeps: PBM or a recording");
  add_mask_choice(*banks, mask, options.choice);
  banks->add_option("--banks", options.banks, "banks, a power of two")->capture_default_str();
  banks->add_option("--word", options.word_bytes, "bytes of a word")->capture_default_str();
  banks->add_option("--count", options.count, "words (default: as many as there are banks)");
  banks->add_option("--base", options.base, "address of the first")->capture_default_str();
  return banks;
}

CLI::App* add_probe_conmerge(CLI::App& probe, ConMergeProbe& options) {
  CLI::App* conmerge =
      probe.add_subcommand("conmerge", "what ConMerge makes of a mask: blocks, utilisation, cycles, bytes");
  CLI::Option* mask =
      conmerge->add_option("--mask", options.mask, "mask file: PBM (width = columns, black = needed) or a recording");
  add_mask_choice(*conmerge, mask, options.choice);
  CLI::Option* density =
      conmerge->add_option("--density", options.densities, "draw masks: share of needed outputs, 0 to 1")
          ->delimiter(',')
          ->check(CLI::Range(0.0, 1.0))
          ->excludes(mask);
  const auto drawn = [&](CLI::Option* option) { return option->needs(density)->capture_default_str(); };
  drawn(conmerge->add_option("--skew", options.skews, "how unevenly columns are drawn, 0 (alike) to 64"))
      ->delimiter(',');
  drawn(conmerge->add_option("--rows", options.rows, "tokens"))->check(CLI::Range(1U, 65535U));
  drawn(conmerge->add_option("--columns", options.columns, "columns"))->check(CLI::Range(1U, 65535U));
  drawn(conmerge->add_option("--seed", options.seed, "seed of the draw"));
  conmerge->add_option("--rule", options.rules, "merge rules, comma separated")->delimiter(',')->capture_default_str();
  conmerge->add_option("--tile", options.tile, "which 16 tokens form a tile")
      ->check(CLI::IsMember({"rows", "patch"}))
      ->capture_default_str();
  conmerge->add_option("--grid-width", options.grid_width,
                       "with --tile patch: tokens in a row of the picture (default: a square)");
  conmerge->add_option("--inner", options.inner, "K of the product")
      ->check(CLI::Range(1U, 1048576U))
      ->capture_default_str();
  conmerge->add_option("--dot-length", options.dot_length, "of the array")
      ->check(CLI::Range(1U, 4096U))
      ->capture_default_str();
  return conmerge;
}

CLI::App* add_probe_lists(CLI::App& probe, ListProbe& options) {
  CLI::App* lists = probe.add_subcommand("lists", "attention under a mask in list mode: bank maps, reads, stalls");
  CLI::Option* mask =
      lists->add_option("--mask", options.mask, "mask file: PBM (a row per query, black = kept) or a recording");
  add_mask_choice(*lists, mask, options.choice);
  CLI::Option* density = lists->add_option("--density", options.densities, "draw masks: share of kept keys, 0 to 1")
                             ->delimiter(',')
                             ->check(CLI::Range(0.0, 1.0))
                             ->excludes(mask);
  const auto number = [&](const char* name, unsigned& value, const char* doc, unsigned most) {
    return lists->add_option(name, value, doc)->check(CLI::Range(1U, most))->capture_default_str();
  };
  lists->add_option("--skew", options.skew, "how unevenly keys are drawn, 0 (alike) to 64")
      ->check(CLI::Range(0U, 64U))
      ->needs(density);
  number("--queries", options.queries, "of drawn masks", 4096)->needs(density);
  number("--keys", options.keys, "of drawn masks", 65535)->needs(density);
  lists->add_option("--seed", options.seed, "seed of the draw")->needs(density)->capture_default_str();
  lists->add_option("--map", options.maps, "bank maps, comma separated (default: all that need no masks)")
      ->delimiter(',');
  number("--groups", options.groups, "of the array", 1024);
  number("--words-per-cycle", options.words_per_cycle, "that a group takes", 64);
  number("--banks", options.banks, "banks, a power of two", 1024);
  number("--fifo-depth", options.fifo_depth, "words that wait at a bank", 1024);
  number("--vector-lanes", options.vector_lanes, "elements of the softmax per cycle", 4096);
  number("--keys-per-word", options.keys_per_word, "rows of K or V in a word", 64);
  number("--depth", options.depth, "D, elements of a row", 4096);
  return lists;
}

Probes add_probe(CLI::App& app, Options& options) {
  CLI::App* probe = app.add_subcommand("probe", "measure a model by itself");
  probe->require_subcommand(1);
  CLI::App* dram = probe->add_subcommand("dram", "conformance sheet of the DRAM presets: formula, measured, deviation");
  dram->add_option("--preset", options.preset, "one preset only");
  dram->add_option("--timing", options.timing, "with --preset: changed values, like 'rcd_read=20 rp=18'")
      ->needs("--preset");
  dram->add_flag("--sources", options.sources, "every value with its source");
  return {dram, add_probe_banks(*probe, options.banks), add_probe_conmerge(*probe, options.conmerge),
          add_probe_lists(*probe, options.lists)};
}

void refuse_unknown_subcommand(int argc, const char* const* argv) {
  const std::string word = argc > 1 ? argv[1] : "";
  const std::vector<std::string> known{"run", "check", "describe", "compare", "probe"};
  if (word.empty() || word.starts_with("-") || std::find(known.begin(), known.end(), word) != known.end()) return;
  throw ConfigError("command line", "there is no subcommand '" + word + "'" + suggestion(word, known));
}

}  // namespace

std::optional<Options> parse_command_line(int argc, const char* const* argv) {
  Options options;
  RawOptions raw;
  CLI::App app("Dixion: virtual platform of a RISC-V SoC with an accelerator for diffusion transformers", "dixion-vp");
  app.footer(kFooter);
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  CLI::App* run = app.add_subcommand("run", "simulate a firmware, optionally with a workload");
  CLI::App* check = app.add_subcommand("check", "validate configuration and workload without running");
  CLI::App* describe = app.add_subcommand("describe", "show presets, workloads, memory map, the resolved SoC");
  add_run(*run, options, raw);
  add_configuration(*check, options);
  add_configuration(*describe, options);
  CLI::App* compare =
      app.add_subcommand("compare", "what differs between two result folders: settings, cycles, energy");
  compare->add_option("A", options.first, "result folder, the base of all ratios")->required();
  compare->add_option("B", options.second, "result folder")->required();
  compare->add_option("--by", options.by, "split into layer, step or engine")
      ->check(CLI::IsMember({"layer", "step", "engine"}));
  compare->add_option("--csv", options.csv, "write the table to this file as well");
  describe->add_flag("--keys", options.keys, "every configuration key with meaning, unit, range and value");
  describe->add_flag("--statistics", options.statistics, "every statistic with unit, fidelity and meaning (Markdown)");
  const Probes probes = add_probe(app, options);
  refuse_unknown_subcommand(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // help or version
      app.exit(error, std::cout, std::cerr);
      return std::nullopt;
    }
    throw ConfigError("command line", std::string(error.what()) + " (see dixion-vp --help)");
  }
  options.subcommand = *check             ? Subcommand::kCheck
                       : *describe        ? Subcommand::kDescribe
                       : *compare         ? Subcommand::kCompare
                       : *probes.dram     ? Subcommand::kProbeDram
                       : *probes.banks    ? Subcommand::kProbeBanks
                       : *probes.conmerge ? Subcommand::kProbeConMerge
                       : *probes.lists    ? Subcommand::kProbeLists
                                          : Subcommand::kRun;
  for (const std::string& load : raw.loads) options.loads.push_back(parse_load(load));
  options.debug = parse_debug(raw.debug);
  if (!raw.quantum.empty()) options.quantum = parse_time("--quantum", raw.quantum);
  if (!raw.max_sim_time.empty()) options.max_sim_time = parse_time("--max-sim-time", raw.max_sim_time);
  options.guest_exit_code = raw.exit_code == "guest";
  if (!raw.checks.empty()) options.sets.emplace_back("soc.accelerator.conmerge.check=true");
  return options;
}

}  // namespace dixion
