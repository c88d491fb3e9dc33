// SPDX-License-Identifier: Apache-2.0
#include "platform/guest_error_log.h"

#include <array>
#include <cstdio>
#include <utility>

namespace dixion {

GuestErrorLog::GuestErrorLog(Console& console, bool all, std::function<std::string()> where)
    : console_(console), all_(all), where_(std::move(where)) {}

void GuestErrorLog::guest_error(const GuestError& error) {
  const std::string place = where_();
  const bool from_hart = error.where.starts_with("host.hart");
  const bool known = from_hart && place == explained_;
  explained_ = from_hart ? "" : place;
  if (known) return;
  ++count_;
  std::array<char, 24> value{};
  std::snprintf(value.data(), value.size(), "0x%llx", static_cast<unsigned long long>(error.value));
  std::string line = "guest error: " + error.where + " " + error.subject + " = " + value.data() + ", expected " +
                     error.expected + "; " + place;
  if (line == last_line_) {
    ++repeated_;
    return;
  }
  flush();
  last_line_ = std::move(line);
  ++lines_;
  if (all_ || lines_ <= kShown) console_.print(last_line_);
  if (!all_ && lines_ == kShown)
    console_.print("guest error: further ones are only counted (-d guest_errors shows all)");
}

void GuestErrorLog::flush() {
  if (repeated_ > 0 && (all_ || lines_ <= kShown)) {
    console_.print("guest error: the last one happened " + std::to_string(repeated_) + " more times");
  }
  repeated_ = 0;
}

}  // namespace dixion
