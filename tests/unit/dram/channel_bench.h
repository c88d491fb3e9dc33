// SPDX-License-Identifier: Apache-2.0
/// One channel driven by hand, all its commands recorded and checked.
#pragma once

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "platform/dram/channel.h"
#include "platform/dram/presets.h"
#include "tests/unit/dram/legality_checker.h"

namespace dixion::dram::test {

/// Deterministic, good enough to mix addresses (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

class Tape final : public CommandSink {
 public:
  explicit Tape(const Preset& preset) : checker(preset) {}
  void command(const CommandRecord& record) override {
    commands.push_back(record);
    checker.command(record);
  }
  std::vector<CommandRecord> commands;
  LegalityChecker checker;
};

struct ChannelBench {
  explicit ChannelBench(const Preset& with, const ControllerConfig& config = {.refresh = RefreshMode::kNone},
                        const MappingConfig& mapping = {})
      : preset(with), map(with.geometry, mapping), channel(with, config, map, nullptr), tape(with) {
    channel.set_sink(&tape);
  }
  /// A burst that arrives now.
  void request(unsigned bank, std::uint32_t row, std::uint32_t column, bool write = false) {
    channel.add_request({next++, {row, column, bank}, channel.state().now, write, Requester::kOther});
  }
  /// Until everything is served.
  void run() {
    while (channel.busy()) channel.run(channel.state().now + 100'000, true);
  }
  /// When the n-th command of this kind was issued.
  [[nodiscard]] Cycles when(Command command, unsigned n = 0) const {
    for (const CommandRecord& record : tape.commands) {
      if (record.command == command && n-- == 0) return record.at;
    }
    ADD_FAILURE() << "no such command";
    return 0;
  }
  void expect_legal() const {
    for (const std::string& violation : tape.checker.violations()) ADD_FAILURE() << preset.name << ": " << violation;
    EXPECT_GT(tape.checker.commands(), 0U);
  }

  const Preset& preset;
  AddressMap map;
  Channel channel;
  Tape tape;
  std::uint32_t next = 0;
};

}  // namespace dixion::dram::test
