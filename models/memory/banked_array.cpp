// SPDX-License-Identifier: Apache-2.0
#include "models/memory/banked_array.h"

#include "models/common/check.h"

namespace dixion {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

std::unique_ptr<BankMap> map_of(const std::string& key, const std::string& map, unsigned banks,
                                const std::vector<std::uint64_t>& masks) {
  try {
    return make_bank_map(map, banks, masks);
  } catch (const ConfigError& error) {
    throw ConfigError(key, error.what());
  }
}

}  // namespace

BankedArray::BankedArray(const std::string& key, std::uint64_t capacity, unsigned banks, unsigned word_bytes,
                         const std::string& map, const std::vector<std::uint64_t>& masks)
    : capacity_(capacity),
      banks_(banks),
      word_bytes_(word_bytes),
      map_(map_of(key, map, banks, masks)),
      conflicts_(*map_, banks, word_bytes) {
  if (word_bytes == 0) throw ConfigError(key, "word_bytes: must be at least 1");
  if (capacity == 0 || capacity % bytes_per_cycle() != 0) {
    throw ConfigError(key, "bytes: must be a multiple of banks x word_bytes = " + std::to_string(bytes_per_cycle()) +
                               ", is " + std::to_string(capacity));
  }
}

Cycles BankedArray::ideal_cycles(std::uint64_t address, const StreamShape& shape) const {
  if (shape.rank == 0) {
    return ceil_div((address + shape.run_bytes - 1) / word_bytes_ - address / word_bytes_ + 1, banks_);
  }
  return ceil_div(shape.bytes(), bytes_per_cycle());
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
