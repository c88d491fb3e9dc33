// SPDX-License-Identifier: Apache-2.0
/// Replays a command trace and checks every distance a preset demands, pair by pair. Shares the numbers with the
/// controller, no code.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "platform/dram/channel.h"

namespace dixion::dram::test {

class LegalityChecker final : public CommandSink {
 public:
  explicit LegalityChecker(const Preset& preset);

  void command(const CommandRecord& record) override;

  /// "rcd_read: ACT bank 3 at 10, RD at 23, at least 14 apart", in order.
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  /// Clocks beyond the demanded distance, the least seen, by rule. 0: the rule was what a command waited for, or could
  /// be.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& slack() const { return slack_; }
  [[nodiscard]] std::uint64_t commands() const { return commands_; }
  [[nodiscard]] const std::vector<Cycles>& refreshes() const { return refreshes_; }

 private:
  enum Kind : std::uint8_t { kAct, kPre, kPreAll, kRd, kWr, kRefAll, kRefBank };
  struct Event {
    Cycles at;
    Kind kind;
    unsigned bank;
    bool implied;  // the PRE of an auto-precharge: takes no bus
  };
  void add(const Event& event);
  void check_state(const CommandRecord& record);
  void check_pair(const Event& before, const Event& after);
  void check_bus(const Event& before, const Event& after);
  void check_fourth(const Event& event);
  void demand(const char* rule, const Event& before, const Event& after, std::uint64_t least);
  void complain(const std::string& text);
  [[nodiscard]] bool together(unsigned a, unsigned b) const;
  [[nodiscard]] unsigned group(unsigned bank) const { return bank / preset_.geometry.banks_per_group; }

  const Preset& preset_;
  std::deque<Event> history_;
  std::deque<Event> implied_;  // of auto-precharges still to come
  std::deque<Cycles> activations_;
  std::vector<std::int64_t> row_;
  std::vector<Cycles> may_close_;  // when an auto-precharge takes place at the earliest
  std::vector<std::string> violations_;
  std::map<std::string, std::uint64_t> slack_;
  std::vector<Cycles> refreshes_;
  std::uint64_t commands_ = 0;
};

}  // namespace dixion::dram::test
