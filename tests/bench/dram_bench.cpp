// SPDX-License-Identifier: Apache-2.0
/// How fast the DRAM's core is, without a simulation kernel. items_per_second counts bytes of streams, or requests.
/// `./run bench` reads the JSON that --benchmark_format=json prints.
#include <algorithm>
#include <array>
#include <vector>

#include <benchmark/benchmark.h>

#include "platform/dram/core.h"
#include "platform/dram/presets.h"

namespace dixion::bench {
namespace {

constexpr std::uint64_t kCapacity = 8ULL << 30;

dram::CoreConfig config_of(const char* preset, unsigned channels) {
  return {.preset = dram::find_preset(preset),
          .mapping = {.channels = channels},
          .controller = {},
          .capacity_bytes = kCapacity};
}

Cycles drain(dram::Core& core, Cycles now) {
  for (Cycles next = core.next_event(); next != dram::Core::kNothing; next = core.next_event()) {
    now = std::max(now, next);
    core.advance(now);
  }
  return now;
}

// The weights of a block of DiT-XL/2: modulation, QKV, projection, two layers of the feed-forward network. Each follows
// the one before; 28 blocks are a pass.
void weights(benchmark::State& state, const char* preset, unsigned channels) {
  constexpr std::uint64_t kSquare = 1152 * 1152;
  constexpr std::array<std::uint64_t, 5> kBytes{6 * kSquare, 3 * kSquare, kSquare, 4 * kSquare, 4 * kSquare};
  constexpr unsigned kBlocks = 28;
  dram::Core core(config_of(preset, channels));
  Cycles now = 0;
  std::uint64_t all = 0;
  for (auto _ : state) {
    std::uint64_t address = 0;
    for (unsigned i = 0; i < kBlocks * kBytes.size(); ++i) {
      const std::uint64_t bytes = kBytes[i % kBytes.size()];
      const dram::Core::Id id = core.add_stream(now, {address, {bytes, 0, {}, {}}, bytes, false, 0, Requester::kDma});
      now = drain(core, now);
      core.remove(now, id);
      address += bytes;
      all += bytes;
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(all));
}

// 64 reads of 64 bytes anywhere, and 64 more when all are through.
void random_requests(benchmark::State& state, const char* preset, unsigned channels) {
  constexpr unsigned kAtOnce = 64;
  dram::Core core(config_of(preset, channels));
  std::vector<dram::Core::Id> ids;
  std::uint64_t seed = 1;
  Cycles now = 0;
  for (auto _ : state) {
    ids.clear();
    for (unsigned i = 0; i < kAtOnce; ++i) {
      seed = seed * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
      ids.push_back(core.add_access(now, (seed >> 20) % kCapacity / 64 * 64, 64, false, Requester::kOther));
    }
    now = drain(core, now);
    for (const dram::Core::Id id : ids) core.remove(now, id);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kAtOnce));
}

BENCHMARK_CAPTURE(weights, gddr6_29, "GDDR6-14", 29)->Name("dram/weights/gddr6_29");
BENCHMARK_CAPTURE(weights, hbm2e_80, "HBM2E-3024", 80)->Name("dram/weights/hbm2e_80");
BENCHMARK_CAPTURE(random_requests, gddr6_29, "GDDR6-14", 29)->Name("dram/random/gddr6_29");

}  // namespace
}  // namespace dixion::bench

BENCHMARK_MAIN();
