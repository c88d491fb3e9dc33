// SPDX-License-Identifier: Apache-2.0
// Every register of every page follows its access policy; counters and interrupts as software sees them.
#include "models/abi/generated/accelerator_table.h"
#include "models/abi/generated/queue_table.h"
#include "tests/model/accelerator/processor_bench.h"

namespace dixion::test {
namespace {

struct Page {
  const abi::BlockInfo& block;
  std::uint64_t base;
};

std::vector<Page> pages() {
  return {{abi::kAcceleratorBlock, 0}, {abi::kQueueBlock, 0x1000}, {abi::kQueueBlock, 0x2000}};
}

std::uint32_t implemented(const abi::RegisterInfo& info) {
  if (info.fields.empty()) return 0xffffffff;
  std::uint32_t mask = 0;
  for (const abi::FieldInfo& field : info.fields) {
    for (unsigned bit = field.low; bit <= field.high; ++bit) mask |= 1U << bit;
  }
  return mask;
}

template <typename Visitor>
void for_each_register(Visitor visit) {
  for (const Page& page : pages()) {
    for (const abi::RegisterInfo& info : page.block.registers) {
      for (std::uint32_t i = 0; i < info.count; ++i) {
        visit(std::string(page.block.name) + "." + info.name, info, page.base + info.offset + i * info.stride);
      }
    }
  }
}

/// What the configuration, not the table, decides; and the one counter that runs by itself.
bool is_derived(const std::string& name) {
  return name.find("CAP_") != std::string::npos || name.find("BUILD_HASH") != std::string::npos ||
         name.find("PERF_COUNTER") != std::string::npos;
}

TEST(Registers, HaveTheirResetValues) {
  ProcessorBench bench;
  bench.run([&] {
    for_each_register([&](const std::string& name, const abi::RegisterInfo& info, std::uint64_t address) {
      if (is_derived(name)) return;
      EXPECT_EQ(bench.read(address), info.reset) << name;
    });
  });
  EXPECT_TRUE(bench.errors.empty());
}

TEST(Registers, IdentifyTheDevice) {
  ProcessorBench bench;
  bench.run([&] {
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_BUILD_HASH), DIXION_ABI_HASH);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_CAP_UNITS),
              bench.config.cores | bench.config.queues << 8 | bench.config.dma_channels << 16 | 64U << 24);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_CAP_ARRAY), 16U | 16U << 8 | 16U << 16);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_CAP_CORE_SRAM), 384U);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_CAP_GLOBAL_BUFFER), 8192U);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_CAP_CLOCK), 800'000'000U);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_CAP_FORMATS) & 1U << DIXION_FORMAT_BF16, 0U);
    EXPECT_NE(bench.read(DIXION_ACCELERATOR_CAP_FORMATS) & 1U << DIXION_FORMAT_INT12, 0U);
  });
}

TEST(Registers, ReadOnlyOnesIgnoreWritesAndReportThem) {
  ProcessorBench bench;
  bench.run([&] {
    for_each_register([&](const std::string& name, const abi::RegisterInfo& info, std::uint64_t address) {
      if (info.access != abi::Access::kRo) return;
      const std::uint32_t before = bench.read(address);
      bench.write(address, ~before);
      const std::uint32_t after = bench.read(address);
      EXPECT_TRUE(after == before || name == "accelerator.PERF_COUNTER") << name;
      ASSERT_EQ(bench.errors.size(), 1U) << name;
      EXPECT_THAT(bench.errors[0].subject, testing::HasSubstr(info.name));
      bench.errors.clear();
    });
  });
}

TEST(Registers, WriteOnlyOnesReadZero) {
  ProcessorBench bench;
  unsigned seen = 0;
  bench.run([&] {
    for_each_register([&](const std::string& name, const abi::RegisterInfo& info, std::uint64_t address) {
      if (info.access != abi::Access::kWo) return;
      ++seen;
      bench.write(address, 0x5a5a5a5a);
      EXPECT_EQ(bench.read(address), 0U) << name;
    });
  });
  EXPECT_GT(seen, 0U);
}

TEST(Registers, ReservedBitsStayZeroAndAreReported) {
  ProcessorBench bench;
  unsigned seen = 0;
  bench.run([&] {
    for_each_register([&](const std::string& name, const abi::RegisterInfo& info, std::uint64_t address) {
      const std::uint32_t reserved = ~implemented(info);
      if (info.access == abi::Access::kRo || reserved == 0) return;
      ++seen;
      bench.write(address, reserved);
      EXPECT_EQ(bench.read(address) & reserved, 0U) << name;
      ASSERT_EQ(bench.errors.size(), 1U) << name;
      EXPECT_THAT(bench.errors[0].expected, testing::HasSubstr("reserved bits 0")) << name;
      bench.errors.clear();
    });
  });
  EXPECT_GT(seen, 0U);
}

TEST(Registers, PlainReadWriteOnesKeepWhatIsWritten) {
  ProcessorBench bench;
  // Registers whose writes do something besides being kept have tests of their own.
  const std::set<std::string> acting{"accelerator.CONTROL", "accelerator.PERF_CONTROL", "queue.CONTROL",
                                     "queue.DOORBELL", "queue.COMPLETION_HEAD"};
  bench.run([&] {
    for_each_register([&](const std::string& name, const abi::RegisterInfo& info, std::uint64_t address) {
      if (info.access != abi::Access::kRw || acting.count(name) || address == DIXION_ACCELERATOR_SEMAPHORE(0)) return;
      const std::uint32_t value = 0x00008040 & implemented(info);
      bench.write(address, value);
      EXPECT_EQ(bench.read(address), value) << name;
    });
  });
  EXPECT_TRUE(bench.errors.empty());
}

TEST(Registers, DebugReadsSeeTheSameValueAndTakeNoTime) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.nop(1, DIXION_COMMAND_FLAG_INTERRUPT)});
    bench.wait_for_records(0, 1);
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    std::map<std::uint64_t, std::uint32_t> seen;
    for (int round = 0; round < 2; ++round) {
      for_each_register([&](const std::string& name, const abi::RegisterInfo&, std::uint64_t address) {
        const std::uint32_t value = bench.debug_read(address);
        EXPECT_TRUE(round == 0 || value == seen[address]) << name;
        seen[address] = value;
      });
    }
    EXPECT_EQ(sc_core::sc_time_stamp(), now);
    EXPECT_EQ(seen[DIXION_ACCELERATOR_INTR_STATUS], 1U);
    EXPECT_EQ(seen[0x1000 + DIXION_QUEUE_HEAD], 1U);
  });
  EXPECT_TRUE(bench.errors.empty());
}

TEST(Registers, AnAccessTakesItsCyclesFromTheNextEdge) {
  AcceleratorConfig config;
  config.register_cycles = 7;
  ProcessorBench bench(config);
  bench.run([&] {
    sc_core::wait(sc_core::sc_time(1, sc_core::SC_NS));
    bench.read(DIXION_ACCELERATOR_ID);
    EXPECT_EQ(ticks_now(), bench.clock.edge(8));
    bench.read(DIXION_ACCELERATOR_ID);
    EXPECT_EQ(ticks_now(), bench.clock.edge(15));
  });
}

TEST(Registers, InterruptCausesAreKeptWhileDisabledAndClearedByWritingOne) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.write(DIXION_ACCELERATOR_INTR_ENABLE, 0);
    bench.submit(0, {bench.nop(1, DIXION_COMMAND_FLAG_INTERRUPT)});
    bench.submit(1, {bench.nop(1, DIXION_COMMAND_FLAG_INTERRUPT)});
    bench.wait_for_records(0, 1);
    bench.wait_for_records(1, 1);
    EXPECT_FALSE(bench.lines[0] || bench.lines[1]);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_INTR_STATUS), 3U);
    bench.write(DIXION_ACCELERATOR_INTR_ENABLE, 2);
    EXPECT_FALSE(bench.lines[0]);
    EXPECT_TRUE(bench.lines[1]);
    bench.write(DIXION_ACCELERATOR_INTR_STATUS, 1);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_INTR_STATUS), 2U);
    EXPECT_TRUE(bench.lines[1]);
    bench.write(DIXION_ACCELERATOR_INTR_STATUS, 2);
    EXPECT_FALSE(bench.lines[1]);
  });
}

TEST(Registers, PerformanceCountersFreezeAndClear) {
  ProcessorBench bench;
  bench.dma.cycles[1] = 250;
  bench.vector.cycles[2] = 100;
  const auto counter = [&](unsigned number) { return bench.read(DIXION_ACCELERATOR_PERF_COUNTER(2 * number)); };
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.fill(1, 1), bench.convert(2, 2, 3)});
    bench.wait_for_records(0, 2);
    EXPECT_EQ(counter(3), 250U);
    EXPECT_EQ(counter(2), 100U * bench.config.cores);
    EXPECT_EQ(counter(4), 2U);
    bench.write(DIXION_ACCELERATOR_PERF_CONTROL, DIXION_ACCELERATOR_PERF_CONTROL_FREEZE_MASK);
    const std::uint32_t frozen = counter(0);
    bench.submit(0, {bench.nop()});
    bench.wait_for_records(0, 3);
    EXPECT_EQ(counter(0), frozen);
    EXPECT_EQ(counter(4), 2U);
    bench.write(DIXION_ACCELERATOR_PERF_CONTROL, 0);
    EXPECT_GT(counter(0), frozen);
    EXPECT_EQ(counter(4), 3U);
    bench.write(DIXION_ACCELERATOR_PERF_CONTROL, DIXION_ACCELERATOR_PERF_CONTROL_CLEAR_MASK);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_PERF_CONTROL), 0U);
    EXPECT_LT(counter(0), 100U);
    EXPECT_EQ(counter(4), 0U);
  });
}

TEST(Registers, TheTraceMarkerAppearsInTheTrace) {
  ProcessorBench bench;
  bench.run([&] { bench.write(DIXION_ACCELERATOR_TRACE_MARKER, 4711); });
  ASSERT_EQ(bench.events.size(), 1U);
  EXPECT_EQ(bench.events[0].stage, Stage::kMarker);
  EXPECT_EQ(bench.events[0].id, 4711U);
}

}  // namespace
}  // namespace dixion::test
