// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/abi/register_info.h"

namespace dixion {

/// Registers of one window, driven by a generated table: access policy, reset values, reserved bits. Behaviour is bound
/// to single registers by hooks. Only aligned 4-byte accesses.
///
/// Reads: `wo` gives 0, `rc` clears. Writes: `ro` ignores, `rw1c` clears and `rw1s` sets where a 1 is written; bits
/// outside all fields stay 0. What is ignored is a mistake of the software and is reported.
class RegisterBank {
 public:
  enum class Response : std::uint8_t { kOk, kUnmapped, kBadAccess };
  /// Told of mistakes: register, offending value, what would have been right. The access goes on as described.
  using Report = std::function<void(const std::string& subject, std::uint64_t value, const std::string& expected)>;
  /// Gives the present value of a register (or of number `index` of several); must not change anything.
  using ReadHook = std::function<std::uint32_t(unsigned index)>;
  /// Called after the value was stored; may store another one.
  using WriteHook = std::function<void(unsigned index, std::uint32_t old_value, std::uint32_t new_value)>;

  /// `prefix` stands in front of register names in reports, e.g. "QUEUE0."; may be empty.
  RegisterBank(const abi::BlockInfo& block, std::string prefix, Report report);

  /// `offset` is that of the (first) register; unknown ones are a DefectError.
  void on_read(std::uint32_t offset, ReadHook hook);
  void on_write(std::uint32_t offset, WriteHook hook);

  [[nodiscard]] Response read(std::uint32_t offset, unsigned length, std::uint32_t& value);
  [[nodiscard]] Response write(std::uint32_t offset, unsigned length, std::uint32_t value);
  /// What a read would give, without its effects; false if there is no register.
  [[nodiscard]] bool peek(std::uint32_t offset, std::uint32_t& value) const;
  /// Changes the stored value and nothing else.
  bool poke(std::uint32_t offset, std::uint32_t value);

  /// Stored value, for the owner. The register must exist.
  [[nodiscard]] std::uint32_t get(std::uint32_t offset) const;
  void set(std::uint32_t offset, std::uint32_t value);
  [[nodiscard]] std::uint64_t get64(std::uint32_t low_offset) const;
  void reset();

  /// "RING_SIZE", "SEMAPHORE[3]"; prefix not included. Empty if there is none.
  [[nodiscard]] std::string name_of(std::uint32_t offset) const;

 private:
  struct Register {
    const abi::RegisterInfo* info;
    std::uint32_t implemented;  // bits that exist
    std::vector<std::uint32_t> values;
    ReadHook read;
    WriteHook write;
  };
  [[nodiscard]] const Register* find(std::uint32_t offset, unsigned& index) const;
  [[nodiscard]] Register* find(std::uint32_t offset, unsigned& index);
  [[nodiscard]] Response locate(std::uint32_t offset, unsigned length, std::uint64_t value, Register*& found,
                                unsigned& index);

  const abi::BlockInfo& block_;
  std::string prefix_;
  Report report_;
  std::vector<Register> registers_;
  std::vector<std::int16_t> by_word_;  // register number per 4 bytes of the window; -1 where there is none
};

}  // namespace dixion
