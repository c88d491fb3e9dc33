// SPDX-License-Identifier: Apache-2.0
#include "host/clint.h"

#include <utility>

#include "models/abi/generated/clint_registers.h"

namespace dixion::host {
namespace {

enum class Register : std::uint8_t { kNone, kMsip, kMtimecmp, kMtime };

struct Place {
  Register which = Register::kNone;
  unsigned hart = 0;
  DeviceStatus status = DeviceStatus::kNoRegister;
};

Place locate(std::uint64_t offset, unsigned size, std::uint64_t harts) {
  Place place;
  std::uint64_t width = 8;
  if (offset < DIXION_CLINT_MSIP(harts)) {
    place = {Register::kMsip, static_cast<unsigned>(offset / 4), DeviceStatus::kOk};
    width = 4;
  } else if (offset >= DIXION_CLINT_MTIMECMP_LO(0) && offset < DIXION_CLINT_MTIMECMP_LO(harts)) {
    place = {Register::kMtimecmp, static_cast<unsigned>((offset - DIXION_CLINT_MTIMECMP_LO(0)) / 8), DeviceStatus::kOk};
  } else if (offset >= DIXION_CLINT_MTIME_LO && offset < DIXION_CLINT_MTIME_LO + 8) {
    place = {Register::kMtime, 0, DeviceStatus::kOk};
  } else {
    return place;
  }
  if (size < 4 || size > width || offset % size != 0) place.status = DeviceStatus::kSize;
  return place;
}

// `size` bytes at `offset` of a 64-bit register.
std::uint64_t part(std::uint64_t whole, std::uint64_t offset, unsigned size) {
  return size == 8 ? whole : (whole >> (8 * (offset & 4))) & 0xFFFFFFFFU;
}
std::uint64_t merged(std::uint64_t whole, std::uint64_t offset, unsigned size, std::uint64_t value) {
  if (size == 8) return value;
  const std::uint64_t shift = 8 * (offset & 4);
  return (whole & ~(0xFFFFFFFFULL << shift)) | ((value & 0xFFFFFFFFU) << shift);
}

}  // namespace

Clint::Clint(unsigned harts, Callbacks callbacks)
    : callbacks_(std::move(callbacks)), msip_(harts), mtimecmp_(harts, ~0ULL) {}

DeviceStatus Clint::peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const {
  const Place place = locate(offset, size, mtimecmp_.size());
  if (place.status != DeviceStatus::kOk) return place.status;
  switch (place.which) {
    case Register::kMsip:
      value = msip_[place.hart] ? 1 : 0;
      break;
    case Register::kMtimecmp:
      value = part(mtimecmp_[place.hart], offset, size);
      break;
    default:
      value = part(mtime(), offset, size);
      break;
  }
  return DeviceStatus::kOk;
}

DeviceStatus Clint::write(std::uint64_t offset, unsigned size, std::uint64_t value) {
  const Place place = locate(offset, size, mtimecmp_.size());
  if (place.status != DeviceStatus::kOk) return place.status;
  switch (place.which) {
    case Register::kMsip:
      msip_[place.hart] = (value & 1U) != 0;
      callbacks_.software(place.hart, msip_[place.hart]);
      break;
    case Register::kMtimecmp:
      mtimecmp_[place.hart] = merged(mtimecmp_[place.hart], offset, size, value);
      callbacks_.timer_changed(place.hart);
      break;
    default:
      mtime_offset_ = merged(mtime(), offset, size, value) - callbacks_.mtime();
      for (unsigned hart = 0; hart < mtimecmp_.size(); ++hart) callbacks_.timer_changed(hart);
      break;
  }
  return DeviceStatus::kOk;
}

}  // namespace dixion::host
