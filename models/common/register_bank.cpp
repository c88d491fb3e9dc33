// SPDX-License-Identifier: Apache-2.0
#include "models/common/register_bank.h"

#include <cstdio>
#include <utility>

#include "models/common/check.h"

namespace dixion {

namespace {

std::string hex(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::uint32_t implemented_bits(const abi::RegisterInfo& info) {
  if (info.fields.empty()) return 0xffffffffU;
  std::uint32_t mask = 0;
  for (const abi::FieldInfo& field : info.fields) {
    mask |= static_cast<std::uint32_t>(((std::uint64_t{2} << field.high) - 1) & ~((std::uint64_t{1} << field.low) - 1));
  }
  return mask;
}

}  // namespace

RegisterBank::RegisterBank(const abi::BlockInfo& block, std::string prefix, Report report)
    : block_(block), prefix_(std::move(prefix)), report_(std::move(report)), by_word_(block.size / 4, -1) {
  for (const abi::RegisterInfo& info : block.registers) {
    for (unsigned i = 0; i < info.count; ++i) {
      by_word_.at((info.offset + i * info.stride) / 4) = static_cast<std::int16_t>(registers_.size());
    }
    registers_.push_back({&info, implemented_bits(info), std::vector<std::uint32_t>(info.count, info.reset), {}, {}});
  }
}

const RegisterBank::Register* RegisterBank::find(std::uint32_t offset, unsigned& index) const {
  const std::uint32_t word = offset / 4;
  if (offset % 4 != 0 || word >= by_word_.size() || by_word_[word] < 0) return nullptr;
  const Register& found = registers_[static_cast<std::size_t>(by_word_[word])];
  index = (offset - found.info->offset) / found.info->stride;
  return &found;
}

RegisterBank::Register* RegisterBank::find(std::uint32_t offset, unsigned& index) {
  return const_cast<Register*>(std::as_const(*this).find(offset, index));
}

void RegisterBank::on_read(std::uint32_t offset, ReadHook hook) {
  unsigned index = 0;
  Register* found = find(offset, index);
  DIXION_CHECK(found != nullptr, hex(offset));
  found->read = std::move(hook);
}

void RegisterBank::on_write(std::uint32_t offset, WriteHook hook) {
  unsigned index = 0;
  Register* found = find(offset, index);
  DIXION_CHECK(found != nullptr, hex(offset));
  found->write = std::move(hook);
}

RegisterBank::Response RegisterBank::locate(std::uint32_t offset, unsigned length, std::uint64_t value,
                                            Register*& found, unsigned& index) {
  if (length != 4 || offset % 4 != 0) {
    const std::string name = name_of(offset & ~3U);
    report_(prefix_ + (name.empty() ? "offset " + hex(offset) : name), length,
            "an aligned access of 4 bytes, not " + std::to_string(length) + " bytes at offset " + hex(offset));
    return Response::kBadAccess;
  }
  found = find(offset, index);
  if (found != nullptr) return Response::kOk;
  report_(prefix_ + "offset " + hex(offset), value, std::string("a register of the ") + block_.name + " page");
  return Response::kUnmapped;
}

RegisterBank::Response RegisterBank::read(std::uint32_t offset, unsigned length, std::uint32_t& value) {
  Register* found = nullptr;
  unsigned index = 0;
  value = 0;
  const Response response = locate(offset, length, 0, found, index);
  if (response != Response::kOk || found->info->access == abi::Access::kWo) return response;
  value = found->read ? found->read(index) : found->values[index];
  if (found->info->access == abi::Access::kRc) found->values[index] = 0;
  return Response::kOk;
}

RegisterBank::Response RegisterBank::write(std::uint32_t offset, unsigned length, std::uint32_t value) {
  Register* found = nullptr;
  unsigned index = 0;
  const Response response = locate(offset, length, value, found, index);
  if (response != Response::kOk) return response;
  const std::string subject = prefix_ + name_of(offset);
  if (found->info->access == abi::Access::kRo || found->info->access == abi::Access::kRc) {
    report_(subject, value, "no write: the register is read-only");
    return Response::kOk;
  }
  if ((value & ~found->implemented) != 0) {
    report_(subject, value, "reserved bits 0, writable are " + hex(found->implemented));
  }
  const std::uint32_t old_value = found->values[index];
  const std::uint32_t written = value & found->implemented;
  std::uint32_t& stored = found->values[index];
  switch (found->info->access) {
    case abi::Access::kRw1c:
      stored = old_value & ~written;
      break;
    case abi::Access::kRw1s:
      stored = old_value | written;
      break;
    default:
      stored = written;
      break;
  }
  if (found->write) found->write(index, old_value, stored);
  return Response::kOk;
}

bool RegisterBank::peek(std::uint32_t offset, std::uint32_t& value) const {
  unsigned index = 0;
  const Register* found = find(offset, index);
  if (found == nullptr) return false;
  value = found->read ? found->read(index) : found->values[index];
  return true;
}

bool RegisterBank::poke(std::uint32_t offset, std::uint32_t value) {
  unsigned index = 0;
  Register* found = find(offset, index);
  if (found == nullptr) return false;
  found->values[index] = value & found->implemented;
  return true;
}

std::uint32_t RegisterBank::get(std::uint32_t offset) const {
  unsigned index = 0;
  const Register* found = find(offset, index);
  DIXION_CHECK(found != nullptr, hex(offset));
  return found->values[index];
}

void RegisterBank::set(std::uint32_t offset, std::uint32_t value) {
  unsigned index = 0;
  Register* found = find(offset, index);
  DIXION_CHECK(found != nullptr, hex(offset));
  found->values[index] = value;
}

std::uint64_t RegisterBank::get64(std::uint32_t low_offset) const {
  return std::uint64_t{get(low_offset + 4)} << 32 | get(low_offset);
}

void RegisterBank::reset() {
  for (Register& each : registers_) each.values.assign(each.values.size(), each.info->reset);
}

std::string RegisterBank::name_of(std::uint32_t offset) const {
  unsigned index = 0;
  const Register* found = find(offset, index);
  if (found == nullptr) return {};
  return found->info->count == 1 ? found->info->name
                                 : std::string(found->info->name) + "[" + std::to_string(index) + "]";
}

}  // namespace dixion
