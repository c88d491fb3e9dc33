// SPDX-License-Identifier: Apache-2.0
/// A port that expects exactly one sequence of register accesses and fences.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/driver/native_port.h"

namespace dixion::test {

class ScriptedPort final : public NativePort {
 public:
  explicit ScriptedPort(Arena& arena) : arena_(arena) {}
  ~ScriptedPort() override {
    if (!script_.empty())
      ADD_FAILURE() << script_.size() << " expected accesses missing, first " << script_.front().text();
  }

  ScriptedPort& expect_read(std::uint64_t address, std::uint32_t value) {
    return add({Kind::kRead, address, value, {}});
  }
  ScriptedPort& expect_write(std::uint64_t address, std::uint32_t value) {
    return add({Kind::kWrite, address, value, {}});
  }
  /// `look` runs at the moment of the fence.
  ScriptedPort& expect_fence_to_device(std::function<void()> look = {}) {
    return add({Kind::kFenceToDevice, 0, 0, std::move(look)});
  }
  ScriptedPort& expect_fence_to_memory() { return add({Kind::kFenceToMemory, 0, 0, {}}); }
  /// The driver sleeps; `interrupt` is what happens meanwhile.
  ScriptedPort& expect_sleep(std::function<void()> interrupt) {
    return add({Kind::kSleep, 0, 0, std::move(interrupt)});
  }

  std::uint32_t read(std::uint64_t address) override { return take(Kind::kRead, address, 0).value; }
  void write(std::uint64_t address, std::uint32_t value) override { take(Kind::kWrite, address, value); }
  void fence_to_device() override { take(Kind::kFenceToDevice, 0, 0); }
  void fence_to_memory() override { take(Kind::kFenceToMemory, 0, 0); }
  void sleep() override { take(Kind::kSleep, 0, 0); }
  std::uint64_t physical(const volatile void* pointer) override { return arena_.physical(pointer); }

 private:
  enum class Kind { kRead, kWrite, kFenceToDevice, kFenceToMemory, kSleep };
  struct Step {
    Kind kind;
    std::uint64_t address;
    std::uint32_t value;
    std::function<void()> action;

    [[nodiscard]] std::string text() const {
      static const char* const names[] = {"read", "write", "fence to device", "fence to memory", "sleep"};
      char buffer[64];
      std::snprintf(buffer, sizeof buffer, "%s 0x%llx 0x%x", names[static_cast<int>(kind)],
                    static_cast<unsigned long long>(address), value);
      return buffer;
    }
  };

  ScriptedPort& add(Step step) {
    script_.push_back(std::move(step));
    return *this;
  }

  Step take(Kind kind, std::uint64_t address, std::uint32_t value) {
    const Step got{kind, address, value, {}};
    if (script_.empty()) throw std::logic_error("access beyond the script: " + got.text());
    const Step step = script_.front();
    script_.pop_front();
    if (step.kind != kind || step.address != address || (kind == Kind::kWrite && step.value != value)) {
      throw std::logic_error("expected " + step.text() + ", got " + got.text());
    }
    if (step.action) step.action();
    return step;
  }

  Arena& arena_;
  std::deque<Step> script_;
};

}  // namespace dixion::test
