// SPDX-License-Identifier: Apache-2.0
#include "models/common/tensor_view.h"

#include "models/abi/generated/commands_table.h"

namespace dixion {

std::uint64_t TensorView::elements() const {
  std::uint64_t count = 1;
  for (unsigned i = 0; i < rank; ++i) count *= extent[i];
  return count;
}

std::uint64_t TensorView::payload_bytes() const {
  std::uint64_t count = element_bytes(format);
  for (unsigned i = 0; i < rank; ++i) {
    if (stride[i] != 0) count *= extent[i];
  }
  return count;
}

std::uint64_t TensorView::span_bytes() const {
  std::uint64_t span = element_bytes(format);
  for (unsigned i = 0; i < rank; ++i) span += (extent[i] - 1) * stride[i];
  return span;
}

std::uint32_t element_bytes(std::uint32_t format) {
  switch (format) {
    case DIXION_FORMAT_INT8: return 1;
    case DIXION_FORMAT_INT12:
    case DIXION_FORMAT_INT16:
    case DIXION_FORMAT_BF16:
    case DIXION_FORMAT_FP16: return 2;
    case DIXION_FORMAT_INT32:
    case DIXION_FORMAT_UINT32: return 4;
    case DIXION_FORMAT_REQUANT: return 8;
    default: return 0;
  }
}

const char* format_name(std::uint32_t format) {
  for (const abi::NamedValue& entry : abi::kFormatNames) {
    if (entry.value == format) return entry.name;
  }
  return "?";
}

}  // namespace dixion
