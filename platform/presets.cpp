// SPDX-License-Identifier: Apache-2.0
#include "platform/presets.h"

#include <algorithm>
#include <filesystem>

#include "models/common/check.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSuffix = ".textproto";

fs::path program_folder() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error).parent_path();
}

std::vector<std::string> folders(const std::string& installed, const std::string& in_source) {
  return {(program_folder() / ".." / "share" / "dixion" / installed).lexically_normal().string(),
          DIXION_SOURCE_DIR "/" + in_source};
}

}  // namespace

std::vector<std::string> soc_folders() { return folders("configs", "platform/configs"); }
std::vector<std::string> workload_folders() { return folders("workloads", "traces/workloads"); }

std::vector<std::string> preset_names(const std::vector<std::string>& folders) {
  std::vector<std::string> names;
  for (const std::string& folder : folders) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == kSuffix) names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string preset_name(const std::string& name_or_file) { return fs::path(name_or_file).stem().string(); }

std::string find_preset(const std::string& option, const std::string& what, const std::vector<std::string>& folders,
                        const std::string& name_or_file) {
  std::error_code error;
  if (name_or_file.find('/') != std::string::npos || fs::path(name_or_file).has_extension()) {
    if (!fs::is_regular_file(name_or_file, error)) {
      throw ConfigError(option, "there is no file '" + name_or_file + "'");
    }
    return name_or_file;
  }
  for (const std::string& folder : folders) {
    fs::path file = fs::path(folder) / (name_or_file + kSuffix);
    if (fs::is_regular_file(file, error)) return file.string();
  }
  throw ConfigError(
      option, "there is no " + what + " '" + name_or_file + "'" + suggestion(name_or_file, preset_names(folders)));
}

std::vector<std::string> preset_files(const std::string& option, const std::string& what,
                                      const std::vector<std::string>& folders, const std::string& name_or_file) {
  const std::string file = find_preset(option, what, folders, name_or_file);
  const std::string name = preset_name(file);
  const std::size_t plus = name.find('+');
  if (plus == std::string::npos) return {file};
  const fs::path base = fs::path(file).parent_path() / (name.substr(0, plus) + kSuffix);
  std::error_code error;
  if (!fs::is_regular_file(base, error)) {
    throw ConfigError(option, "'" + file + "' changes " + base.string() + ", which is not there");
  }
  return {base.string(), file};
}

std::string standard_firmware() {
  std::error_code error;
  const fs::path program = program_folder();
  for (const fs::path& file : {program / ".." / "firmware" / "denoise.elf",
                               program / ".." / "share" / "dixion" / "firmware" / "denoise.elf"}) {
    if (fs::is_regular_file(file, error)) return file.lexically_normal().string();
  }
  throw ConfigError("ELF", "the standard firmware denoise.elf was not found near " + program.string() +
                               "; build the firmware or name an ELF");
}

}  // namespace dixion
