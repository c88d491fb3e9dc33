// SPDX-License-Identifier: Apache-2.0
#include "platform/command_names.h"

#include <array>
#include <cstdio>

#include "models/abi/generated/commands_table.h"
#include "models/abi/tag.h"

namespace dixion {

std::string opcode_name(std::uint8_t opcode) {
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value == opcode) return info.name;
  }
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "opcode 0x%02x", opcode);
  return text.data();
}

std::string operator_name(const OperatorNames& names, std::uint32_t tag) {
  const std::uint32_t number = dixion_tag_operator(tag);
  return number < names.size() ? names[number] : std::string();
}

std::string describe_tag(const OperatorNames& names, std::uint32_t tag) {
  std::string text;
  const auto part = [&](const std::string& word) { text += (text.empty() ? "" : ", ") + word; };
  if (dixion_tag_step(tag) != DIXION_TAG_STEP_NONE) part("step " + std::to_string(dixion_tag_step(tag)));
  if (dixion_tag_layer(tag) != DIXION_TAG_LAYER_NONE) part("layer " + std::to_string(dixion_tag_layer(tag)));
  const std::string name = operator_name(names, tag);
  part("operator " + std::to_string(dixion_tag_operator(tag)) + (name.empty() ? "" : " " + name));
  return text;
}

std::string describe_command(const OperatorNames& names, const TraceEvent& event) {
  return "queue " + std::to_string(event.queue) + ", command " + std::to_string(event.id) + " " +
         opcode_name(event.opcode) + " (" + describe_tag(names, event.tag) + ")";
}

}  // namespace dixion
