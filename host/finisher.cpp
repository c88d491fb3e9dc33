// SPDX-License-Identifier: Apache-2.0
#include "host/finisher.h"

#include <utility>

#include "models/abi/generated/finisher_registers.h"

namespace dixion::host {
namespace {

constexpr std::uint64_t kPass = 0x5555;
constexpr std::uint64_t kFail = 0x3333;
constexpr std::uint64_t kReset = 0x7777;

DeviceStatus check(std::uint64_t offset, unsigned size) {
  if (offset != DIXION_FINISHER_CONTROL) return DeviceStatus::kNoRegister;
  return size == 2 || size == 4 ? DeviceStatus::kOk : DeviceStatus::kSize;
}

}  // namespace

Finisher::Finisher(std::function<void(const Finish&)> on_finish) : on_finish_(std::move(on_finish)) {}

DeviceStatus Finisher::peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const {
  value = 0;
  return check(offset, size);
}

DeviceStatus Finisher::write(std::uint64_t offset, unsigned size, std::uint64_t value) {
  const DeviceStatus status = check(offset, size);
  if (status != DeviceStatus::kOk || !on_finish_) return status;
  switch (value & 0xFFFFU) {
    case kPass:
      on_finish_({Finish::Kind::kPass, 0});
      break;
    case kFail:
      on_finish_({Finish::Kind::kFail, static_cast<std::uint32_t>((value >> 16) & 0xFFFFU)});
      break;
    case kReset:
      on_finish_({Finish::Kind::kReset, 0});
      break;
    default:
      break;
  }
  return status;
}

}  // namespace dixion::host
