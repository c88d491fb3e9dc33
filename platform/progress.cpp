// SPDX-License-Identifier: Apache-2.0
#include "platform/progress.h"

#include <array>
#include <cstdio>

#include "models/abi/tag.h"
#include "platform/time_units.h"

namespace dixion {

namespace {
constexpr std::chrono::milliseconds kInterval{200};
}

Progress::Progress(Console& console, std::uint32_t steps) : console_(console), steps_(steps) {}

double Progress::wall_seconds() const { return std::chrono::duration<double>(WallClock::now() - start_).count(); }

void Progress::event(const TraceEvent& event) {
  if (steps_ == 0 || event.stage != Stage::kEnd || !console_.progress_visible()) return;
  const WallClock::time_point now = WallClock::now();
  const std::uint32_t step = dixion_tag_step(event.tag);
  if (now - shown_ < kInterval || step == DIXION_TAG_STEP_NONE) return;
  shown_ = now;
  const double wall = wall_seconds();
  std::array<char, 120> text{};
  int length = std::snprintf(text.data(), text.size(), "step %u of %u, simulated %s, wall %.1f s", step + 1, steps_,
                             format_time(event.time_ticks).c_str(), wall);
  if (step > 0 && length > 0) {
    const double left = wall / step * (steps_ - step);
    std::snprintf(text.data() + length, text.size() - static_cast<std::size_t>(length), ", about %.0f s left", left);
  }
  console_.show_progress(text.data());
}

}  // namespace dixion
