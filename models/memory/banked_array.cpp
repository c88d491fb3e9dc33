// SPDX-License-Identifier: Apache-2.0
#include "models/memory/banked_array.h"

#include <algorithm>
#include <vector>

#include "models/common/check.h"

namespace dixion {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Groups words as they come, as many as there are banks; a group takes as long as its busiest bank.
class ConflictCounter {
 public:
  ConflictCounter(const BankMap& map, unsigned banks) : map_(map), load_(banks) {}

  void add(std::uint64_t word) {
    busiest_ = std::max(busiest_, ++load_[map_.bank_of(word)]);
    if (++grouped_ == load_.size()) close_group();
  }
  Cycles finish() {
    if (grouped_ != 0) close_group();
    return cycles_;
  }

 private:
  void close_group() {
    cycles_ += busiest_;
    busiest_ = 0;
    grouped_ = 0;
    std::fill(load_.begin(), load_.end(), 0U);
  }

  const BankMap& map_;
  std::vector<unsigned> load_;
  std::size_t grouped_ = 0;
  unsigned busiest_ = 0;
  Cycles cycles_ = 0;
};

}  // namespace

BankedArray::BankedArray(const std::string& key, std::uint64_t capacity, unsigned banks, unsigned word_bytes,
                         BankMapKind map, const std::vector<std::uint64_t>& masks)
    : capacity_(capacity), banks_(banks), word_bytes_(word_bytes) {
  try {
    map_ = make_bank_map(map, banks, masks);
  } catch (const ConfigError& error) {
    throw ConfigError(key, error.what());
  }
  if (word_bytes == 0) throw ConfigError(key, "word_bytes: must be at least 1");
  if (capacity == 0 || capacity % bytes_per_cycle() != 0) {
    throw ConfigError(key, "bytes: must be a multiple of banks x word_bytes = " + std::to_string(bytes_per_cycle()) +
                               ", is " + std::to_string(capacity));
  }
}

std::uint64_t BankedArray::words_of_run(std::uint64_t address, std::uint64_t bytes) const {
  return bytes == 0 ? 0 : (address + bytes - 1) / word_bytes_ - address / word_bytes_ + 1;
}

Cycles BankedArray::ideal_cycles(std::uint64_t address, const StreamShape& shape) const {
  if (shape.rank == 0) return ceil_div(words_of_run(address, shape.run_bytes), banks_);
  return ceil_div(shape.bytes(), bytes_per_cycle());
}

Cycles BankedArray::stream_cycles(std::uint64_t address, const StreamShape& shape) const {
  if (shape.rank == 0) return ideal_cycles(address, shape);
  ConflictCounter counter(*map_, banks_);
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint64_t previous = ~std::uint64_t{0};  // neighbouring runs in one word are one access
  const bool whole = for_each_run(shape, [&](std::uint64_t offset, std::uint64_t run) {
    const std::uint64_t first = (address + offset) / word_bytes_;
    const std::uint64_t count = words_of_run(address + offset, run);
    for (std::uint64_t i = 0; i < count && words < kExactWords; ++i) {
      if (first + i == previous) continue;
      previous = first + i;
      counter.add(previous);
      ++words;
    }
    bytes += run;
    return words < kExactWords;
  });
  const Cycles cycles = counter.finish();
  if (whole) return cycles;
  // A run longer than the sample would count bytes that were not looked at.
  const std::uint64_t sampled = std::min<std::uint64_t>(bytes, words * word_bytes_);
  return static_cast<Cycles>(static_cast<Wide>(cycles) * shape.bytes() / sampled);
}

BankedArray core_sram_array(const AcceleratorConfig& config) {
  return {"accelerator.core_sram",     config.core_sram_bytes, config.core_sram_banks,
          config.core_sram_word_bytes, config.core_sram_map,   config.core_sram_masks};
}

BankedArray global_buffer_array(const AcceleratorConfig& config) {
  const auto bytes_per_second =
      static_cast<Wide>(config.clock_hz) * config.global_buffer_banks * config.global_buffer_word_bytes;
  if (bytes_per_second == 0 || bytes_per_second >= (1ULL << 44)) {
    throw ConfigError("accelerator.global_buffer", "clock x banks x word_bytes must be from 1 to 2^44 - 1 bytes/s");
  }
  return {"accelerator.global_buffer",     config.global_buffer_bytes, config.global_buffer_banks,
          config.global_buffer_word_bytes, config.global_buffer_map,   config.global_buffer_masks};
}

}  // namespace dixion
