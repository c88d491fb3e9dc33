// SPDX-License-Identifier: Apache-2.0
#include "tests/driver/native_port.h"

#include <stdexcept>

extern "C" {
#include "firmware/drivers/dixion_port.h"
}

namespace dixion::test {
namespace {

NativePort* port = nullptr;
constexpr std::size_t kPage = 4096;

std::uint8_t* aligned(std::uint8_t* pointer) {
  const auto value = reinterpret_cast<std::uintptr_t>(pointer);
  return pointer + (kPage - value % kPage) % kPage;
}

}  // namespace

NativePort::NativePort() {
  if (port != nullptr) throw std::logic_error("a second native port");
  port = this;
}

NativePort::~NativePort() { port = nullptr; }

NativePort& NativePort::current() {
  if (port == nullptr) throw std::logic_error("a driver was called without a native port");
  return *port;
}

Arena::Arena(std::uint64_t base, std::size_t size)
    : base_(base), size_(size), storage_(new std::uint8_t[size + kPage]()), data_(aligned(storage_.get())) {}

std::uint64_t Arena::physical(const volatile void* pointer) const {
  const auto* byte = static_cast<const volatile std::uint8_t*>(pointer);
  if (byte < data_ || byte > data_ + size_)
    throw std::logic_error("a pointer outside the arena has no physical address");
  return base_ + static_cast<std::uint64_t>(byte - data_);
}

std::uint8_t* Arena::at(std::uint64_t address) {
  if (address < base_ || address - base_ > size_) throw std::logic_error("a physical address outside the arena");
  return data_ + (address - base_);
}

std::uint32_t MemoryOnlyPort::read(std::uint64_t) { throw std::logic_error("no device here"); }
void MemoryOnlyPort::write(std::uint64_t, std::uint32_t) { throw std::logic_error("no device here"); }
void MemoryOnlyPort::sleep() { throw std::logic_error("no device here"); }

}  // namespace dixion::test

using dixion::test::NativePort;

extern "C" {

uint32_t mmio_read32(uint64_t address) { return NativePort::current().read(address); }
void mmio_write32(uint64_t address, uint32_t value) { NativePort::current().write(address, value); }
void fence_memory_to_device(void) { NativePort::current().fence_to_device(); }
void fence_device_to_memory(void) { NativePort::current().fence_to_memory(); }
void wait_for_interrupt(bool (*done)(const void*), const void* context) {
  while (!done(context)) NativePort::current().sleep();
}
uint64_t physical_address(const volatile void* pointer) { return NativePort::current().physical(pointer); }
}

/// Defaults of AddressSanitizer. Models and SystemC are not instrumented: they share containers with code that is, and
/// SystemC keeps its processes, and what stands on their stacks, until exit.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_leaks=0:detect_container_overflow=0"; }
