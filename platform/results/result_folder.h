// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dixion {

/// Results of one run. They are collected under a temporary name beside the final one, which therefore always holds a
/// whole set: either the previous run's or this one's.
class ResultFolder {
 public:
  /// Creates the temporary folder now, so that a place where nothing can be written is found before anything runs.
  /// An existing `path` is replaced at the end if it holds nothing but results of an earlier run; everything else is
  /// refused. Throws ConfigError("--out", reason).
  explicit ResultFolder(const std::string& path);
  /// Removes what was not published.
  ~ResultFolder();
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  /// Place of `name` for those who write themselves; listed in files().
  std::string add(const std::string& name);
  /// Writes `content`. Throws ConfigError when the disk is full or the like.
  void write(const std::string& name, const std::string& content);
  /// Gives the folder its final name. Throws ConfigError.
  void publish();

  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::vector<std::string> files_;
};

}  // namespace dixion
