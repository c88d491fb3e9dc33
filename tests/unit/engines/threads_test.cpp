// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <stdexcept>

#include "models/engines/matrix/attention_function.h"
#include "models/engines/matrix/matmul_function.h"
#include "models/fast_kernels/fast_kernels.h"
#include "models/fast_kernels/worker_pool.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {
namespace {

TEST(WorkerPool, CallsEveryPieceOnce) {
  for (const unsigned threads : {1U, 2U, 5U}) {
    WorkerPool pool(threads);
    for (const std::size_t count : {0, 1, 2, 3, 100}) {
      std::vector<std::atomic<int>> calls(count);
      pool.for_each(count, [&](std::size_t i) { ++calls[i]; });
      for (const std::atomic<int>& call : calls) EXPECT_EQ(call, 1) << threads << " threads, " << count << " pieces";
    }
  }
}

TEST(WorkerPool, HelpersTakePiecesWhileTheCallerIsBusy) {
  WorkerPool pool(2);
  std::atomic<int> begun{0};
  // Each piece waits for the other: one thread alone would never end.
  pool.for_each(2, [&](std::size_t) {
    ++begun;
    while (begun < 2) std::this_thread::yield();
  });
  EXPECT_EQ(begun, 2);
}

TEST(WorkerPool, AnExceptionComesOutAfterAllPieces) {
  WorkerPool pool(2);
  std::atomic<int> calls{0};
  const auto body = [&](std::size_t i) {
    ++calls;
    if (i == 3) throw std::runtime_error("piece 3");
  };
  EXPECT_THROW(pool.for_each(8, body), std::runtime_error);
  EXPECT_EQ(calls, 8);
  pool.for_each(2, [&](std::size_t) { ++calls; });
  EXPECT_EQ(calls, 10);
}

TEST(WorkerPool, WorkInsideAPieceIsDoneInPlace) {
  WorkerPool pool(2);
  std::atomic<int> calls{0};
  pool.for_each(4, [&](std::size_t) { pool.for_each(3, [&](std::size_t) { ++calls; }); });
  EXPECT_EQ(calls, 12);
}

TEST(FastKernels, ThreadsAreAsManyAsAskedFor) {
  EXPECT_EQ(make_fast_kernels(1)->threads(), 1u);
  EXPECT_EQ(make_fast_kernels(3)->threads(), 3u);
  EXPECT_GE(default_threads(), 1u);
  EXPECT_LE(default_threads(), 2u);
}

/// A result and its saturations for every number of threads; `run` fills the result.
template <typename Element, typename Run>
void expect_same_with_every_number_of_threads(std::size_t size, Run run) {
  std::vector<Element> expected(size, 1);
  const std::uint64_t saturations = run(portable_kernels(), expected.data());
  EXPECT_GT(saturations, 0u);
  for (const unsigned threads : {1U, 2U, 3U}) {
    const std::unique_ptr<KernelSet> kernels = make_fast_kernels(threads);
    std::vector<Element> result(size, 2);
    EXPECT_EQ(run(*kernels, result.data()), saturations) << threads << " threads";
    EXPECT_EQ(result, expected) << threads << " threads";
  }
}

template <typename Element>
std::vector<Element> random_values(EngineBench& bench, std::size_t count, std::int32_t low, std::int32_t high) {
  std::vector<Element> result(count);
  for (Element& value : result) value = static_cast<Element>(bench.between(low, high));
  return result;
}

TEST(Threads, ProductsAndTheirSaturationsDoNotDependOnThem) {
  EngineBench bench(1);
  MatmulOperands operands;
  operands.batch = 2;
  operands.rows = 301;  // with the second batch: more than one block of rows, the last one short
  operands.columns = 211;
  operands.depth = 77;
  ASSERT_GT(operands.batch * operands.rows * operands.columns * operands.depth, 8'000'000u);  // else nothing is split
  const auto src = random_values<std::int16_t>(bench, 2 * 301 * 77, -2048, 2047);
  const auto weight = random_values<std::int8_t>(bench, 211 * 77, -128, 127);
  const auto bias = random_values<std::int32_t>(bench, 211, -(1 << 20), 1 << 20);
  operands.src = src.data();
  operands.weight8 = weight.data();
  operands.bias = bias.data();
  for (std::int32_t n = 0; n < 211; ++n) operands.factors.push_back({(1 << 30) + n, 38 + n % 3});
  expect_same_with_every_number_of_threads<std::int16_t>(
      2 * 301 * 211, [&](const KernelSet& kernels, std::int16_t* dst) {
        return matmul_function(kernels, operands, reinterpret_cast<std::uint8_t*>(dst));
      });
}

TEST(Threads, AttentionAndItsSaturationsDoNotDependOnThem) {
  EngineBench bench(2);
  AttentionOperands operands;
  operands.heads = 5;
  operands.queries = 123;
  operands.keys = 140;
  operands.depth = 48;
  ASSERT_GT(2 * operands.heads * operands.queries * operands.keys * operands.depth, 8'000'000u);
  const auto q = random_values<std::int16_t>(bench, 5 * 123 * 48, -300, 300);
  const auto k = random_values<std::int16_t>(bench, 5 * 140 * 48, -300, 300);
  const auto v = random_values<std::int16_t>(bench, 5 * 140 * 48, -2048, 2047);
  operands.q = q.data();
  operands.k = k.data();
  operands.v = v.data();
  operands.score_multiplier = 1 << 30;
  operands.score_shift = 32;
  operands.output_multiplier = 1 << 30;
  operands.output_shift = 25;
  expect_same_with_every_number_of_threads<std::int16_t>(
      5 * 123 * 48,
      [&](const KernelSet& kernels, std::int16_t* dst) { return attention_function(kernels, operands, dst); });
}

}  // namespace
}  // namespace dixion::test
