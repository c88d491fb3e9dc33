// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cycle_reference/comparison.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace dixion::test {
namespace {

AcceleratorConfig exion(const char* map, unsigned banks = 16, unsigned word_bytes = 32) {
  AcceleratorConfig config;
  config.core_sram_map = map;
  config.core_sram_banks = banks;
  config.core_sram_word_bytes = word_bytes;
  return config;
}

AcceleratorConfig disc(const char* map, unsigned banks = 64, unsigned word_bytes = 144) {
  AcceleratorConfig config = exion(map, banks, word_bytes);
  config.array_rows = 64;
  config.array_columns = 9;
  config.dot_length = 8;
  config.core_sram_bytes = 387072;
  return config;
}

AcceleratorConfig with_masks(AcceleratorConfig config, std::vector<std::uint64_t> masks) {
  config.core_sram_map = "matrix";
  config.core_sram_masks = std::move(masks);
  return config;
}

}  // namespace

std::vector<ComparedArray> conflict_free_arrays() {
  return {{"exion, interleave", exion("interleave")},
          {"exion, ipoly", exion("ipoly")},
          {"exion, prime", exion("prime")},
          {"disc, xor", disc("xor")},
          {"disc, ipoly", disc("ipoly")},
          {"dixion, xor", exion("xor", 64, 128)}};
}

std::vector<ComparedArray> conflicting_arrays() {
  return {{"exion, xor", exion("xor")},
          {"exion, interleave, 8 banks", exion("interleave", 8)},
          {"exion, ipoly, 8 banks", exion("ipoly", 8)},
          {"exion, interleave, 16 banks of 31 bytes", exion("interleave", 16, 31)},
          {"exion, bank = word / 4", with_masks(exion("interleave"), {4, 8, 16, 32})},
          {"exion, bank = word / 32", with_masks(exion("interleave"), {32, 64, 128, 256})},
          {"exion, bank = word / 64", with_masks(exion("interleave"), {64, 128, 256, 512})},
          {"disc, interleave, 16 banks of 32 bytes", disc("interleave", 16, 32)},
          {"disc, bank = word / 16", with_masks(disc("interleave"), {16, 32, 64, 128, 256, 512})}};
}

std::vector<MatmulShape> compared_shapes(const AcceleratorConfig& config) {
  const std::uint64_t r = config.array_rows;
  const std::uint64_t c = config.array_columns;
  const std::uint64_t l = config.dot_length;
  std::vector<MatmulShape> shapes;
  const auto add = [&](std::uint64_t rows, std::uint64_t columns, std::uint64_t depth, unsigned weight_bytes) {
    MatmulShape shape;
    shape.rows = rows;
    shape.columns = columns;
    shape.depth = depth;
    shape.weight_bytes = weight_bytes;
    shapes.push_back(shape);
  };
  for (const unsigned bytes : {1U, 2U}) {
    for (const std::uint64_t rows : {std::uint64_t{1}, r - 1, r, r + 1, 3 * r}) {
      for (const std::uint64_t columns : {std::uint64_t{1}, c - 1, c, c + 1, 4 * c}) {
        for (const std::uint64_t depth : {std::uint64_t{1}, l, l + 1, 17 * l - 1, 17 * l})
          add(rows, columns, depth, bytes);
      }
    }
    for (const std::uint64_t depth : {72U, 320U, 1152U}) add(2 * r, 3 * c, depth, bytes);
    add(1, c, 281, bytes);
    add(2 * r, 2 * c, 4608, bytes);
    add(12 * r, 12 * c, 72 * l, bytes);  // 10,368 steps: the closed form looks at the first 4,096
  }
  return shapes;
}

Compared compare(const AcceleratorConfig& config, OperandDelivery& delivery, const MatmulShape& shape) {
  const MatmulTiming timing = matmul_timing(config, delivery, shape, DIXION_SPLIT_ROWS, 1);
  Compared result;
  result.closed_form = timing.compute;
  result.closed_drain = timing.drain;
  result.bank = timing.bank;

  // The side that stays is cut into the passes; whole tiles, the larger shares first.
  const bool weights_pass = timing.src_passes == 1;
  const std::uint64_t lanes = weights_pass ? config.array_rows : config.array_columns;
  const std::uint64_t staying = weights_pass ? shape.rows : shape.columns;
  const std::uint64_t tiles = (staying + lanes - 1) / lanes;
  const std::uint64_t passes = std::min<std::uint64_t>(tiles, std::max(timing.src_passes, timing.weight_passes));
  std::uint64_t begin = 0;
  for (std::uint64_t pass = 0; pass < passes; ++pass) {
    const std::uint64_t end = std::min(staying, begin + (tiles / passes + (pass < tiles % passes ? 1 : 0)) * lanes);
    ReferenceProduct product{shape.rows, shape.columns, shape.depth, shape.weight_bytes, weights_pass, shape.dst_bytes,
                             1};
    (weights_pass ? product.rows : product.columns) = end - begin;
    const ReferenceCycles cycles = run_reference(config, product);
    result.reference += cycles.compute;
    result.waits += cycles.waits;
    begin = end;
  }
  result.reference_drain = run_reference(config, {std::min<std::uint64_t>(shape.rows, config.array_rows),
                                                  std::min<std::uint64_t>(shape.columns, config.array_columns), 1, 1,
                                                  true, shape.dst_bytes, 1})
                               .drain;
  return result;
}

std::string error_row(const ComparedArray& array) {
  OperandDelivery delivery(array.config);
  unsigned shapes = 0;
  unsigned waiting = 0;
  double slowest = 0;
  double lowest = 0;
  double highest = 0;
  for (const MatmulShape& shape : compared_shapes(array.config)) {
    const Compared compared = compare(array.config, delivery, shape);
    ++shapes;
    waiting += compared.waits != 0 ? 1 : 0;
    slowest = std::max(slowest, 100.0 * static_cast<double>(compared.waits) / static_cast<double>(compared.reference));
    lowest = std::min(lowest, compared.error());
    highest = std::max(highest, compared.error());
  }
  std::array<char, 200> text{};
  (void)std::snprintf(text.data(), text.size(), "| %s | %u | %u | %.1f %% | %.2f %% | %.2f %% |", array.name.c_str(),
                      shapes, waiting, slowest, lowest, highest);
  return text.data();
}

}  // namespace dixion::test
