// SPDX-License-Identifier: Apache-2.0
#include "models/memory/banked_memory.h"

#include <cstring>
#include <utility>

namespace dixion {

BankedMemory::BankedMemory(BankedArray array) : array_(std::move(array)), store_(array_.capacity()) {}

bool BankedMemory::read(std::uint64_t address, void* destination, std::size_t length) {
  if (!contains(address, length)) return false;
  std::memcpy(destination, store_.data() + address, length);
  return true;
}

bool BankedMemory::write(std::uint64_t address, const void* source, std::size_t length) {
  if (!contains(address, length)) return false;
  std::memcpy(store_.data() + address, source, length);
  return true;
}

}  // namespace dixion
