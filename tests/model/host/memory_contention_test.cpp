// SPDX-License-Identifier: Apache-2.0
// A hart on exact memory beside a DMA stream, on one DRAM of 1 byte per ns after 20 ns. Expectations: docs/timing.md.
#include <cstring>

#include <gtest/gtest.h>

#include "host/host_subsystem.h"
#include "models/interconnect/attached_extension.h"
#include "models/interconnect/kernel_time.h"
#include "models/interconnect/stream_extension.h"
#include "platform/bus.h"
#include "platform/dram/simple_dram.h"
#include "tests/model/host/host_bench.h"
#include "tests/model/memory/bench.h"

namespace dixion::host {
namespace {

using namespace assembler;

constexpr std::uint64_t kDram = TestBus::kDram;
constexpr unsigned kLoads = 500;
constexpr std::uint64_t kStreamBytes = 40'000;
constexpr Ticks kNs = 1000;

struct Machine {
  explicit Machine(bool exact) {
    HostConfig config;
    config.dram_base = kDram;
    config.dram_size = 1 << 20;
    config.reset_pc = kDram;
    config.dmi_data = !exact;
    config.on_finish = [this](const Finish&) { finished = ticks_now(); };
    validate(config);
    host = std::make_unique<HostSubsystem>("host", config);
    host->bus.bind(bus.from("host"));
    dma.socket.bind(bus.from("dma"));
    bus.window("dram").bind(dram.port);
    bus.window("clint").bind(host->clint);
    bus.window("plic").bind(host->plic);
    bus.window("uart").bind(host->uart);
    bus.window("finisher").bind(host->finisher);
    bus.window("boot_rom").bind(host->boot_rom);
  }
  /// Loads word after word; three instructions each. Returns how many instructions there are beside them before the
  /// finishing store.
  Cycles hammer(unsigned loads) {
    Code code;
    li(code, a0, kDram + 0x8000);
    li(code, a1, loads);
    code.push_back(ld(a2, a0, 0));
    code.push_back(addi(a1, a1, -1));
    code.push_back(bne(a1, zero, -8));
    finish_passed(code);
    std::memcpy(dram.data(), code.data(), code.size() * sizeof(Word));
    return code.size() - 3 - 2;  // the store and wfi
  }
  void stream() {
    scripts.add("dma", [this] {
      unsigned char beat[8] = {};
      StreamExtension extension;
      extension.shape.run_bytes = extension.total_bytes = kStreamBytes;
      extension.requester = Requester::kDma;
      tlm::tlm_generic_payload txn;
      test::TestInitiator::set_up(txn, tlm::TLM_IGNORE_COMMAND, kDram + 0x10000, beat, 8);
      const AttachedExtension attached(txn, extension);
      sc_core::sc_time delay;
      dma.socket->b_transport(txn, delay);
      streamed = ticks_now();
    });
  }
  void run() { scripts.run(); }
  std::uint64_t statistic(const std::string& name) {
    for (const Statistic& each : dram.statistics("dram")) {
      if (each.name == name) return each.value;
    }
    ADD_FAILURE() << name;
    return 0;
  }

  Bus bus{"bus",
          {{"host", Requester::kHart}, {"dma"}},
          {{"dram", kDram, 1 << 20},
           {"clint", TestBus::kClint, 0x10000},
           {"plic", TestBus::kPlic, 0x600000},
           {"uart", TestBus::kUart, 0x100},
           {"finisher", TestBus::kFinisher, 0x1000},
           {"boot_rom", TestBus::kBootRom, 0xF000}},
          nullptr};
  SimpleDram dram{"dram", {.capacity_bytes = 1 << 20, .bytes_per_second = 1'000'000'000, .latency_ps = 20'000}};
  test::TestInitiator dma{"dma"};
  std::unique_ptr<HostSubsystem> host;
  test::Scripts scripts;
  Ticks finished = 0;  // of the hart
  Ticks streamed = 0;
};

// A load alone takes 20 + 8 ns and two instructions follow. Beside the stream its 8 bytes take 16 ns, and the stream
// has 8 bytes less for each load: its last byte comes 8 ns later per load.
TEST(ExactMemory, HartThatHammersDramAndDmaStreamSlowEachOtherByTheirShares) {
  Machine machine(true);
  const Cycles others = machine.hammer(kLoads);
  machine.stream();
  machine.run();
  EXPECT_EQ(machine.statistic("dram.hart.read_requests"), kLoads);
  EXPECT_EQ(machine.streamed, (20 + kStreamBytes + kLoads * 8) * kNs);
  ASSERT_LT(machine.finished, machine.streamed) << "the stream was to last longer";
  EXPECT_EQ(machine.finished, (kLoads * (20 + 16 + 2) + others) * kNs);
}

TEST(ExactMemory, HartAloneTakesLatencyAndTransferForEachLoad) {
  Machine machine(true);
  const Cycles others = machine.hammer(kLoads);
  machine.run();
  EXPECT_EQ(machine.finished, (kLoads * (20 + 8 + 2) + others) * kNs);
}

// docs/timing.md: by direct pointer a hart takes the configured latency, nothing from streams, and streams nothing from
// it.
TEST(FastMemory, IsNotArbitrated) {
  Machine machine(false);
  const Cycles others = machine.hammer(kLoads);
  machine.stream();
  machine.run();
  EXPECT_EQ(machine.statistic("dram.hart.read_requests"), 0U);
  EXPECT_EQ(machine.streamed, (20 + kStreamBytes) * kNs);
  EXPECT_EQ(machine.finished, (kLoads * 3 + others) * kNs);
}

}  // namespace
}  // namespace dixion::host
