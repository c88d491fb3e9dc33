// SPDX-License-Identifier: Apache-2.0
#include "platform/console.h"

#include <cstdio>

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

namespace dixion {

namespace {

class StderrSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit StderrSink(Console& console) : console_(console) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    console_.clear_progress();
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }

  Console& console_;
};

}  // namespace

Console::Console() : stdout_is_terminal_(isatty(STDOUT_FILENO) == 1), stderr_is_terminal_(isatty(STDERR_FILENO) == 1) {
  log_ = std::make_shared<spdlog::logger>("dixion-vp", std::make_shared<StderrSink>(*this));
  log_->set_pattern("%n: %l: %v");
}

Console::~Console() {
  clear_progress();
  flush();
}

void Console::guest_byte(std::uint8_t byte) {
  if (stdout_is_terminal_) clear_progress();
  std::fputc(byte, stdout);
  if (byte == '\n' && stdout_is_terminal_) std::fflush(stdout);
}

void Console::flush() {
  std::fflush(stdout);
  std::fflush(stderr);
}

void Console::show_progress(const std::string& line) {
  if (!stderr_is_terminal_) return;
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
  progress_shown_ = true;
}

void Console::clear_progress() {
  if (!progress_shown_) return;
  std::fputs("\r\x1b[K", stderr);
  progress_shown_ = false;
}

void Console::print(const std::string& line) {
  clear_progress();
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace dixion
