// SPDX-License-Identifier: Apache-2.0
/// The firmware's port on the workstation: drivers and runtime run natively, what is behind the port is the test's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace dixion::test {

/// What the six functions of firmware/drivers/dixion_port.h do while this object lives. One at a time.
class NativePort {
 public:
  NativePort();
  virtual ~NativePort();
  NativePort(const NativePort&) = delete;
  NativePort& operator=(const NativePort&) = delete;

  virtual std::uint32_t read(std::uint64_t address) = 0;
  virtual void write(std::uint64_t address, std::uint32_t value) = 0;
  virtual void fence_to_device() {}
  virtual void fence_to_memory() {}
  /// Makes an interrupt happen. Called again and again until what the driver waits for is there.
  virtual void sleep() = 0;
  virtual std::uint64_t physical(const volatile void* pointer) = 0;

  static NativePort& current();
};

/// Memory for rings, tensors and tables that has a physical address.
class Arena {
 public:
  Arena(std::uint64_t base, std::size_t size);
  [[nodiscard]] std::uint8_t* data() { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::uint64_t base() const { return base_; }
  [[nodiscard]] std::uint64_t physical(const volatile void* pointer) const;
  [[nodiscard]] std::uint8_t* at(std::uint64_t address);

 private:
  std::uint64_t base_;
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> storage_;
  std::uint8_t* data_;  ///< on a multiple of 4096
};

/// For code that names addresses but touches no device.
class MemoryOnlyPort final : public NativePort {
 public:
  explicit MemoryOnlyPort(Arena& arena) : arena_(arena) {}
  std::uint32_t read(std::uint64_t address) override;
  void write(std::uint64_t address, std::uint32_t value) override;
  void sleep() override;
  std::uint64_t physical(const volatile void* pointer) override { return arena_.physical(pointer); }

 private:
  Arena& arena_;
};

}  // namespace dixion::test
