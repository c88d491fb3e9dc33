// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "models/common/guest_error.h"
#include "platform/console.h"

namespace dixion {

/// One line on stderr per guest error, with the hart's place. A failed access that bus or target has explained is not
/// reported again by the hart that made it. Repetitions of one line are counted. After the first few
/// lines the rest is only counted, unless all of them are asked for.
class GuestErrorLog final : public GuestErrorSink {
 public:
  /// `where`: words for the hart's place, like "pc 0x80000120 in main+0x1c (hart 0)".
  GuestErrorLog(Console& console, bool all, std::function<std::string()> where);
  void guest_error(const GuestError& error) override;
  /// Says how often the last line was repeated; call at the end.
  void flush();
  [[nodiscard]] std::uint64_t count() const { return count_; }

  static constexpr std::uint64_t kShown = 20;

 private:
  Console& console_;
  bool all_;
  std::function<std::string()> where_;
  std::uint64_t count_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t repeated_ = 0;
  std::string last_line_;
  std::string explained_;  ///< place of the access that bus or target has just reported
};

}  // namespace dixion
