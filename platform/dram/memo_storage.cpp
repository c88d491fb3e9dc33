// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/memo_storage.h"

#include <bit>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace dixion::dram {

namespace {

constexpr std::size_t kLargePage = 2U << 20;

}  // namespace

void Arena::add_block() {
  void* block = std::aligned_alloc(kLargePage, kBlockBytes);
  if (block == nullptr) throw std::bad_alloc();
#ifdef __linux__
  (void)madvise(block, kBlockBytes, MADV_HUGEPAGE);  // if not, then not
#endif
  blocks_.emplace_back(static_cast<std::byte*>(block));
  used_ = 0;
}

void pack(std::span<const std::uint64_t> words, std::vector<std::byte>& into) {
  into.resize(words.size() * 9);
  std::byte* to = into.data();
  for (std::uint64_t rest : words) {
    std::byte& mask = *to++;
    unsigned bytes = 0;
    while (rest != 0) {
      const auto shift = static_cast<unsigned>(std::countr_zero(rest)) & ~7U;
      bytes |= 1U << shift / 8;
      *to++ = static_cast<std::byte>(rest >> shift);
      rest &= ~(std::uint64_t{0xff} << shift);
    }
    mask = static_cast<std::byte>(bytes);
  }
  into.resize(static_cast<std::size_t>(to - into.data()));
}

void unpack(std::span<const std::byte> packed, std::vector<std::uint64_t>& into) {
  into.clear();
  for (std::size_t i = 0; i < packed.size();) {
    std::uint64_t word = 0;
    for (auto mask = static_cast<unsigned>(packed[i++]); mask != 0; mask &= mask - 1) {
      word |= std::to_integer<std::uint64_t>(packed[i++]) << (8 * std::countr_zero(mask));
    }
    into.push_back(word);
  }
}

}  // namespace dixion::dram
