// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/engine.h"
#include "models/common/tensor_view.h"

namespace dixion::test {

/// A view without gaps. Checks and demands touch no memory: any address will do.
inline TensorView dense_view(dixion_format format, const std::vector<std::uint32_t>& extents,
                             std::uint64_t address = 0) {
  TensorView result;
  result.address = address;
  result.format = format;
  result.rank = static_cast<std::uint8_t>(extents.size());
  std::copy(extents.begin(), extents.end(), result.extent.begin());
  std::uint64_t next = element_bytes(format);
  for (unsigned i = result.rank; i-- > 0; next *= result.extent[i]) result.stride[i] = next;
  return result;
}

/// The engine accepts `right`, and refuses it after `spoil(command)` with this cause, field and value (and text).
template <typename Spoil>
void expect_refusal(const Engine& engine, const Command& right, dixion_cause cause, std::uint32_t field,
                    std::uint64_t value, Spoil spoil, const char* expected = nullptr) {
  EXPECT_FALSE(engine.check(right)) << engine.check(right).expected;
  Command wrong = right;
  spoil(wrong);
  const CommandError error = engine.check(wrong);
  EXPECT_EQ(error.cause, cause) << error.expected;
  EXPECT_EQ(error.field, field) << error.expected;
  EXPECT_EQ(error.value, value) << error.expected;
  if (expected != nullptr) {
    EXPECT_EQ(error.expected, expected);
  }
}

}  // namespace dixion::test
