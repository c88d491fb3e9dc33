// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/mapped_memory.h"

#include <sys/mman.h>

#include "models/common/check.h"

namespace dixion {

MappedMemory::MappedMemory(std::uint64_t size, const std::string& key) : size_(size) {
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    throw ConfigError(key, "the workstation cannot reserve " + std::to_string(size) + " bytes");
  }
  data_ = static_cast<unsigned char*>(mapped);
}

MappedMemory::~MappedMemory() { munmap(data_, size_); }

}  // namespace dixion
