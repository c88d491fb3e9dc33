// SPDX-License-Identifier: Apache-2.0
/// What people see: the guest's UART on stdout; log, progress and verdict on stderr.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <spdlog/logger.h>

namespace dixion {

class Console {
 public:
  Console();
  ~Console();

  /// One byte of the guest's UART. Lines appear at once on a terminal, in blocks elsewhere.
  void guest_byte(std::uint8_t byte);
  /// Everything written so far becomes visible.
  void flush();

  /// Replaces the progress line. Only for terminals; see progress_visible().
  void show_progress(const std::string& line);
  [[nodiscard]] bool progress_visible() const { return stderr_is_terminal_; }
  /// Removes the progress line.
  void clear_progress();

  /// Lines for stderr; the progress line steps aside.
  [[nodiscard]] spdlog::logger& log() { return *log_; }
  /// A line without level or name: tables, reports, the verdict.
  void print(const std::string& line);

 private:
  bool stdout_is_terminal_;
  bool stderr_is_terminal_;
  bool progress_shown_ = false;
  std::shared_ptr<spdlog::logger> log_;
};

}  // namespace dixion
