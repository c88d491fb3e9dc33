// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <tuple>
#include <vector>

#include "models/common/mask_operands.h"
#include "models/common/memory_access.h"
#include "models/common/trace_sink.h"
#include "traces/masks/mask_recording.h"

namespace dixion {

/// Records every mask and token list that a functional run makes, as it lies in memory when its command has ended.
class MaskRecorder final : public TraceSink {
 public:
  /// `memory`, without time, outlives the recorder. Throws ConfigError if the file cannot be written.
  MaskRecorder(const std::filesystem::path& path, const RecordedWorkload& workload, MemoryAccess& memory)
      : writer_(path, workload), memory_(memory) {}
  void event(const TraceEvent& event) override;
  /// Throws ConfigError if anything could not be written.
  void finish() { writer_.finish(); }
  [[nodiscard]] std::uint64_t count() const { return writer_.count(); }

 private:
  using CommandKey = std::tuple<std::uint8_t, std::uint32_t, std::uint32_t>;  // queue, id, index in the list

  void record(const Command& command, const MaskOperand& operand, std::uint32_t ordinal);

  MaskRecordingWriter writer_;
  MemoryAccess& memory_;
  MaskOrdinals ordinals_;
  std::map<CommandKey, std::uint32_t> running_;
  std::vector<std::uint8_t> bytes_;
};

/// Bits [samples, tokens] of a row list (its words as they lie in memory): a token is listed for all branches of its
/// sample, so the first one's rows are looked at.
[[nodiscard]] std::vector<std::uint32_t> listed_tokens(const std::vector<std::uint32_t>& list, std::uint64_t samples,
                                                       std::uint64_t branches, std::uint32_t tokens);

}  // namespace dixion
