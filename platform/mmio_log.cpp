// SPDX-License-Identifier: Apache-2.0
#include "platform/mmio_log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "models/abi/generated/accelerator_table.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/queue_table.h"
#include "platform/time_units.h"

namespace dixion {

namespace {

std::string hex(std::uint64_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(value));
  return text.data();
}

struct Named {
  std::uint64_t offset;
  const char* name;
};
constexpr std::array<Named, 8> kUart{
    {{0, "RBR/THR"}, {1, "IER"}, {2, "IIR/FCR"}, {3, "LCR"}, {4, "MCR"}, {5, "LSR"}, {6, "MSR"}, {7, "SCR"}}};

std::string uart_register(std::uint64_t offset) {
  for (const Named& entry : kUart) {
    if (entry.offset == offset) return entry.name;
  }
  return {};
}

std::string clint_register(std::uint64_t offset) {
  if (offset < 0x4000) return "msip" + std::to_string(offset / 4);
  if (offset == 0xbff8) return "mtime";
  if (offset >= 0x4000 && offset < 0xbff8) return "mtimecmp" + std::to_string((offset - 0x4000) / 8);
  return {};
}

std::string plic_register(std::uint64_t offset) {
  if (offset < 0x1000) return "priority" + std::to_string(offset / 4);
  if (offset < 0x2000) return "pending" + std::to_string((offset - 0x1000) / 4);
  if (offset < 0x200000) {
    return "context" + std::to_string((offset - 0x2000) / 0x80) + ".enable" +
           std::to_string((offset - 0x2000) % 0x80 / 4);
  }
  const std::string context = "context" + std::to_string((offset - 0x200000) / 0x1000);
  const std::uint64_t rest = (offset - 0x200000) % 0x1000;
  if (rest == 0) return context + ".threshold";
  if (rest == 4) return context + ".claim";
  return {};
}

std::string fields_text(const abi::RegisterInfo& info, std::uint64_t value) {
  std::string text;
  for (const abi::FieldInfo& field : info.fields) {
    const std::uint64_t mask = (2ULL << (field.high - field.low)) - 1;
    const std::uint64_t content = value >> field.low & mask;
    if (content != 0) text += (text.empty() ? "" : " ") + std::string(field.name) + "=" + hex(content);
  }
  return text.empty() ? text : " {" + text + "}";
}

/// Name and fields from a generated table; "" where no register lies.
std::string table_register(std::span<const abi::RegisterInfo> registers, std::uint64_t offset, std::uint64_t value) {
  for (const abi::RegisterInfo& info : registers) {
    for (std::uint32_t i = 0; i < info.count; ++i) {
      if (offset == info.offset + i * info.stride) {
        return info.name + (info.count > 1 ? std::to_string(i) : std::string()) + fields_text(info, value);
      }
    }
  }
  return {};
}

std::string accelerator_register(std::uint64_t offset, std::uint64_t value) {
  if (offset < DIXION_QUEUE_PAGE_SIZE) return table_register(abi::kAcceleratorRegisters, offset, value);
  const std::string name = table_register(abi::kQueueRegisters, offset % DIXION_QUEUE_PAGE_SIZE, value);
  return name.empty() ? name : "queue" + std::to_string(offset / DIXION_QUEUE_PAGE_SIZE - 1) + "." + name;
}

}  // namespace

std::string describe_register(const std::string& window, std::uint64_t offset, std::uint64_t value) {
  std::string name;
  if (window == "accelerator") name = accelerator_register(offset, value);
  if (window == "uart") name = uart_register(offset);
  if (window == "clint") name = clint_register(offset);
  if (window == "plic") name = plic_register(offset);
  return name.empty() ? window + "+" + hex(offset) : window + "." + name;
}

MmioLog::MmioLog(Console& console, std::function<std::string()> where) : console_(console), where_(std::move(where)) {}

void MmioLog::access(const BusAccess& access) {
  const bool memory = access.window != nullptr &&
                      (*access.window == "dram" || *access.window == "boot_rom" || *access.window == "global_buffer");
  if (access.initiator != 0 || memory) return;
  std::uint64_t value = 0;
  std::memcpy(&value, access.data, std::min<std::size_t>(access.length, sizeof value));
  const std::string place = access.window == nullptr ? "unmapped " + hex(access.address)
                                                     : describe_register(*access.window, access.offset, value);
  console_.print("[" + format_time(sc_core::sc_time_stamp().value()) +
                 "] mmio: " + (access.write ? "write " : "read ") + std::to_string(8 * access.length) + " bit " +
                 place + (access.write ? " <- " : " -> ") + hex(value) +
                 (access.response == tlm::TLM_OK_RESPONSE ? "" : " (error)") + "; " + where_());
}

}  // namespace dixion
