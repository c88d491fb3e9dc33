// SPDX-License-Identifier: Apache-2.0
#include "platform/guest_error_log.h"

#include <array>
#include <cstdio>
#include <utility>

namespace dixion {

GuestErrorLog::GuestErrorLog(Console& console, bool all, std::function<std::string()> where)
    : console_(console), all_(all), where_(std::move(where)) {}

void GuestErrorLog::guest_error(const GuestError& error) {
  ++count_;
  if (!all_ && count_ > kShown) return;
  std::array<char, 24> value{};
  std::snprintf(value.data(), value.size(), "0x%llx", static_cast<unsigned long long>(error.value));
  console_.print("guest error: " + error.where + " " + error.subject + " = " + value.data() + ", expected " +
                 error.expected + "; " + where_());
  if (!all_ && count_ == kShown)
    console_.print("guest error: further ones are only counted (-d guest_errors shows all)");
}

}  // namespace dixion
