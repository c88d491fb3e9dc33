// SPDX-License-Identifier: Apache-2.0
#include "models/common/tensor_io.h"

#include <algorithm>
#include <cstring>

#include "models/common/check.h"

namespace dixion {
namespace {

/// Elements this close together are fetched with what lies between them: one access instead of one per element.
constexpr std::uint64_t kNearBytes = 64;

/// Calls visit(address) for every run; stops at the first false.
template <typename Visit>
bool for_each_run(std::uint64_t address, const ContiguousRuns& runs, Visit visit) {
  std::array<std::uint64_t, DIXION_MAX_RANK> index{};
  for (std::uint64_t left = runs.runs(); left > 0; --left) {
    if (!visit(address)) return false;
    for (unsigned d = runs.dimensions; d > 0 && d <= DIXION_MAX_RANK; --d) {
      address += runs.stride[d - 1];
      if (++index[d - 1] < runs.count[d - 1]) break;
      address -= runs.stride[d - 1] * runs.count[d - 1];
      index[d - 1] = 0;
    }
  }
  return true;
}

bool load_runs(const TensorView& view, const ContiguousRuns& runs, MemoryAccess& memory, std::uint8_t* to) {
  auto copy = [&](std::uint64_t address) {
    const bool readable = memory.read(address, to, runs.run_bytes);
    to += runs.run_bytes;
    return readable;
  };
  return for_each_run(view.address, runs, copy);
}

/// Like load_runs, but takes the innermost dimension in one access and picks its elements.
bool load_near(const TensorView& view, const ContiguousRuns& runs, MemoryAccess& memory, std::uint8_t* to) {
  ContiguousRuns outer = runs;
  --outer.dimensions;
  const std::uint64_t count = runs.count[outer.dimensions];
  const std::uint64_t stride = runs.stride[outer.dimensions];
  std::vector<std::uint8_t> row((count - 1) * stride + runs.run_bytes);
  auto pick = [&](std::uint64_t address) {
    if (!memory.read(address, row.data(), row.size())) return false;
    for (std::uint64_t i = 0; i < count; ++i, to += runs.run_bytes) {
      std::memcpy(to, row.data() + i * stride, runs.run_bytes);
    }
    return true;
  };
  return for_each_run(view.address, outer, pick);
}

bool load_into(const TensorView& view, MemoryAccess& memory, void* to) {
  const ContiguousRuns runs = contiguous_runs(view);
  const bool near = runs.dimensions > 0 && runs.stride[runs.dimensions - 1] <= kNearBytes;
  return near ? load_near(view, runs, memory, static_cast<std::uint8_t*>(to))
              : load_runs(view, runs, memory, static_cast<std::uint8_t*>(to));
}

std::int16_t extend_int12(std::int16_t lane) {
  return static_cast<std::int16_t>(static_cast<std::int16_t>(static_cast<std::uint16_t>(lane) << 4) >> 4);
}

bool readable_end(const TensorView& view, MemoryAccess& memory) {
  std::uint8_t last = 0;
  return memory.read(view.address + view.span_bytes() - 1, &last, 1);
}

}  // namespace

std::uint64_t ContiguousRuns::runs() const {
  std::uint64_t product = 1;
  for (unsigned i = 0; i < dimensions; ++i) product *= count[i];
  return product;
}

ContiguousRuns contiguous_runs(const TensorView& view) {
  ContiguousRuns runs;
  runs.run_bytes = element_bytes(view.format);
  DIXION_CHECK(runs.run_bytes > 0, format_name(view.format));
  unsigned left = view.rank;
  while (left > 0 && (view.extent[left - 1] == 1 || view.stride[left - 1] == runs.run_bytes)) {
    runs.run_bytes *= view.extent[--left];
  }
  for (unsigned i = 0; i < left; ++i) {
    if (view.extent[i] == 1) continue;
    runs.count[runs.dimensions] = view.extent[i];
    runs.stride[runs.dimensions] = view.stride[i];
    ++runs.dimensions;
  }
  return runs;
}

bool load_bytes(const TensorView& view, MemoryAccess& memory, std::vector<std::uint8_t>& values) {
  // A wild view must fail before memory of its size is asked for.
  if (!readable_end(view, memory)) return false;
  values.resize(view.elements() * element_bytes(view.format));
  return load_into(view, memory, values.data());
}

bool load_values(const TensorView& view, MemoryAccess& memory, std::vector<std::int16_t>& values) {
  if (view.format == DIXION_FORMAT_INT8) {
    std::vector<std::uint8_t> bytes;
    if (!load_bytes(view, memory, bytes)) return false;
    values.resize(bytes.size());
    std::transform(bytes.begin(), bytes.end(), values.begin(),
                   [](std::uint8_t byte) { return static_cast<std::int16_t>(static_cast<std::int8_t>(byte)); });
    return true;
  }
  DIXION_CHECK(view.format == DIXION_FORMAT_INT12 || view.format == DIXION_FORMAT_INT16, format_name(view.format));
  if (!readable_end(view, memory)) return false;
  values.resize(view.elements());
  if (!load_into(view, memory, values.data())) return false;
  if (view.format == DIXION_FORMAT_INT12) std::transform(values.begin(), values.end(), values.begin(), extend_int12);
  return true;
}

bool load_values(const TensorView& view, MemoryAccess& memory, std::vector<std::int32_t>& values) {
  if (view.format == DIXION_FORMAT_INT32) {
    if (!readable_end(view, memory)) return false;
    values.resize(view.elements());
    return load_into(view, memory, values.data());
  }
  std::vector<std::int16_t> narrow;
  if (!load_values(view, memory, narrow)) return false;
  values.assign(narrow.begin(), narrow.end());
  return true;
}

bool store(const Result::Tensor& tensor, MemoryAccess& memory) {
  const ContiguousRuns runs = contiguous_runs(tensor.view);
  DIXION_CHECK(tensor.bytes.size() == runs.runs() * runs.run_bytes, "result and view differ in size");
  const std::uint8_t* from = tensor.bytes.data();
  auto copy = [&](std::uint64_t address) {
    const bool written = memory.write(address, from, runs.run_bytes);
    from += runs.run_bytes;
    return written;
  };
  return for_each_run(tensor.view.address, runs, copy);
}

}  // namespace dixion
