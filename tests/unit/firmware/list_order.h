// SPDX-License-Identifier: Apache-2.0
/// What a command list promises about order, worked out from the commands alone: units in order, waits on counts.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
extern "C" {
#include "firmware/runtime/commands.h"
}

namespace dixion::test {

class ListOrder {
 public:
  explicit ListOrder(const command_list_t& list) : commands_(list.commands, list.commands + list.count) {
    const std::size_t n = commands_.size();
    before_.assign(n, std::vector<bool>(n, false));
    std::map<unsigned, std::vector<std::size_t>> by_semaphore;  // signallers in list order
    std::map<std::array<unsigned, 2>, std::size_t> last_on_unit;
    for (std::size_t i = 0; i < n; ++i) {
      const dixion_command_t& command = commands_[i];
      const abi::Unit unit = unit_of(command.opcode);
      if (unit != abi::Unit::kControl) {  // control commands may overtake one another
        const std::array<unsigned, 2> lane{static_cast<unsigned>(unit),
                                           unit == abi::Unit::kDma ? command.core_first : 0u};
        if (last_on_unit.contains(lane)) after(i, last_on_unit[lane]);
        last_on_unit[lane] = i;
      }
      for (int slot = 0; slot < 2; ++slot) {
        const unsigned semaphore = command.wait_semaphore[slot];
        if (semaphore == 0) continue;
        // Met only when `wait_value` signallers are done; certain only about the first ones if these complete in order.
        const auto& signallers = by_semaphore[semaphore];
        if (command.wait_value[slot] > signallers.size() || command.wait_value[slot] == 0) {
          ADD_FAILURE() << "command " << i << " waits for signal " << command.wait_value[slot] << " of semaphore "
                        << semaphore << ", which no earlier command gives";
          continue;
        }
        after(i, signallers[command.wait_value[slot] - 1]);
      }
      EXPECT_EQ(command.signal_value, 1u);
      auto& signallers = by_semaphore[command.signal_semaphore];
      if (!signallers.empty()) {
        EXPECT_TRUE(before_[i][signallers.back()])
            << "signals of semaphore " << int{command.signal_semaphore} << " may swap";
      }
      signallers.push_back(i);
    }
  }

  /// `first` has completed when `second` starts, whatever the hardware does.
  [[nodiscard]] bool ordered(std::size_t first, std::size_t second) const { return before_[second][first]; }
  [[nodiscard]] const std::vector<dixion_command_t>& commands() const { return commands_; }

 private:
  static abi::Unit unit_of(unsigned opcode) {
    for (const abi::OpcodeInfo& info : abi::kOpcodes) {
      if (info.value == opcode) return info.unit;
    }
    ADD_FAILURE() << "opcode " << opcode;
    return abi::Unit::kControl;
  }
  void after(std::size_t later, std::size_t earlier) {
    before_[later][earlier] = true;
    for (std::size_t i = 0; i < earlier; ++i) before_[later][i] = before_[later][i] || before_[earlier][i];
  }

  std::vector<dixion_command_t> commands_;
  std::vector<std::vector<bool>> before_;
};

}  // namespace dixion::test
