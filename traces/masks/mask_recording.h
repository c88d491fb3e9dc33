// SPDX-License-Identifier: Apache-2.0
/// Files of recorded masks: docs/mask_files.md has the format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "models/common/mask_supply.h"

namespace dixion {

/// What the masks belong to.
struct RecordedWorkload {
  std::string name;  ///< as it was named to the run, without folder and suffix
  std::string text;  ///< resolved, in text format
};

class MaskRecordingWriter {
 public:
  /// Throws ConfigError if the file cannot be written.
  MaskRecordingWriter(const std::filesystem::path& path, const RecordedWorkload& workload);
  /// `words` are groups x rows x ceil(columns / 32). Of the request, site, kept and all_keys are not recorded.
  void add(const MaskRequest& request, const std::vector<std::uint32_t>& words);
  /// Without it the file counts as unfinished. Throws ConfigError if anything could not be written.
  void finish();
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  std::filesystem::path path_;
  std::ofstream file_;
  std::uint64_t count_ = 0;
};

class MaskRecording {
 public:
  struct Entry {
    MaskRequest request;
    std::uint64_t offset = 0;  ///< of the bits in the file
    std::uint32_t crc = 0;
    [[nodiscard]] std::uint64_t words() const;
  };

  /// Reads everything but bits. Throws ConfigError: unreadable, no recording, another version, unfinished, truncated,
  /// damaged.
  explicit MaskRecording(const std::filesystem::path& path);

  [[nodiscard]] const RecordedWorkload& workload() const { return workload_; }
  /// In the order of their making.
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  /// By opcode, operand, tag and ordinal; null if it was not recorded.
  [[nodiscard]] const Entry* find(const MaskRequest& request) const;
  /// Throws ConfigError if the bits are unreadable or damaged.
  [[nodiscard]] std::vector<std::uint32_t> bits(const Entry& entry) const;

 private:
  using Key = std::tuple<std::uint8_t, std::uint8_t, std::uint32_t, std::uint32_t>;
  static Key key_of(const MaskRequest& request) {
    return {request.opcode, request.operand, request.tag, request.ordinal};
  }

  std::filesystem::path path_;
  mutable std::ifstream file_;
  RecordedWorkload workload_;
  std::vector<Entry> entries_;
  std::map<Key, std::size_t> index_;
};

}  // namespace dixion
