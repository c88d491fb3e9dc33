// SPDX-License-Identifier: Apache-2.0
#include "models/memory/bank_map.h"

#include <bit>

#include "models/common/check.h"

namespace dixion {
namespace {

/// bank = word mod banks
class Interleave final : public BankMap {
 public:
  explicit Interleave(unsigned banks) : mask_(banks - 1) {}
  [[nodiscard]] unsigned bank_of(std::uint64_t word) const override { return static_cast<unsigned>(word & mask_); }
  [[nodiscard]] const char* name() const override { return "interleave"; }

 private:
  std::uint64_t mask_;
};

/// bank = xor of all groups of log2(banks) bits of the word number: strides of 2^n spread over all banks.
class XorFold final : public BankMap {
 public:
  explicit XorFold(unsigned banks) : mask_(banks - 1), bits_(static_cast<unsigned>(std::countr_zero(banks))) {}
  [[nodiscard]] unsigned bank_of(std::uint64_t word) const override {
    if (bits_ == 0) return 0;
    std::uint64_t bank = 0;
    for (; word != 0; word >>= bits_) bank ^= word & mask_;
    return static_cast<unsigned>(bank);
  }
  [[nodiscard]] const char* name() const override { return "xor"; }

 private:
  std::uint64_t mask_;
  unsigned bits_;
};

}  // namespace

std::unique_ptr<BankMap> make_bank_map(BankMapKind kind, unsigned banks) {
  if (!std::has_single_bit(banks) || banks > 65536) {
    throw ConfigError("banks", "must be a power of two from 1 to 65536, is " + std::to_string(banks));
  }
  switch (kind) {
    case BankMapKind::kXor:
      return std::make_unique<XorFold>(banks);
    case BankMapKind::kInterleave:
      break;
  }
  return std::make_unique<Interleave>(banks);
}

}  // namespace dixion
