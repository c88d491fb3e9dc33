// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/decoder.h"

#include <cstdio>

#include "models/abi/generated/commands_table.h"
#include "models/common/row_roles.h"

namespace dixion {

namespace {

constexpr std::uint32_t kMaxExtent = 0x7fffffff;
constexpr std::uint8_t kAllFlags = DIXION_COMMAND_FLAG_INTERRUPT | DIXION_COMMAND_FLAG_FENCE |
                                   DIXION_COMMAND_FLAG_RECORD | DIXION_COMMAND_FLAG_ROW_LIST;

bool has_row_list(const dixion_command_t& raw) { return (raw.flags & DIXION_COMMAND_FLAG_ROW_LIST) != 0; }

CommandError error(dixion_cause cause, std::uint32_t field, std::uint64_t value, std::string expected) {
  return {cause, field, value, std::move(expected)};
}

CommandError decode_flags(const dixion_command_t& raw, bool in_list) {
  if ((raw.flags & ~kAllFlags) != 0) {
    return error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_FLAGS, raw.flags,
                 "only bits INTERRUPT, FENCE, RECORD and ROW_LIST");
  }
  if (has_row_list(raw) && row_roles(raw.opcode) == nullptr) {
    return error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_FLAGS, raw.flags,
                 "no ROW_LIST: the command does not work on rows of tokens");
  }
  if (in_list && (raw.flags & DIXION_COMMAND_FLAG_INTERRUPT) != 0 && (raw.flags & DIXION_COMMAND_FLAG_RECORD) == 0) {
    return error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_FLAGS, raw.flags,
                 "RECORD together with INTERRUPT inside a list");
  }
  if (raw.reserved != 0) {
    return error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_NONE, raw.reserved, "0 in the command's last byte");
  }
  return {};
}

CommandError decode_semaphores(const dixion_command_t& raw, const dixion_parameter_block_t* parameters,
                               DecodedCommand& out) {
  const std::string expected = "a semaphore from 0 to " + std::to_string(DIXION_SEMAPHORES - 1);
  for (unsigned i = 0; i < 2; ++i) {
    const std::uint8_t semaphore = raw.wait_semaphore[i];
    if (semaphore >= DIXION_SEMAPHORES) {
      return error(DIXION_CAUSE_BAD_SEMAPHORE, DIXION_FIELD_WAIT_SEMAPHORE0 + i, semaphore, expected);
    }
    const std::uint32_t base = parameters != nullptr ? parameters->semaphore_base[semaphore] : 0;
    out.waits[i] = {semaphore, raw.wait_value[i] + base};
  }
  if (raw.signal_semaphore >= DIXION_SEMAPHORES) {
    return error(DIXION_CAUSE_BAD_SEMAPHORE, DIXION_FIELD_SIGNAL_SEMAPHORE, raw.signal_semaphore, expected);
  }
  out.signal = {raw.signal_semaphore, raw.signal_value};
  return {};
}

CommandError decode_cores(const dixion_command_t& raw, const AcceleratorConfig& config, Command& command) {
  if (raw.split > DIXION_SPLIT_HEADS) {
    return error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_SPLIT, raw.split, "ROWS, COLUMNS or HEADS");
  }
  command.split = static_cast<dixion_split>(raw.split);
  const unsigned lanes = lanes_of(command.info->unit, config);
  const std::uint32_t value = raw.core_first | static_cast<std::uint32_t>(raw.core_count) << 8;
  if (lanes == 0) {
    command.cores = 0;
    return value == 0 ? CommandError{}
                      : error(DIXION_CAUSE_BAD_CORE_SET, DIXION_FIELD_CORE_SET, value, "0: the command uses no cores");
  }
  const unsigned count = raw.core_count != 0 ? raw.core_count : lanes - raw.core_first;
  if (raw.core_first >= lanes || raw.core_first + count > lanes) {
    return error(DIXION_CAUSE_BAD_CORE_SET, DIXION_FIELD_CORE_SET, value,
                 std::string(command.info->unit == abi::Unit::kDma ? "channels" : "cores") + " from 0 to " +
                     std::to_string(lanes - 1));
  }
  command.cores = (~CoreMask{0} >> (64 - count)) << raw.core_first;
  return {};
}

CommandError decode_immediates(const dixion_command_t& raw, const dixion_parameter_block_t* parameters,
                               Command& command) {
  const std::size_t used = command.info->immediates.size();
  if (raw.parameter_mask >> used != 0) {
    return error(DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_PARAMETER_MASK, raw.parameter_mask,
                 "bits of the " + std::to_string(used) + " immediates in use only");
  }
  if (raw.parameter_mask != 0 && parameters == nullptr) {
    return error(DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_PARAMETER_MASK, raw.parameter_mask,
                 "0: there is no parameter block");
  }
  for (unsigned i = 0; i < 4; ++i) {
    command.immediates[i] = raw.immediates[i];
    if (i >= used && raw.immediates[i] != 0) {
      return error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_IMMEDIATE0 + i, raw.immediates[i],
                   "0: the command uses " + std::to_string(used) + " immediates");
    }
    if ((raw.parameter_mask >> i & 1) == 0) continue;
    if (raw.immediates[i] >= DIXION_PARAMETER_VALUES) {
      return error(DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_IMMEDIATE0 + i, raw.immediates[i],
                   "a parameter number from 0 to " + std::to_string(DIXION_PARAMETER_VALUES - 1));
    }
    command.immediates[i] = static_cast<std::uint32_t>(parameters->value[raw.immediates[i]]);
  }
  return {};
}

CommandError decode_operands(const dixion_command_t& raw, const dixion_parameter_block_t* parameters,
                             DescriptorSource& descriptors, Command& command) {
  const auto operands = command.info->operands;
  for (unsigned i = 0; i < DIXION_MAX_OPERANDS; ++i) {
    const std::uint32_t index = raw.operands[i];
    const bool is_list = i == kRowListOperand && has_row_list(raw);
    if (index == 0) {
      if (is_list) {
        return error(DIXION_CAUSE_MISSING_OPERAND, DIXION_FIELD_OPERAND0 + i, 0, "a row list, as flag ROW_LIST says");
      }
      if (i < operands.size() && !operands[i].optional) {
        return error(DIXION_CAUSE_MISSING_OPERAND, DIXION_FIELD_OPERAND0 + i, 0, "a descriptor index above 0");
      }
      continue;
    }
    if (i >= operands.size() && !is_list) {
      return error(DIXION_CAUSE_BAD_OPERAND_INDEX, DIXION_FIELD_OPERAND0 + i, index,
                   "0: the command has " + std::to_string(operands.size()) + " operands");
    }
    const std::uint32_t count = descriptors.count();
    if (index >= count) {
      return error(DIXION_CAUSE_BAD_OPERAND_INDEX, DIXION_FIELD_OPERAND0 + i, index,
                   count == 0 ? "a descriptor table: DESCRIPTOR_COUNT is 0"
                              : "an index below DESCRIPTOR_COUNT = " + std::to_string(count));
    }
    dixion_descriptor_t descriptor;
    if (!descriptors.read(index, descriptor)) {
      return error(DIXION_CAUSE_BUS_ERROR, DIXION_FIELD_OPERAND0 + i, index, "a readable descriptor table");
    }
    if (CommandError bad = decode_descriptor(descriptor, i, parameters, descriptors, command.operands[i])) return bad;
  }
  return {};
}

CommandError decode_call(const dixion_command_t& raw, bool in_list, DescriptorSource& memory, DecodedCommand& out) {
  out.call = raw.call;
  const dixion_call_t& call = out.call;
  if (in_list) return error(DIXION_CAUSE_BAD_LIST, DIXION_FIELD_OPCODE, raw.opcode, "no CALL inside a list");
  if (call.reserved != 0) {
    return error(DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_LIST_COUNT, call.reserved, "0 in the word behind LIST_COUNT");
  }
  if (call.list_count == 0) return error(DIXION_CAUSE_BAD_LIST, DIXION_FIELD_LIST_COUNT, 0, "at least 1 command");
  if (call.list_address % sizeof(dixion_command_t) != 0) {
    return error(DIXION_CAUSE_MISALIGNED, DIXION_FIELD_LIST_ADDRESS, call.list_address, "a multiple of 64");
  }
  if (!memory.contains(call.list_address, std::uint64_t{call.list_count} * sizeof(dixion_command_t))) {
    return error(DIXION_CAUSE_BAD_ADDRESS, DIXION_FIELD_LIST_ADDRESS, call.list_address, "a list inside memory");
  }
  if (call.parameter_address % 64 != 0) {
    return error(DIXION_CAUSE_MISALIGNED, DIXION_FIELD_PARAMETER_ADDRESS, call.parameter_address, "a multiple of 64");
  }
  if (call.parameter_address != 0 && !memory.contains(call.parameter_address, sizeof(dixion_parameter_block_t))) {
    return error(DIXION_CAUSE_BAD_ADDRESS, DIXION_FIELD_PARAMETER_ADDRESS, call.parameter_address,
                 "a parameter block inside memory");
  }
  return {};
}

}  // namespace

CommandError decode_descriptor(const dixion_descriptor_t& raw, unsigned operand,
                               const dixion_parameter_block_t* parameters, DescriptorSource& memory, TensorView& view) {
  const std::uint32_t field = DIXION_FIELD_OPERAND0 + operand;
  const auto bad = [field](dixion_cause cause, std::uint64_t value, std::string expected) {
    return error(cause, field, value, std::move(expected));
  };
  const std::uint32_t element = element_bytes(raw.format);
  if (element == 0) return bad(DIXION_CAUSE_BAD_FORMAT, raw.format, "a format of CAP_FORMATS");
  if (raw.rank == 0 || raw.rank > DIXION_MAX_RANK) return bad(DIXION_CAUSE_BAD_DESCRIPTOR, raw.rank, "rank 1 to 4");
  if ((raw.flags & ~DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE) != 0) {
    return bad(DIXION_CAUSE_BAD_DESCRIPTOR, raw.flags, "descriptor flags: only bit PARAMETER_BASE");
  }
  if ((raw.reserved[0] | raw.reserved[1] | raw.reserved[2]) != 0) {
    return bad(DIXION_CAUSE_BAD_DESCRIPTOR, raw.reserved[0] | raw.reserved[1] | raw.reserved[2],
               "0 in the descriptor's last 3 bytes");
  }
  view = {};
  view.address = raw.address;
  if ((raw.flags & DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE) != 0) {
    if (parameters == nullptr) return bad(DIXION_CAUSE_BAD_PARAMETER, raw.parameter, "a CALL with a parameter block");
    if (raw.parameter >= DIXION_PARAMETER_VALUES) {
      return bad(DIXION_CAUSE_BAD_PARAMETER, raw.parameter, "parameter 0 to 30");
    }
    view.address += parameters->value[raw.parameter];
  } else if (raw.parameter != 0) {
    return bad(DIXION_CAUSE_BAD_DESCRIPTOR, raw.parameter, "parameter 0 without PARAMETER_BASE");
  }
  view.format = static_cast<dixion_format>(raw.format);
  view.rank = raw.rank;
  if (view.address % element != 0) {
    return bad(DIXION_CAUSE_MISALIGNED, view.address, "an address that is a multiple of " + std::to_string(element));
  }
  __extension__ unsigned __int128 span = element;
  for (unsigned d = 0; d < DIXION_MAX_RANK; ++d) {
    const std::string dimension = " in dimension " + std::to_string(d);
    if (d >= raw.rank) {
      if (raw.extent[d] != 0) return bad(DIXION_CAUSE_BAD_DESCRIPTOR, raw.extent[d], "extent 0" + dimension);
      continue;
    }
    if (raw.extent[d] == 0 || raw.extent[d] > kMaxExtent) {
      return bad(DIXION_CAUSE_BAD_DESCRIPTOR, raw.extent[d], "extent 1 to 2^31 - 1" + dimension);
    }
    if (raw.stride[d] % element != 0) {
      return bad(DIXION_CAUSE_MISALIGNED, raw.stride[d],
                 "a stride that is a multiple of " + std::to_string(element) + dimension);
    }
    view.extent[d] = raw.extent[d];
    view.stride[d] = raw.stride[d];
    span += static_cast<unsigned __int128>(raw.extent[d] - 1) * raw.stride[d];
  }
  if (span >> 63 != 0 || !memory.contains(view.address, static_cast<std::uint64_t>(span))) {
    return bad(DIXION_CAUSE_BAD_ADDRESS, view.address, "all elements inside DRAM or global buffer");
  }
  return {};
}

CommandError decode(const dixion_command_t& raw, const DecodeContext& context, const AcceleratorConfig& config,
                    DescriptorSource& descriptors, DecodedCommand& out) {
  const bool in_list = context.list_index != Command::kNotInList;
  out = {};
  out.opcode = raw.opcode;
  out.interrupt = (raw.flags & DIXION_COMMAND_FLAG_INTERRUPT) != 0;
  out.fence = (raw.flags & DIXION_COMMAND_FLAG_FENCE) != 0;
  out.record = !in_list || (raw.flags & DIXION_COMMAND_FLAG_RECORD) != 0;
  Command& command = out.command;
  command.info = opcode_info(raw.opcode);
  command.queue = context.queue;
  command.id = context.id;
  command.list_index = context.list_index;
  command.flags = raw.flags;
  command.tag = raw.tag + (context.parameters != nullptr ? context.parameters->tag_base : 0);
  if (command.info == nullptr) {
    return error(DIXION_CAUSE_ILLEGAL_OPCODE, DIXION_FIELD_OPCODE, raw.opcode,
                 "an opcode of docs/registers/commands.md");
  }
  if (CommandError bad = decode_flags(raw, in_list)) return bad;
  if (CommandError bad = decode_semaphores(raw, context.parameters, out)) return bad;
  if (CommandError bad = decode_cores(raw, config, command)) return bad;
  if (CommandError bad = decode_immediates(raw, context.parameters, command)) return bad;
  return raw.opcode == DIXION_OPCODE_CALL ? decode_call(raw, in_list, descriptors, out)
                                          : decode_operands(raw, context.parameters, descriptors, command);
}

const abi::OpcodeInfo* opcode_info(std::uint8_t opcode) {
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value == opcode) return &info;
  }
  return nullptr;
}

unsigned lanes_of(abi::Unit unit, const AcceleratorConfig& config) {
  switch (unit) {
    case abi::Unit::kDma:
      return config.dma_channels;
    case abi::Unit::kMatrix:
    case abi::Unit::kVector:
    case abi::Unit::kPrediction:
    case abi::Unit::kSparsity:
      return config.cores;
    default:
      return 0;
  }
}

std::string error_subject(std::uint8_t opcode, std::uint32_t field) {
  const abi::OpcodeInfo* info = opcode_info(opcode);
  if (info == nullptr) {
    if (field == DIXION_FIELD_OPCODE) return "opcode";
    char text[16];
    std::snprintf(text, sizeof text, "opcode 0x%02x", opcode);
    return text;
  }
  const std::string name = info->name;
  if (field < info->operands.size()) return name + "." + info->operands[field].name;
  for (unsigned i = 0; i < info->immediates.size(); ++i) {
    if (field == DIXION_FIELD_IMMEDIATE0 + i) return name + "." + info->immediates[i];
  }
  for (const abi::NamedValue& each : abi::kFieldNames) {
    if (each.value == field && field != DIXION_FIELD_NONE) return name + "." + each.name;
  }
  if (field == kRowListOperand && row_roles(opcode) != nullptr) return name + ".row list";
  if (field < DIXION_MAX_OPERANDS) return name + ".OPERAND" + std::to_string(field);
  if (field >= DIXION_FIELD_IMMEDIATE0 && field < DIXION_FIELD_IMMEDIATE0 + 4) {
    return name + ".IMMEDIATE" + std::to_string(field - DIXION_FIELD_IMMEDIATE0);
  }
  return name;
}

const char* cause_name(dixion_cause cause) {
  for (const abi::NamedValue& each : abi::kCauseNames) {
    if (each.value == static_cast<std::uint32_t>(cause)) return each.name;
  }
  return "?";
}

}  // namespace dixion
