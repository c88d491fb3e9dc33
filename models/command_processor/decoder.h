// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "models/abi/generated/commands.h"
#include "models/command_processor/semaphores.h"
#include "models/common/accelerator_config.h"
#include "models/common/command.h"

namespace dixion {

/// A command with what concerns its order among others.
struct DecodedCommand {
  Command command;  ///< info is null for an unknown opcode
  std::uint8_t opcode = 0;
  std::array<Semaphores::Wait, 2> waits{};  ///< bases already added
  Semaphores::Signal signal;
  dixion_call_t call{};  ///< CALL only
  bool fence = false;
  bool interrupt = false;
  bool record = false;  ///< asked for, or not in a list
};

/// Where the bytes come from.
struct DecodeContext {
  std::uint8_t queue = 0;
  std::uint32_t id = 0;
  std::uint32_t list_index = Command::kNotInList;
  const dixion_parameter_block_t* parameters = nullptr;  ///< null if the CALL has none
};

/// What decoding needs from the machine.
class DescriptorSource {
 public:
  virtual ~DescriptorSource() = default;
  /// Entries of the table; 0 if there is none.
  [[nodiscard]] virtual std::uint32_t count() = 0;
  /// False on a bus error. `index` is from 1 to count() - 1. May take time.
  [[nodiscard]] virtual bool read(std::uint32_t index, dixion_descriptor_t& descriptor) = 0;
  /// [address, address + length) lies in memory as far as can be told without an access.
  [[nodiscard]] virtual bool contains(std::uint64_t address, std::uint64_t length) = 0;
};

/// Bytes to command: every field is checked, parameters and bases are put in, operands become views. What is wrong with
/// shapes and formats for this opcode is the engine's to say. On an error `out` holds at least opcode, id, tag, flags.
[[nodiscard]] CommandError decode(const dixion_command_t& raw, const DecodeContext& context,
                                  const AcceleratorConfig& config, DescriptorSource& descriptors, DecodedCommand& out);

/// One descriptor to a view, for operand number `operand`. `parameters` may be null.
[[nodiscard]] CommandError decode_descriptor(const dixion_descriptor_t& raw, unsigned operand,
                                             const dixion_parameter_block_t* parameters, DescriptorSource& memory,
                                             TensorView& view);

/// Null if there is no such opcode.
[[nodiscard]] const abi::OpcodeInfo* opcode_info(std::uint8_t opcode);
/// Cores a command of this unit can name: bits of Command::cores. 0 for control.
[[nodiscard]] unsigned lanes_of(abi::Unit unit, const AcceleratorConfig& config);
/// "MATMUL.src", "CALL.LIST_COUNT", "opcode 0x7f": what an error speaks of, for people.
[[nodiscard]] std::string error_subject(std::uint8_t opcode, std::uint32_t field);
/// "BAD_SHAPE".
[[nodiscard]] const char* cause_name(dixion_cause cause);

}  // namespace dixion
