// SPDX-License-Identifier: Apache-2.0
#include "platform/results/result_folder.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include <unistd.h>

#include "models/common/check.h"

namespace dixion {

namespace fs = std::filesystem;

namespace {

/// Every name a run writes: only folders that hold nothing else are ever replaced.
constexpr std::array<std::string_view, 7> kResultFiles{
    "result.json",        "statistics.json", "layers.csv", "configuration.textproto",
    "workload.textproto", "glyphs.png",      "output.bin"};

void refuse_foreign_content(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return;
  if (!fs::is_directory(path, error)) throw ConfigError("--out", path.string() + " exists and is not a folder");
  for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
    const std::string name = entry.path().filename().string();
    if (std::find(kResultFiles.begin(), kResultFiles.end(), name) == kResultFiles.end()) {
      throw ConfigError("--out",
                        path.string() + " holds " + name + ", which no earlier run wrote; name another folder");
    }
  }
}

}  // namespace

ResultFolder::ResultFolder(const std::string& path) : path_(fs::absolute(path).lexically_normal()) {
  if (!path_.has_filename()) path_ = path_.parent_path();
  refuse_foreign_content(path_);
  temporary_ = path_.string() + ".partial-" + std::to_string(getpid());
  std::error_code error;
  fs::create_directories(temporary_, error);
  if (error) throw ConfigError("--out", "cannot write to " + path_.string() + ": " + error.message());
}

ResultFolder::~ResultFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

std::string ResultFolder::add(const std::string& name) {
  files_.push_back(name);
  return (temporary_ / name).string();
}

void ResultFolder::write(const std::string& name, const std::string& content) {
  const std::string file = add(name);
  std::ofstream stream(file, std::ios::binary);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) throw ConfigError("--out", file + " cannot be written");
}

void ResultFolder::publish() {
  refuse_foreign_content(path_);
  std::error_code error;
  fs::remove_all(path_, error);
  if (!error) fs::rename(temporary_, path_, error);
  if (error) throw ConfigError("--out", "cannot write to " + path_.string() + ": " + error.message());
  temporary_.clear();
}

}  // namespace dixion
