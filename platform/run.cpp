// SPDX-License-Identifier: Apache-2.0
#include "platform/run.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "firmware/runtime/image_format.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/memory_map.h"
#include "models/common/check.h"
#include "platform/masks/mask_settings.h"
#include "platform/prepared_workload.h"
#include "platform/presets.h"
#include "platform/results/energy_rows.h"
#include "platform/results/quality_reference.h"
#include "platform/results/run_results.h"
#include "platform/settings.h"
#include "platform/simulation.h"
#include "platform/soc_config.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace {

void check_options(const Options& options) {
  check_settings(options.sets);
  if (options.elf.empty() && options.workload.empty()) {
    throw ConfigError("run", "nothing to run; name an ELF, or a workload with --workload");
  }
  if (options.workload.empty() && any_setting_of("workload", options.sets)) {
    throw ConfigError("--set", "workload settings need --workload");
  }
  for (const auto& [option, file] :
       {std::pair{"--record-masks", options.record_masks}, std::pair{"--replay-masks", options.replay_masks}}) {
    if (options.workload.empty() && !file.empty()) throw ConfigError(option, "needs --workload");
  }
  if (options.workload.empty() && options.seed) throw ConfigError("--seed", "needs --workload");
  if (options.workload.empty() && !options.reference.empty()) throw ConfigError("--reference", "needs --workload");
  if (options.quantum && *options.quantum % 1000 != 0) throw ConfigError("--quantum", "must be a whole number of ns");
}

LoadedBytes read_load(const LoadRequest& request) {
  const std::string content = read_file(request.file);
  return {request.file, request.address, {content.begin(), content.end()}, content.size()};
}

void check_mode(const Options& options, bool timing) {
  if (timing && !options.record_masks.empty()) {
    throw ConfigError("--record-masks", "needs functional mode; timing mode makes masks up");
  }
  if (!timing && !options.replay_masks.empty()) {
    throw ConfigError("--replay-masks", "needs --mode timing; functional mode computes masks");
  }
}

/// What timing mode takes for masks.
void supply_masks(const Options& options, const workload::Techniques& techniques, SimulationInput& input) {
  input.masks = workload_masks(techniques, input.soc.accelerator);
  if (options.replay_masks.empty()) return;
  auto recorded = std::make_unique<RecordedMasks>(options.replay_masks, input.workload, input.operators);
  input.recorded_masks = recorded.get();
  input.masks = std::move(recorded);
}

/// The image lies behind the program; the firmware uses what is behind the image.
std::uint64_t place_image(const host::ElfImage& elf) {
  constexpr std::uint64_t kProgramRoom = 16ULL << 20;  // what the standard firmware may be linked to
  std::uint64_t end = DIXION_MAP_DRAM_BASE + kProgramRoom;
  for (const host::ElfSegment& segment : elf.segments) end = std::max(end, segment.address + segment.memory_size);
  return (end + DIXION_IMAGE_ALIGNMENT - 1) / DIXION_IMAGE_ALIGNMENT * DIXION_IMAGE_ALIGNMENT;
}

/// The final latent, if the firmware says that it is complete.
OutputTensor read_output(Soc& soc, std::uint64_t image_address) {
  dixion_image_header_t header{};
  OutputTensor output;
  if (!soc.read(image_address, &header, sizeof header) || header.result.state != DIXION_IMAGE_STATE_DONE) return output;
  dixion_image_tensor_t tensor{};
  if (header.output_tensor >= header.tensor_count ||
      !soc.read(image_address + header.tensors_offset + header.output_tensor * sizeof tensor, &tensor, sizeof tensor) ||
      tensor.format != DIXION_FORMAT_INT32 || tensor.rank > 4) {
    return output;
  }
  std::vector<std::uint8_t> bytes(tensor.size);
  if (!soc.read(header.result.output_address, bytes.data(), bytes.size())) return output;
  output.extents.assign(tensor.extent, tensor.extent + tensor.rank);
  output.bytes = std::move(bytes);
  return output;
}

std::uint64_t instructions_of(const StatisticsList& statistics) {
  std::uint64_t sum = 0;
  for (const Statistic& statistic : statistics) {
    if (statistic.name.starts_with("host.") && statistic.name.ends_with("instructions")) sum += statistic.value;
  }
  return sum;
}

std::optional<ResultFolder> open_results(const Options& options) {
  std::string out = options.out;
  if (out.empty() && options.workload.empty()) return std::nullopt;
  if (out.empty()) out = "out/" + preset_name(options.workload) + "-" + preset_name(options.soc);
  std::error_code ignored;
  if (!options.reference.empty() && std::filesystem::equivalent(out, options.reference, ignored)) {
    throw ConfigError("--reference",
                      options.reference + " is the folder that this run replaces; name another with --out");
  }
  return std::optional<ResultFolder>(std::in_place, out);
}

/// How the output will be judged; the gallery lives as long as this does.
struct Judge {
  std::optional<Gallery> gallery;
  QualityInput input;
};

/// Throws ConfigError before anything runs.
Judge make_judge(const Options& options, const PreparedWorkload& workload, bool timing_mode) {
  Judge judge;
  if (timing_mode) {
    if (!options.reference.empty()) throw ConfigError("--reference", "timing mode computes nothing to compare");
    return judge;
  }
  judge.input.asked = workload.sample_classes;
  if (!workload.gallery.empty()) {
    if (workload.output_shape.size() != 3) throw ConfigError("workload.gallery", "the output is no picture");
    judge.gallery.emplace(workload.gallery.string(), workload.class_names, workload.output_shape[1],
                          workload.output_shape[2]);
  }
  if (!options.reference.empty()) {
    judge.input.reference = options.reference;
    judge.input.reference_output = read_reference(options.reference, workload);
  }
  return judge;
}

QualityReport judge_output(const OutputTensor& output, Judge& judge) {
  if (output.extents.empty() || judge.input.asked.empty()) return {};
  std::vector<std::int32_t> values(output.bytes.size() / sizeof(std::int32_t));
  std::memcpy(values.data(), output.bytes.data(), values.size() * sizeof(std::int32_t));
  judge.input.gallery = judge.gallery ? &*judge.gallery : nullptr;
  return judge_quality(values, judge.input);
}

}  // namespace

int run(const Options& options, Console& console) {
  std::optional<ResultFolder> folder = open_results(options);
  RunFacts facts;
  facts.soc = preset_name(options.soc);
  facts.workload = options.workload.empty() ? "" : preset_name(options.workload);
  OperatorNames operators;
  Judge judge;
  try {
    check_options(options);
    facts.firmware = options.elf.empty() ? standard_firmware() : options.elf;
    SimulationInput input;
    config::SocConfig config = load_soc_config(options.soc, options.sets);
    if (options.quantum) config.mutable_host()->set_quantum_ns(*options.quantum / 1000);
    if (!options.mode.empty()) {
      config.mutable_accelerator()->set_mode(options.mode == "timing" ? config::Accelerator::timing
                                                                      : config::Accelerator::functional);
    }
    facts.timing_mode = config.accelerator().mode() == config::Accelerator::timing;
    check_mode(options, facts.timing_mode);
    facts.configuration = print_text(config);
    input.soc = validate_soc_config(config);
    input.elf = host::load_elf(facts.firmware);
    for (const LoadRequest& load : options.loads) input.loads.push_back(read_load(load));
    if (!options.workload.empty()) {
      PreparedWorkload workload = prepare_workload(options.workload, options.sets, options.seed,
                                                   facts.timing_mode ? ImageContent::kTablesOnly : ImageContent::kAll);
      require_engines(workload, input.soc.accelerator);
      judge = make_judge(options, workload, facts.timing_mode);
      facts.workload_text = std::move(workload.text);
      input.image_size = workload.image_size;
      input.image_address = place_image(input.elf);
      input.loads.push_back({"the workload", *input.image_address, std::move(workload.image), workload.image_size});
      input.steps = workload.steps;
      input.operators = operators = std::move(workload.operators);
      input.workload = {workload.name, facts.workload_text};
      supply_masks(options, workload.techniques, input);
    }
    input.record_masks = options.record_masks;
    input.debug = options.debug;
    input.max_sim_time = options.max_sim_time;
    input.threads = options.threads;
    check_placement(input);
    const AcceleratorConfig& accelerator = input.soc.accelerator;
    facts.accelerator_hz = accelerator.clock_hz;
    facts.peak_macs_per_cycle =
        std::uint64_t{accelerator.cores} * accelerator.array_rows * accelerator.array_columns * accelerator.dot_length;

    const std::optional<std::uint64_t> image_address = input.image_address;
    Simulation simulation(std::move(input), console);
    facts.verdict = simulation.run();
    if (facts.verdict.outcome == Outcome::kUserError) throw ConfigError("--replay-masks", facts.verdict.reason);
    simulation.finish_recordings();
    facts.simulated = Simulation::now();
    facts.statistics = simulation.soc().statistics();
    facts.instructions = instructions_of(facts.statistics);
    facts.energy = simulation.energy().report(run_totals(facts.statistics, facts.simulated));
    for (Statistic& row : energy_statistics(facts.energy)) facts.statistics.push_back(std::move(row));
    facts.guest_errors = simulation.guest_errors();
    facts.wall_seconds = simulation.wall_seconds();
    if (image_address && !facts.timing_mode) facts.output = read_output(simulation.soc(), *image_address);
    facts.quality = judge_output(facts.output, judge);
    if (folder) write_results(facts, simulation.layers(), &simulation.energy(), operators, *folder);
    if (folder || simulation.layers().commands() > 0) {
      print_summary(facts, simulation.layers(), folder ? &*folder : nullptr, console);
    }
  } catch (const ConfigError& error) {
    facts.verdict = {Outcome::kUserError, error.what(), 0, {}};
    if (!options.out.empty()) write_results(facts, LayerTable(), nullptr, operators, *folder);
    throw;
  } catch (const std::exception& error) {  // counters that do not close, a broken invariant while elaborating
    facts.verdict = {Outcome::kDefect, error.what(), 0, {}};
    if (folder) write_results(facts, LayerTable(), nullptr, operators, *folder);
  }
  print_verdict(facts.verdict, console);
  return exit_status(facts.verdict, options.guest_exit_code);
}

}  // namespace dixion
