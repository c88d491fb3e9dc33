// SPDX-License-Identifier: Apache-2.0
/// Where presets, workloads and firmware are found.
#pragma once

#include <string>
#include <vector>

namespace dixion {

/// Folders searched for SoC presets and for workloads: beside the installed program, then the source tree.
[[nodiscard]] std::vector<std::string> soc_folders();
[[nodiscard]] std::vector<std::string> workload_folders();

/// A file if `name_or_file` names one (it has a '/' or a suffix), else NAME.textproto in one of `folders`. Throws
/// ConfigError(option, ...) with the nearest names when there is none; `what` is the word for people.
[[nodiscard]] std::string find_preset(const std::string& option, const std::string& what,
                                      const std::vector<std::string>& folders, const std::string& name_or_file);

/// The files of a preset, in the order in which they are read: one, or BASE.textproto and what changes it,
/// BASE+CHANGE.textproto. Throws as find_preset(), and when BASE.textproto is not beside it.
[[nodiscard]] std::vector<std::string> preset_files(const std::string& option, const std::string& what,
                                                    const std::vector<std::string>& folders,
                                                    const std::string& name_or_file);

/// Names of all presets in `folders`, sorted.
[[nodiscard]] std::vector<std::string> preset_names(const std::vector<std::string>& folders);

/// The name without folder and suffix: "exion4".
[[nodiscard]] std::string preset_name(const std::string& name_or_file);

/// The firmware that runs workloads. Throws ConfigError when it was not built.
[[nodiscard]] std::string standard_firmware();

}  // namespace dixion
