// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/dram_core_config.h"

#include "platform/dram/presets.h"

namespace dixion {

dram::CoreConfig dram_core_config(const DramSystemConfig& config) {
  dram::CoreConfig core;
  core.preset = dram::changed(dram::find_preset(config.preset), config.timing);
  core.mapping = {config.channels, config.interleave_bytes, config.order, config.xors};
  core.capacity_bytes = config.capacity_bytes;
  core.controller.window = config.window;
  core.controller.starvation_limit = config.starvation_limit;
  core.controller.page_policy =
      config.page_policy == DramPagePolicy::kClosed ? dram::PagePolicy::kClosed : dram::PagePolicy::kOpen;
  core.controller.refresh = config.refresh == DramRefresh::kNone      ? dram::RefreshMode::kNone
                            : config.refresh == DramRefresh::kPerBank ? dram::RefreshMode::kPerBank
                                                                      : dram::RefreshMode::kAllBank;
  return core;
}

}  // namespace dixion
