// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "models/common/accelerator_config.h"
#include "platform/command_names.h"
#include "traces/image/packer.h"

namespace dixion {

/// A workload, ready for the firmware.
struct PreparedWorkload {
  std::string name;  ///< without folder and suffix
  std::string text;  ///< resolved, in text format
  std::vector<std::uint8_t>
      image;                     ///< firmware/runtime/image_format.h; without tensor data if only tables were asked for
  std::uint64_t image_size = 0;  ///< bytes of address space that the whole image takes
  OperatorNames operators;       ///< by operator number
  std::uint32_t steps = 0;       ///< denoising steps
  workload::Techniques techniques;
  std::vector<std::string> sample_classes;  ///< what each picture was asked to be; "" without classes
  std::vector<std::uint64_t> output_shape;  ///< [samples, ...]
  std::vector<std::string> class_names;     ///< all that the network knows by name
  std::filesystem::path gallery;            ///< pictures are recognised by it; empty: they are not
  bool predicts = false;                    ///< needs a prediction engine
  std::vector<std::string> merges;          ///< keys that need an array which ConMerge schedules fit
};

/// Reads a workload by name or file, applies "workload.path=value" settings and the seed, and packs it with its
/// weights. Throws ConfigError.
[[nodiscard]] PreparedWorkload prepare_workload(const std::string& name_or_file, const std::vector<std::string>& sets,
                                                std::optional<std::uint64_t> seed, ImageContent content);

/// Throws ConfigError if the accelerator lacks what the workload's techniques need.
void require_engines(const PreparedWorkload& workload, const AcceleratorConfig& accelerator);

/// A workload in numbers, with the description they belong to.
struct DescribedWorkload {
  workload::Workload description;
  WorkloadSummary summary;
};

/// Reads a workload like prepare_workload, but looks at shapes only. Throws ConfigError.
[[nodiscard]] DescribedWorkload describe_workload(const std::string& name_or_file,
                                                  const std::vector<std::string>& sets);

}  // namespace dixion
