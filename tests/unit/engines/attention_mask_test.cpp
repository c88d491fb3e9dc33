// SPDX-License-Identifier: Apache-2.0
/// Attention that makes a mask and attention under one (docs/numerics.md section 18).
#include "models/common/mask_bits.h"
#include "models/engines/matrix/matrix.h"
#include "models/fast_kernels/fast_kernels.h"
#include "tests/support/engine_bench.h"

namespace dixion::test::attention_mask {
namespace {

using reference::Requant;
using reference::Tensor;

constexpr std::uint32_t kOneShare = 65536;  // threshold of weight 1 / Tk

/// Random operands of one attention.
struct Operands {
  Tensor q, k, v;
  Requant score, output;
  std::size_t keys;
  MaskTile tile;  // elements that share a bit

  explicit Operands(EngineBench& bench) {
    const auto batch = static_cast<std::size_t>(bench.between(1, 2)),
               heads = static_cast<std::size_t>(bench.between(1, 3));
    const auto queries = static_cast<std::size_t>(bench.between(1, 40));
    const bool deep = bench.chance(15);  // scores leave int32
    keys = static_cast<std::size_t>(bench.chance(20) ? bench.between(250, 400) : bench.between(1, 100));
    const auto depth = static_cast<std::size_t>(deep ? bench.between(520, 700) : bench.between(1, 70));
    const std::int32_t range = bench.chance(30) ? 2047 : 300;
    q = bench.tensor({batch, heads, queries, depth}, -range - 1, range);
    k = bench.tensor({batch, heads, keys, depth}, -range - 1, range);
    v = bench.tensor({batch, heads, keys, depth}, -2048, 2047);
    const bool usual = bench.chance(70);
    score = {bench.between(1 << 30, 2147483647), usual ? bench.between(30, 38) : bench.between(0, 62)};
    output = {bench.between(1 << 30, 2147483647), usual ? bench.between(29, 31) : bench.between(0, 62)};
  }

  void draw_tile(EngineBench& bench) {
    const MaskTile tiles[] = {{1, 1}, {1, 16}, {16, 16}};
    tile = tiles[bench.between(0, 2)];
  }
  [[nodiscard]] reference::TileSize tile_size() const { return {tile.rows, tile.keys}; }
  /// Immediate 2; a tile of one element is written as 0 or as 1.
  [[nodiscard]] std::uint32_t shifts() const {
    const std::uint32_t size = keys % 2 == 0 && tile == MaskTile{} ? 0 : tile.rows << 16 | tile.keys << 24;
    return static_cast<std::uint32_t>(score.shift | output.shift << 8) | size;
  }
  [[nodiscard]] std::vector<std::size_t> mask_shape() const {
    return {q.extent[0], q.extent[1], tile.mask_rows(q.extent[2]), mask_words(tile.row_bits(keys))};
  }
  [[nodiscard]] Tensor filled_mask(std::int32_t word) const {
    Tensor mask(mask_shape());
    std::fill(mask.values.begin(), mask.values.end(), word);
    return mask;
  }
};

std::vector<std::int32_t> words_at(EngineBench& bench, TensorView view) {
  view.format = DIXION_FORMAT_INT32;
  return bench.fetch(view);
}

struct Outcome {
  std::vector<std::int32_t> dst, mask;
  std::uint64_t saturations;
};

Command mark_command(EngineBench& bench, const Operands& o, std::uint32_t threshold) {
  return bench.command(DIXION_OPCODE_ATTENTION_MARK,
                       {bench.place(o.q, 4, DIXION_FORMAT_INT12), bench.place(o.k, 4, DIXION_FORMAT_INT12),
                        bench.place(o.v, 4, DIXION_FORMAT_INT12), bench.layout(o.q, 4, DIXION_FORMAT_INT12),
                        bench.layout(Tensor(o.mask_shape()), 4, DIXION_FORMAT_UINT32)},
                       {static_cast<std::uint32_t>(o.score.multiplier), static_cast<std::uint32_t>(o.output.multiplier),
                        o.shifts(), threshold});
}

Outcome mark(EngineBench& bench, const Operands& o, std::uint32_t threshold) {
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const Command command = mark_command(bench, o, threshold);
  Outcome outcome;
  outcome.saturations = bench.run(engine, command);
  outcome.dst = bench.fetch(command.operands[3]);
  outcome.mask = words_at(bench, command.operands[4]);
  return outcome;
}

Command masked_command(EngineBench& bench, const Operands& o, const Tensor& mask) {
  return bench.command(
      DIXION_OPCODE_ATTENTION_MASKED,
      {bench.place(o.q, 4, DIXION_FORMAT_INT12), bench.place(o.k, 4, DIXION_FORMAT_INT12),
       bench.place(o.v, 4, DIXION_FORMAT_INT12), bench.place(mask, 4, DIXION_FORMAT_UINT32),
       bench.layout(o.q, 4, DIXION_FORMAT_INT12)},
      {static_cast<std::uint32_t>(o.score.multiplier), static_cast<std::uint32_t>(o.output.multiplier), o.shifts()});
}

Outcome masked(EngineBench& bench, const Operands& o, const Tensor& mask) {
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const Command command = masked_command(bench, o, mask);
  Outcome outcome;
  outcome.saturations = bench.run(engine, command);
  outcome.dst = bench.fetch(command.operands[4]);
  return outcome;
}

/// A mask of this density in percent; rows that would be empty keep one key. Bits behind the last key are garbage.
Tensor random_mask(EngineBench& bench, const Operands& o, int percent) {
  Tensor mask(o.mask_shape());
  const std::size_t keys = o.tile.row_bits(o.keys), words = mask_words(keys), rows = mask.values.size() / words;
  for (std::size_t row = 0; row < rows; ++row) {
    auto* bits = reinterpret_cast<std::uint32_t*>(mask.values.data() + row * words);
    for (std::size_t j = 0; j < words * 32; ++j) {
      if (bench.chance(percent)) bits[j / 32] |= 1U << j % 32;
    }
    const auto always = static_cast<std::size_t>(bench.between(0, static_cast<std::int32_t>(keys) - 1));
    if (kept_keys(bits, keys) == 0) bits[always / 32] |= 1U << always % 32;
  }
  return mask;
}

void marking_equals_the_reference(EngineBench& bench) {
  Operands o(bench);
  o.draw_tile(bench);
  const std::uint32_t thresholds[] = {0, 1, 6554, 32768, kOneShare, 40 * kOneShare, 0xffffffffU};
  const std::uint32_t threshold = thresholds[bench.between(0, 6)];
  Tensor expected_mask;
  const Tensor expected = attention_mark(o.q, o.k, o.v, o.score, o.output, threshold, expected_mask, o.tile_size());
  const Outcome outcome = mark(bench, o, threshold);
  EXPECT_EQ(outcome.dst, expected.values);
  EXPECT_EQ(outcome.mask, expected_mask.values);
  EXPECT_EQ(outcome.saturations, expected.saturated);
  const Tensor dense = attention(o.q, o.k, o.v, o.score, o.output);
  EXPECT_EQ(outcome.dst, dense.values);
}

void masked_equals_the_reference(EngineBench& bench) {
  Operands o(bench);
  o.draw_tile(bench);
  const Tensor mask = random_mask(bench, o, bench.between(0, 90));
  const Tensor expected = attention_masked(o.q, o.k, o.v, mask, o.score, o.output, o.tile_size());
  const Outcome outcome = masked(bench, o, mask);
  EXPECT_EQ(outcome.dst, expected.values);
  EXPECT_EQ(outcome.saturations, expected.saturated);
}

void thresholds_that_keep_everything_give_the_dense_result(EngineBench& bench) {
  Operands o(bench);
  o.draw_tile(bench);
  const Tensor dense = attention(o.q, o.k, o.v, o.score, o.output);
  const Outcome marked = mark(bench, o, 0);
  for (const Tensor& mask : {Tensor(o.mask_shape(), marked.mask), o.filled_mask(-1)}) {
    const Outcome outcome = masked(bench, o, mask);
    EXPECT_EQ(outcome.dst, dense.values);
    EXPECT_EQ(outcome.saturations, dense.saturated);
  }
}

TEST(AttentionMask, MarkingEqualsTheReferenceAndLeavesAttentionAsItIs) { over_seeds(60, marking_equals_the_reference); }
TEST(AttentionMask, AttentionUnderAMaskEqualsTheReference) { over_seeds(60, masked_equals_the_reference); }
TEST(AttentionMask, ThresholdZeroAndAMaskOfOnesGiveTheDenseResult) {
  over_seeds(30, thresholds_that_keep_everything_give_the_dense_result);
}

/// One query, keys with weights 4095, 4095, about half of it, and nothing.
Operands four_keys() {
  EngineBench unused(1);
  Operands o(unused);
  o.keys = 4;
  o.q = Tensor({1, 1, 1, 1}, {1});
  o.k = Tensor({1, 1, 4, 1}, {0, 0, -1, -30});
  o.v = Tensor({1, 1, 4, 1}, {100, 100, 400, 2000});
  o.score = {1 << 16, 0};
  o.output = {1 << 30, 30};
  return o;
}

TEST(AttentionMask, TheThresholdIsAStrictBoundOnTheShareTimesKeys) {
  // e = 4095, 4095, 2048, 0; L = 10238. Key 2 has e * Tk * 2^16 = 536870912, tau * L meets it at 52439.04...
  const Operands o = four_keys();
  EngineBench bench(1);
  EXPECT_EQ(mark(bench, o, 52439).mask[0], 0b0111);
  EXPECT_EQ(mark(bench, o, 52440).mask[0], 0b0011);
  // Keys 0 and 1: 1073479680 / 10238 = 104852.4...; then only the first maximum is left.
  EXPECT_EQ(mark(bench, o, 104852).mask[0], 0b0011);
  EXPECT_EQ(mark(bench, o, 104853).mask[0], 0b0001);
}

TEST(AttentionMask, EqualKeysHaveNoMoreThanTheirShare) {
  Operands o = four_keys();
  o.k = Tensor({1, 1, 4, 1}, {7, 7, 7, 7});
  EngineBench bench(1);
  EXPECT_EQ(mark(bench, o, kOneShare).mask[0], 0b0001);
  EXPECT_EQ(mark(bench, o, kOneShare - 1).mask[0], 0b1111);
}

TEST(AttentionMask, WeightsOfKeptKeysAddUpToOneAgain) {
  const Operands o = four_keys();
  EngineBench bench(1);
  EXPECT_EQ(masked(bench, o, Tensor({1, 1, 1, 1}, {0b0101})).dst[0], (100 * 4095 + 400 * 2048 + 3071) / 6143);
  EXPECT_EQ(masked(bench, o, Tensor({1, 1, 1, 1}, {0b1000})).dst[0], 2000);
  EXPECT_EQ(masked(bench, o, Tensor({1, 1, 1, 1}, {0b1100})).dst[0], 400);
}

TEST(AttentionMask, ARowThatKeepsNothingIsTheGuestsMistake) {
  EngineBench bench(5);
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  Operands o(bench);
  o.keys = 40;
  o.q = bench.tensor({2, 3, 4, 8}, -5, 5);
  o.k = o.v = bench.tensor({2, 3, 40, 8}, -5, 5);
  Tensor mask = o.filled_mask(-1);
  const std::size_t row = 17;
  mask.values[2 * row] = 0;
  mask.values[2 * row + 1] = 1 << 7;
  Result result;
  EXPECT_FALSE(engine.execute(masked_command(bench, o, mask), bench.memory, result));
  mask.values[2 * row + 1] = ~0xff;  // keys 40 to 63 do not exist
  result = {};
  const CommandError error = engine.execute(masked_command(bench, o, mask), bench.memory, result);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 3U);
  EXPECT_EQ(error.value, row);
  EXPECT_EQ(error.expected, "a kept key in every row; none in row 17");
}

TEST(AttentionMask, ATileIsMarkedIfAnyOfItsElementsIs) {
  EngineBench bench(7);
  Operands o(bench);
  o.keys = 40;
  o.q = bench.tensor({1, 1, 20, 4}, -300, 300);
  o.k = o.v = bench.tensor({1, 1, 40, 4}, -300, 300);
  o.score = {1 << 30, 32};
  const std::vector<std::int32_t> elements = mark(bench, o, 2 * kOneShare).mask;
  for (const MaskTile tile : {MaskTile{1, 16}, MaskTile{16, 16}}) {
    o.tile = tile;
    const std::vector<std::int32_t> tiles = mark(bench, o, 2 * kOneShare).mask;
    std::vector<std::int32_t> expected(tile.mask_rows(20), 0);
    for (std::size_t i = 0; i < 20; ++i) {
      for (std::size_t j = 0; j < 40; ++j) {
        if ((elements[2 * i + j / 32] >> j % 32 & 1) != 0) expected[i / tile.rows] |= 1 << j / tile.keys;
      }
    }
    EXPECT_EQ(tiles, expected);
  }
}

TEST(AttentionMask, TilesThatAreNoneAndMasksOfAnotherShapeAreRefused) {
  EngineBench bench(8);
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  Operands o(bench);
  o.keys = 600;
  o.q = bench.tensor({1, 2, 40, 4}, -5, 5);
  o.k = o.v = bench.tensor({1, 2, 600, 4}, -5, 5);
  const auto refusal = [&](const MaskTile& tile, std::vector<std::size_t> shape) {
    o.tile = tile;
    return engine.check(masked_command(bench, o, Tensor(std::move(shape))));
  };
  EXPECT_FALSE(refusal({16, 16}, {1, 2, 3, 2}));
  EXPECT_FALSE(refusal({1, 16}, {1, 2, 40, 2}));
  EXPECT_FALSE(refusal({1, 1}, {1, 2, 40, 19}));
  EXPECT_EQ(refusal({16, 16}, {1, 2, 40, 19}).field, DIXION_FIELD_OPERAND0 + 3U);
  EXPECT_EQ(refusal({16, 16}, {1, 2, 2, 2}).field, DIXION_FIELD_OPERAND0 + 3U);
  EXPECT_EQ(refusal({1, 16}, {1, 2, 40, 1}).field, DIXION_FIELD_OPERAND0 + 3U);
  for (const MaskTile tile : {MaskTile{16, 1}, MaskTile{2, 2}, MaskTile{1, 32}}) {
    const CommandError error = refusal(tile, {1, 2, 40, 19});
    EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_IMMEDIATE);
    EXPECT_EQ(error.field, DIXION_FIELD_IMMEDIATE0 + 2U);
  }
}

TEST(AttentionMask, TheWorkCountsElementsNotTiles) {
  EngineBench bench(10);
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  Operands o(bench);
  o.keys = 40;
  o.q = bench.tensor({1, 1, 20, 4}, -5, 5);
  o.k = o.v = bench.tensor({1, 1, 40, 4}, -5, 5);
  o.tile = {16, 16};
  // 16 queries keep the first tile; 4 keep the last, which has 8 keys, and the bit behind it does not count.
  Result used;
  ASSERT_FALSE(engine.execute(masked_command(bench, o, Tensor({1, 1, 2, 1}, {0b1, 0b1100})), bench.memory, used));
  EXPECT_EQ(used.demand->mask.elements, 20U * 40);
  EXPECT_EQ(used.demand->mask.kept, 16U * 16 + 4 * 8);
  EXPECT_EQ(used.demand->mask.macs_marked, 2U * 4 * (20 * 40 - 16 * 16 - 4 * 8));
}

TEST(AttentionMask, TheWorkCountsWhatTheMaskKeeps) {
  EngineBench bench(9);
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const Operands o = four_keys();
  Result marked, used;
  ASSERT_FALSE(engine.execute(mark_command(bench, o, 52439), bench.memory, marked));
  ASSERT_TRUE(marked.demand);
  EXPECT_EQ(marked.demand->macs, 8U);
  EXPECT_EQ(marked.demand->mask.elements, 4U);
  EXPECT_EQ(marked.demand->mask.kept, 3U);
  EXPECT_EQ(marked.demand->mask.macs_marked, 0U);
  ASSERT_FALSE(engine.execute(masked_command(bench, o, Tensor({1, 1, 1, 1}, {0b0111})), bench.memory, used));
  ASSERT_TRUE(used.demand);
  EXPECT_EQ(used.demand->macs, 8U);
  EXPECT_EQ(used.demand->mask.elements, 4U);
  EXPECT_EQ(used.demand->mask.kept, 3U);
  EXPECT_EQ(used.demand->mask.macs_marked, 2U);
}

}  // namespace
}  // namespace dixion::test::attention_mask
