// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "models/abi/generated/commands.h"

namespace dixion {

/// A decoded tensor descriptor: a strided view of memory. Rank 0 means "no operand".
struct TensorView {
  std::uint64_t address = 0;
  std::array<std::uint32_t, DIXION_MAX_RANK> extent{};  ///< elements; [rank, 4) are 0
  std::array<std::uint64_t, DIXION_MAX_RANK> stride{};  ///< bytes
  dixion_format format = DIXION_FORMAT_NONE;
  std::uint8_t rank = 0;

  [[nodiscard]] explicit operator bool() const { return rank != 0; }
  /// Elements in all; 1 for rank 0.
  [[nodiscard]] std::uint64_t elements() const;
  /// Bytes of payload that move: elements times element size, a dimension of stride 0 counted once.
  [[nodiscard]] std::uint64_t payload_bytes() const;
  /// Bytes from the first to behind the last element touched.
  [[nodiscard]] std::uint64_t span_bytes() const;
  /// Extent counted from the last dimension (0 = last); 1 beyond the rank.
  [[nodiscard]] std::uint32_t extent_from_end(unsigned index) const {
    return index < rank ? extent[rank - 1U - index] : 1;
  }
};

/// Bytes of one element in memory; 0 for NONE, INT12_PACKED (1.5) and unknown formats.
[[nodiscard]] std::uint32_t element_bytes(std::uint32_t format);
/// "INT12"; "?" for an unknown number.
[[nodiscard]] const char* format_name(std::uint32_t format);

}  // namespace dixion
