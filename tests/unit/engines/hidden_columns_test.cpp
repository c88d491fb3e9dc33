// SPDX-License-Identifier: Apache-2.0
/// Hidden tensors by tiles' columns (docs/programming_model.md): values against the scalar reference, what is touched
/// of memory, traffic and cycles.
#include <algorithm>
#include <cmath>
#include <map>

#include "models/engines/matrix/matrix.h"
#include "models/engines/vector/vector.h"
#include "models/engines/vector/vector_timing.h"
#include "models/fast_kernels/fast_kernels.h"
#include "models/sparsity/sparsity_controller.h"
#include "tests/support/reference/hidden_layout.h"
#include "tests/support/refusals.h"
#include "tests/unit/engines/masked_matmul_bench.h"

namespace dixion::test::hidden_columns {
namespace {

using reference::hidden_places;
using reference::HiddenPlace;

constexpr std::uint8_t kPoison = 0x7e;  // as INT12 the value would be -386, as INT16 and INT32 a large one

/// Memory that knows which bytes may be read.
class WatchedMemory final : public MemoryAccess {
 public:
  explicit WatchedMemory(FlatMemory& memory) : memory_(memory) {}
  /// Reads inside [begin, end) must keep to what allow() names.
  void watch(std::uint64_t begin, std::uint64_t end) { watched_.emplace_back(begin, end); }
  void allow(std::uint64_t address, std::uint64_t bytes) {
    for (std::uint64_t i = 0; i < bytes; ++i) allowed_[address + i] = true;
  }
  [[nodiscard]] bool read(std::uint64_t address, void* destination, std::size_t length) override {
    for (const auto& [begin, end] : watched_) {
      for (std::uint64_t at = std::max(address, begin); at < std::min(address + length, end); ++at)
        wrong_ += allowed_.contains(at) ? 0 : 1;
    }
    return memory_.read(address, destination, length);
  }
  [[nodiscard]] bool write(std::uint64_t address, const void* source, std::size_t length) override {
    return memory_.write(address, source, length);
  }
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

 private:
  FlatMemory& memory_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> watched_;
  std::map<std::uint64_t, bool> allowed_;
  std::uint64_t wrong_ = 0;
};

/// A hidden tensor [batch, rows, columns] of which nothing but needed elements may be looked at.
struct Hidden {
  TensorView view;
  std::vector<HiddenPlace> places;

  Hidden(EngineBench& bench, const Tensor& mask, std::size_t columns, std::size_t bits, std::size_t width,
         dixion_format format)
      : places(hidden_places(mask, columns, bits, width)) {
    const auto batch = static_cast<std::uint32_t>(mask.extent[1]), rows = static_cast<std::uint32_t>(mask.extent[2]);
    view = dense_view(format, {batch, rows, static_cast<std::uint32_t>(columns)}, 0);
    if (bench.chance(50)) view.stride[0] += 64;  // samples may lie apart
    view.address = bench.memory.allocate(view.span_bytes());
    const std::vector<std::uint8_t> poison(view.span_bytes(), kPoison);
    EXPECT_TRUE(bench.memory.write(view.address, poison.data(), poison.size()));
  }
  [[nodiscard]] std::uint64_t width() const { return element_bytes(view.format); }
  [[nodiscard]] std::uint64_t address(const HiddenPlace& place) const {
    return view.address + place.sample * view.stride[0] + place.position * width();
  }
  [[nodiscard]] std::uint64_t payload() const { return places.size() * width(); }

  void put(EngineBench& bench, const Tensor& values) const {
    for (const HiddenPlace& place : places) {
      const std::int32_t value = values.at(0, place.sample, place.token, place.column);
      EXPECT_TRUE(bench.memory.write(address(place), &value, width()));
    }
  }
  void watch(WatchedMemory& memory) const {
    memory.watch(view.address, view.address + view.span_bytes());
    for (const HiddenPlace& place : places) memory.allow(address(place), width());
  }
  /// Every place holds what `expected` has there, every other byte is as it was.
  void expect(EngineBench& bench, const Tensor& expected) const {
    std::vector<std::uint8_t> content(view.span_bytes(), kPoison), actual(content.size());
    for (const HiddenPlace& place : places) {
      const std::int32_t value = expected.at(0, place.sample, place.token, place.column);
      std::memcpy(content.data() + (address(place) - view.address), &value, width());
    }
    EXPECT_TRUE(bench.memory.read(view.address, actual.data(), actual.size()));
    EXPECT_EQ(actual, content);
  }
};

std::uint64_t bytes_of(const Demand& demand, unsigned operand) {
  std::uint64_t bytes = 0;
  for (const Transfer& transfer : demand.transfers) {
    if (transfer.operand == operand) bytes += transfer.view.payload_bytes() * transfer.passes;
  }
  return bytes;
}

struct Ran {
  Demand demand;
  std::uint64_t saturations = 0;
};

/// As the execution unit does; `read` holds what must not be looked at.
Ran run(EngineBench& bench, Engine& engine, const Command& command, const Hidden* read = nullptr) {
  WatchedMemory memory(bench.memory);
  if (read != nullptr) read->watch(memory);
  const CommandError wrong = engine.check(command);
  EXPECT_FALSE(wrong) << wrong.expected << ", got " << wrong.value;
  Result result;
  const CommandError failed = engine.execute(command, memory, result);
  EXPECT_FALSE(failed) << failed.expected << ", got " << failed.value;
  for (const Result::Tensor& tensor : result.tensors) EXPECT_TRUE(store(tensor, memory));
  EXPECT_EQ(memory.wrong(), 0U) << "bytes of columns that no token of a tile needs";
  return {result.demand.value_or(Demand{}), result.saturations};
}

/// None, all, few or many bits; a width for patches where there are whole rows of 8.
struct Case {
  Tensor mask;
  std::size_t bits;
  std::uint32_t width;
  Case(EngineBench& bench, std::size_t batch, std::size_t rows, std::size_t columns)
      : bits(columns), width(rows % 8 == 0 && bench.chance(70) ? 8 : 0) {
    const int percents[] = {0, 2, 10, 50, 100};
    mask = random_mask(bench, batch, rows, columns, percents[bench.between(0, 4)]);
  }
};

void masked_product_equals_the_reference(EngineBench& bench) {
  const Operands o(bench);
  const std::uint32_t shares = bench.chance(50) ? 2 : 1;
  const Case c(bench, o.batch, o.rows, o.columns / shares);
  const Hidden dst(bench, c.mask, o.columns, c.bits, c.width, o.format);
  const Tensor expected = product_masked(o.src, o.weight, o.biases(), o.factors, c.mask, shares, bits_of(o.format));

  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const TensorView mask = bench.place(c.mask, 3, DIXION_FORMAT_UINT32);
  TensorView schedule;
  std::uint32_t settings = c.width << 16;
  if (bench.chance(50)) {
    const auto tiles = static_cast<std::uint32_t>((o.rows + 15) / 16), blocks = static_cast<std::uint32_t>(c.bits / 16);
    settings |= 3;
    schedule =
        dense_view(DIXION_FORMAT_UINT32, {static_cast<std::uint32_t>(o.batch), tiles, 16 + 64 * (blocks + 1)}, 0);
    schedule.address = bench.memory.allocate(schedule.span_bytes());
    SparsityController controller(AcceleratorConfig{});
    run(bench, controller,
        bench.command(DIXION_OPCODE_CONMERGE_BUILD, {mask, schedule}, {static_cast<std::uint32_t>(c.bits), settings}));
  }
  Command command = masked_command(bench, o, mask, shares, schedule, settings | 0x100);
  command.operands[6] = dst.view;
  const Ran ran = run(bench, engine, command);
  dst.expect(bench, expected);
  EXPECT_EQ(ran.saturations, expected.saturated);
  EXPECT_EQ(bytes_of(ran.demand, 6), dst.payload());
  EXPECT_EQ(bytes_of(ran.demand, 4), schedule ? 0 : 4 * c.mask.size());  // records say what the array needs
}
TEST(HiddenColumns, MaskedProductsEqualTheReference) { over_seeds(80, masked_product_equals_the_reference); }

void resumed_product_equals_the_reference(EngineBench& bench) {
  const Operands o(bench, bench.chance(10));
  const Case c(bench, o.batch, o.rows, o.depth);
  const Hidden src(bench, c.mask, o.depth, c.bits, c.width, DIXION_FORMAT_INT12);
  src.put(bench, o.src);
  const Tensor sums = bench.tensor({o.batch, o.rows, o.columns}, -2147483647 - 1, 2147483647);
  const Tensor expected = product_resume(o.src, o.weight, o.factors, c.mask, sums, bits_of(o.format));

  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const Common common(bench, o);
  const TensorView dst = bench.layout(o.result(), 3, o.format);
  const Command command =
      bench.command(DIXION_OPCODE_MATMUL_RESUME,
                    {src.view, common.weight, common.table, bench.place(c.mask, 3, DIXION_FORMAT_UINT32),
                     bench.place(sums, 3, DIXION_FORMAT_INT32), dst},
                    {multiplier(o), shift(o), c.width, 1});
  const Ran ran = run(bench, engine, command, &src);
  EXPECT_EQ(bench.fetch(dst), expected.values);
  EXPECT_EQ(ran.saturations, expected.saturated);
  EXPECT_EQ(bytes_of(ran.demand, 0), src.payload());
  EXPECT_EQ(bytes_of(ran.demand, 4), 4 * sums.size());  // every token has a result
}
TEST(HiddenColumns, ResumedProductsEqualTheReference) { over_seeds(80, resumed_product_equals_the_reference); }

constexpr Requant kInput{3 << 20, 10}, kOutput{1 << 21, 28};

void activation_equals_the_reference(EngineBench& bench) {
  const auto extent = [&](int most) { return static_cast<std::size_t>(bench.between(1, most)); };
  const std::size_t batch = extent(3), rows = extent(50), columns = extent(120);
  const std::uint8_t codes[] = {DIXION_OPCODE_GELU, DIXION_OPCODE_GELU_TANH, DIXION_OPCODE_GEGLU};
  const std::uint8_t code = codes[bench.between(0, 2)];
  const std::size_t shares = code == DIXION_OPCODE_GEGLU ? 2 : 1;
  const dixion_format formats[] = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
  const dixion_format from = formats[bench.between(0, 2)], to = formats[bench.between(0, 2)];
  const Case c(bench, batch, rows, columns);
  const Hidden src(bench, c.mask, shares * columns, columns, c.width, from);
  const Hidden dst(bench, c.mask, columns, columns, c.width, to);

  // What has no place counts as 0, of which an activation makes 0 without saturating.
  const Bounds bounds = bounds_of(from);
  const Tensor all = bench.tensor({batch, rows, shares * columns}, bounds.low, bounds.high);
  Tensor needed({batch, rows, shares * columns});
  for (const HiddenPlace& place : src.places) {
    const std::size_t i = (place.sample * rows + place.token) * shares * columns + place.column;
    needed.values[i] = all.values[i];
  }
  src.put(bench, needed);
  const Tensor expected = shares == 2 ? geglu(needed, kInput, kOutput, bits_of(to))
                                      : activation(code == DIXION_OPCODE_GELU ? reference::Activation::kGelu
                                                                              : reference::Activation::kGeluTanh,
                                                   needed, kInput, kOutput, bits_of(to));
  VectorEngine engine(AcceleratorConfig{}, portable_kernels());
  Command command =
      bench.command(code, {src.view, dst.view, bench.place(c.mask, 3, DIXION_FORMAT_UINT32)},
                    {static_cast<std::uint32_t>(kInput.multiplier), static_cast<std::uint32_t>(kInput.shift),
                     static_cast<std::uint32_t>(kOutput.multiplier), kOutput.shift | c.width << 16});
  command.cores = 0b111;
  const Ran ran = run(bench, engine, command, &src);
  dst.expect(bench, expected);
  EXPECT_EQ(ran.saturations, expected.saturated);
  EXPECT_EQ(bytes_of(ran.demand, 0), src.payload());
  EXPECT_EQ(bytes_of(ran.demand, 1), dst.payload());
  EXPECT_EQ(bytes_of(ran.demand, 2), 4 * c.mask.size());
  const std::uint64_t lanes = 3 * AcceleratorConfig{}.vector_lanes;
  EXPECT_EQ(ran.demand.compute, (src.places.size() + lanes - 1) / lanes + kVectorPipeline);
}
TEST(HiddenColumns, ActivationsEqualTheReference) { over_seeds(120, activation_equals_the_reference); }

/// Product, activation, product: by rows, by tiles' columns.
void a_network_gives_the_same_in_both_layouts(EngineBench& bench) {
  Operands o(bench);
  o.format = DIXION_FORMAT_INT12;
  const bool all = bench.chance(30);
  const Case c(bench, o.batch, o.rows, o.columns);
  const Tensor marks = all ? random_mask(bench, o.batch, o.rows, o.columns, 100) : c.mask;
  const TensorView mask = bench.place(marks, 3, DIXION_FORMAT_UINT32);
  const Tensor second = bench.tensor({20, o.columns}, -128, 127);
  const TensorView weight = bench.place(second, 2, DIXION_FORMAT_INT8);
  const Tensor partial = bench.tensor({o.batch, o.rows, 20}, -100000, 100000);
  const TensorView sums = bench.place(partial, 3, DIXION_FORMAT_INT32);
  MatrixEngine matrix(AcceleratorConfig{}, fast_kernels());
  VectorEngine vector(AcceleratorConfig{}, fast_kernels());
  const auto factor = [](const Requant& value) { return static_cast<std::uint32_t>(value.multiplier); };
  std::vector<std::int32_t> results[2];
  std::uint64_t saturations[2] = {0, 0};
  Command first = masked_command(bench, o, mask, 1, {}, c.width << 16);
  for (const bool by_columns : {false, true}) {
    const Hidden hidden(bench, marks, o.columns, o.columns, c.width, o.format);
    const Hidden active(bench, marks, o.columns, o.columns, c.width, DIXION_FORMAT_INT12);
    const TensorView dst = bench.layout(partial, 3, DIXION_FORMAT_INT32);
    first.operands[6] = hidden.view;
    if (by_columns) first.immediates[3] |= 0x100;
    const Command gelu = bench.command(DIXION_OPCODE_GELU, {hidden.view, active.view, by_columns ? mask : TensorView{}},
                                       {factor(kInput), 10, factor(kOutput), by_columns ? 28 | c.width << 16 : 28});
    const Command last = bench.command(DIXION_OPCODE_MATMUL_RESUME, {active.view, weight, {}, mask, sums, dst},
                                       {1 << 20, 22, c.width, by_columns ? 1U : 0U});
    const Ran one = run(bench, matrix, first), two = run(bench, vector, gelu),
              three = run(bench, matrix, last, by_columns ? &active : nullptr);
    results[by_columns] = bench.fetch(dst);
    saturations[by_columns] = one.saturations + two.saturations + three.saturations;
    if (all && by_columns) {
      EXPECT_EQ(bytes_of(one.demand, 6), hidden.view.payload_bytes()) << "as many as by rows";
      EXPECT_EQ(bytes_of(three.demand, 0), active.view.payload_bytes());
    }
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(saturations[0], saturations[1]);
}
TEST(HiddenColumns, ANetworkGivesTheSameInBothLayouts) { over_seeds(60, a_network_gives_the_same_in_both_layouts); }

TEST(HiddenColumns, NothingNeededMovesNothingOfTheHiddenTensor) {
  EngineBench bench(1);
  const Operands o(bench);
  const Tensor none = random_mask(bench, o.batch, o.rows, o.columns, 0);
  Command command = masked_command(bench, o, bench.place(none, 3, DIXION_FORMAT_UINT32), 1, {}, 0x100);
  const Hidden dst(bench, none, o.columns, o.columns, 0, o.format);
  command.operands[6] = dst.view;
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const Ran ran = run(bench, engine, command);
  dst.expect(bench, o.result());
  EXPECT_TRUE(std::none_of(ran.demand.transfers.begin(), ran.demand.transfers.end(),
                           [](const Transfer& transfer) { return transfer.write; }));
}

// ---- Timing mode.

/// 2 samples of 64 tokens, 512 hidden elements, under a mask of this density in the configuration.
struct Network {
  EngineBench bench{1};
  AcceleratorConfig config;
  TensorView src = dense_view(DIXION_FORMAT_INT12, {2, 64, 32}, 0x8000'0000);
  TensorView hidden = dense_view(DIXION_FORMAT_INT12, {2, 64, 512}, 0x8001'0000);
  TensorView gated = dense_view(DIXION_FORMAT_INT12, {2, 64, 1024}, 0x8003'0000);
  TensorView mask = dense_view(DIXION_FORMAT_UINT32, {2, 64, 16}, 0x8008'0000);
  TensorView first = dense_view(DIXION_FORMAT_INT8, {512, 32}, 0x8009'0000);
  TensorView both = dense_view(DIXION_FORMAT_INT8, {1024, 32}, 0x800a'0000);
  TensorView second = dense_view(DIXION_FORMAT_INT8, {32, 512}, 0x800b'0000);
  TensorView sums = dense_view(DIXION_FORMAT_INT32, {2, 64, 32}, 0x800c'0000);

  explicit Network(double density) {
    config.compute_values = false;
    config.ffn_mask_density = density;
  }
  Demand masked(std::uint32_t settings) {
    return matrix(
        bench.command(DIXION_OPCODE_MATMUL_MASKED, {src, first, {}, {}, mask, {}, hidden}, {1, 0, 1, settings}));
  }
  Demand masked_pairs(std::uint32_t settings) {
    return matrix(
        bench.command(DIXION_OPCODE_MATMUL_MASKED, {src, both, {}, {}, mask, {}, gated}, {1, 0, 2, settings}));
  }
  Demand resumed(std::uint32_t width, std::uint32_t layout) {
    return matrix(
        bench.command(DIXION_OPCODE_MATMUL_RESUME, {hidden, second, {}, mask, sums, sums}, {1, 0, width, layout}));
  }
  Demand active(std::uint8_t code, const TensorView& from, std::uint32_t width) {
    const VectorEngine engine(config, portable_kernels());
    return engine.demand(bench.command(code, {from, hidden, mask}, {1, 0, 1, width << 16}));
  }

 private:
  Demand matrix(const Command& command) {
    const MatrixEngine engine(config, portable_kernels());
    EXPECT_FALSE(engine.check(command));
    return engine.demand(command);
  }
};

TEST(HiddenColumnsDemand, AllCommandsOfANetworkMoveTheSameColumns) {
  for (const std::uint32_t width : {0U, 8U}) {
    Network n(0.05);
    const std::uint64_t bytes = bytes_of(n.masked(0x100 | width << 16), 6);
    EXPECT_EQ(bytes % 32, 0U);  // 16 tokens of 2 bytes
    // A column is needed by one of 16 tokens with probability 1 - 0.95^16 = 0.56; 8 tiles of 512, within 4 sigma.
    const double columns = static_cast<double>(bytes) / 32, share = 1 - std::pow(0.95, 16);
    EXPECT_NEAR(columns, 8 * 512 * share, 4 * std::sqrt(8 * 512 * share * (1 - share)));
    EXPECT_EQ(bytes_of(n.active(DIXION_OPCODE_GELU, n.hidden, width), 0), bytes);
    EXPECT_EQ(bytes_of(n.active(DIXION_OPCODE_GELU_TANH, n.hidden, width), 1), bytes);
    EXPECT_EQ(bytes_of(n.resumed(width, 1), 0), bytes);
    EXPECT_EQ(bytes_of(n.masked_pairs(0x100 | width << 16), 6), 2 * bytes);
    EXPECT_EQ(bytes_of(n.active(DIXION_OPCODE_GEGLU, n.gated, width), 0), 2 * bytes);
    EXPECT_EQ(bytes_of(n.active(DIXION_OPCODE_GEGLU, n.gated, width), 1), bytes);
  }
}

TEST(HiddenColumnsDemand, LieBetweenNeededElementsAndRows) {
  Network n(0.05);
  const Demand rows = n.masked(0), columns = n.masked(0x100);
  EXPECT_GT(bytes_of(columns, 6), 2 * columns.mask.kept);
  EXPECT_LT(bytes_of(columns, 6), bytes_of(rows, 6));
  EXPECT_EQ(bytes_of(rows, 6), 2U * 64 * 512 * 2);
  EXPECT_EQ(bytes_of(n.resumed(0, 0), 0), 2U * 64 * 512 * 2);
  // Nothing but traffic changes: 64 tokens are whole tiles, so the array meets the same ones.
  EXPECT_EQ(columns.compute, rows.compute);
  EXPECT_EQ(columns.mask.macs_exploited, rows.mask.macs_exploited);
  EXPECT_EQ(n.resumed(0, 1).compute, n.resumed(0, 0).compute);
  Network all(1);
  EXPECT_EQ(bytes_of(all.masked(0x100), 6), bytes_of(rows, 6));
  EXPECT_EQ(all.active(DIXION_OPCODE_GELU, all.hidden, 0).compute,
            (2U * 64 * 512 + all.config.vector_lanes - 1) / all.config.vector_lanes + kVectorPipeline);
}

TEST(HiddenColumnsDemand, AreThoseOf16TokensOnAnArrayOfOtherTiles) {
  Network n(0.05), other(0.05);
  other.config.array_rows = 32;
  EXPECT_EQ(bytes_of(other.masked(0x100), 6), bytes_of(n.masked(0x100), 6));
  EXPECT_EQ(bytes_of(other.resumed(8, 1), 0), bytes_of(n.resumed(8, 1), 0));
}

}  // namespace
}  // namespace dixion::test::hidden_columns
