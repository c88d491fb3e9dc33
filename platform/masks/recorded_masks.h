// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "models/common/mask_supply.h"
#include "platform/command_names.h"
#include "traces/masks/mask_recording.h"

namespace dixion {

/// Masks of an earlier functional run, for timing mode.
class RecordedMasks final : public MaskSupply {
 public:
  /// Throws ConfigError: the file is none or not whole (MaskRecording), or was recorded with another workload or other
  /// settings of it.
  RecordedMasks(const std::filesystem::path& path, const RecordedWorkload& workload, OperatorNames operators);

  /// Told, once, why the run cannot go on: a mask that was not recorded, one of another size, a damaged one. Must be
  /// set before the run. What mask() returns then keeps everything.
  std::function<void(const std::string& reason)> on_mistake;

  [[nodiscard]] std::unique_ptr<MaskSource> mask(const MaskRequest& request) const override;

 private:
  [[nodiscard]] std::string mistake(const MaskRequest& request) const;

  std::string name_;
  MaskRecording recording_;
  OperatorNames operators_;
  mutable bool told_ = false;
};

}  // namespace dixion
