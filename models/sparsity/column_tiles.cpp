// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/column_tiles.h"

#include <algorithm>
#include <limits>

#include "models/common/mask_bits.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"

namespace dixion {
namespace {

/// Elements one behind the other from `address` on.
TensorView contiguous(const TensorView& like, std::uint64_t address, std::uint64_t elements) {
  TensorView view;
  view.address = address;
  view.format = like.format;
  view.rank = 1;
  view.extent[0] = static_cast<std::uint32_t>(elements);
  view.stride[0] = element_bytes(like.format);
  return view;
}

}  // namespace

TileShape column_tile_shape(std::uint64_t batch, std::uint64_t rows, std::uint64_t columns, std::uint64_t grid_width) {
  return {batch, rows, columns, kLanes, grid_width};
}

std::uint64_t column_elements(const std::vector<TileWork>& tiles) {
  std::uint64_t elements = 0;
  for (const TileWork& tile : tiles) elements += tile.used_columns * tile.tokens;
  return elements;
}

void check_column_tensor(CommandCheck& check, const Command& command, unsigned operand) {
  const TensorView& view = command.operands[operand];
  const std::uint32_t field = DIXION_FIELD_OPERAND0 + operand;
  check.rank(operand, 3, 3);
  if (check.error()) return;
  check.require(view.elements() <= std::numeric_limits<std::uint32_t>::max(), DIXION_CAUSE_BAD_SHAPE, field,
                view.elements(), "fewer than 2^32 elements by tiles' columns");
  std::uint64_t stride = element_bytes(view.format);
  for (const unsigned d : {2U, 1U}) {
    check.require(view.extent[d] == 1 || view.stride[d] == stride, DIXION_CAUSE_BAD_DESCRIPTOR, field, view.stride[d],
                  "a stride of " + std::to_string(stride) + " in dimension " + std::to_string(d) +
                      ": a sample by tiles' columns has no gaps");
    stride *= view.extent[d];
  }
}

void set_column_traffic(Demand& demand, unsigned operand, std::uint64_t elements) {
  const auto transfer = std::find_if(demand.transfers.begin(), demand.transfers.end(),
                                     [&](const Transfer& each) { return each.operand == operand; });
  if (elements == 0) {
    demand.transfers.erase(transfer);
  } else {
    transfer->view = contiguous(transfer->view, transfer->view.address, elements);
  }
}

ColumnTiles::ColumnTiles(const std::uint32_t* mask, std::uint64_t batch, std::uint64_t rows, std::uint64_t columns,
                         std::uint64_t grid_width)
    : rows_(rows), columns_(columns), rows_of_tile_(tile_rows(column_tile_shape(batch, rows, columns, grid_width))) {
  const std::size_t words = mask_words(columns);
  std::vector<std::uint32_t> any(words);
  for (std::uint64_t sample = 0; sample < batch; ++sample) {
    for (std::uint64_t number = 0; number < rows_of_tile_.size(); ++number) {
      std::fill(any.begin(), any.end(), 0);
      for (const std::uint32_t row : rows_of_tile_[number]) {
        const std::uint32_t* bits = mask + (sample * rows + row) * words;
        for (std::size_t w = 0; w < words; ++w) any[w] |= bits[w];
      }
      Tile& tile = tiles_.emplace_back(Tile{sample, number, {}});
      for_each_kept(any.data(), columns,
                    [&](std::size_t column) { tile.columns.push_back(static_cast<std::uint32_t>(column)); });
      elements_ += elements_of(tile);
    }
  }
}

std::vector<std::uint64_t> ColumnTiles::tile_elements() const {
  std::vector<std::uint64_t> elements;
  for (const Tile& tile : tiles_) elements.push_back(elements_of(tile));
  return elements;
}

TensorView ColumnTiles::part(const TensorView& tensor, const Tile& tile, std::uint64_t shares) const {
  const std::uint64_t row_bytes = tensor.extent[2] * std::uint64_t{element_bytes(tensor.format)};
  const std::uint64_t address = tensor.address + tile.sample * tensor.stride[0] + tile.number * kLanes * row_bytes;
  return contiguous(tensor, address, shares * elements_of(tile));
}

template <typename Value>
bool ColumnTiles::load(const TensorView& tensor, std::uint64_t shares, MemoryAccess& memory,
                       std::vector<Value>& values) const {
  values.clear();
  values.reserve(elements(shares));
  std::vector<Value> part_values;
  for (const Tile& tile : tiles_) {
    if (tile.columns.empty()) continue;
    if (!load_values(part(tensor, tile, shares), memory, part_values)) return false;
    values.insert(values.end(), part_values.begin(), part_values.end());
  }
  return true;
}

template bool ColumnTiles::load(const TensorView&, std::uint64_t, MemoryAccess&, std::vector<std::int16_t>&) const;
template bool ColumnTiles::load(const TensorView&, std::uint64_t, MemoryAccess&, std::vector<std::int32_t>&) const;

void ColumnTiles::add_results(Result& result, const TensorView& tensor, std::uint64_t shares,
                              const std::vector<std::uint8_t>& bytes) const {
  auto from = bytes.begin();
  for (const Tile& tile : tiles_) {
    if (tile.columns.empty()) continue;
    Result::Tensor& written = add_result(result, part(tensor, tile, shares));
    const auto length = static_cast<std::ptrdiff_t>(written.bytes.size());
    std::copy(from, from + length, written.bytes.begin());
    from += length;
  }
}

}  // namespace dixion
