// SPDX-License-Identifier: Apache-2.0
// Boot ROM, device tree, status lines.
#include <gtest/gtest.h>

extern "C" {
#include <libfdt.h>
}

#include "host/boot_rom.h"
#include "host/device_tree.h"
#include "models/common/check.h"
#include "tests/unit/host/flat_bus.h"

namespace dixion::host {
namespace {

TEST(BootRomCode, JumpsToTheEntryWithHartAndDeviceTreeInItsArguments) {
  HartBench bench;
  const std::vector<std::uint8_t> tree = {0xD0, 0x0D, 0xFE, 0xED};
  // The code is position-independent: here it lies in memory.
  const std::uint64_t base = HartBench::kData;
  const std::vector<std::uint8_t> rom = make_boot_rom(HartBench::kStart + 0x40, tree, base);
  std::copy(rom.begin(), rom.end(), bench.bus.memory.begin() + 0x8000);
  bench.iss.state().reset(5, base);
  bench.step(5);
  EXPECT_EQ(bench.iss.state().pc, HartBench::kStart + 0x40);
  EXPECT_EQ(bench.x(assembler::a0), 5U);
  EXPECT_EQ(bench.bus.get<std::uint32_t>(bench.x(assembler::a1)), 0xEDFE'0DD0U);
  EXPECT_EQ(bench.x(assembler::a1) % 8, 0U) << "libfdt wants it aligned";
}

TEST(BootRomCode, RefusesADeviceTreeThatDoesNotFit) {
  const std::vector<std::uint8_t> fits(kBootRomSize - 40);
  EXPECT_EQ(make_boot_rom(0, fits).size(), kBootRomSize);
  const std::vector<std::uint8_t> too_large(kBootRomSize - 39);
  EXPECT_THROW(make_boot_rom(0, too_large), ConfigError);
}

TEST(BootRomBytes, AreReadWithAnySizeAndNeverWritten) {
  BootRom rom({1, 2, 3});
  std::uint64_t value = 0;
  EXPECT_EQ(rom.read(1, 2, value), DeviceStatus::kOk);
  EXPECT_EQ(value, 0x0302U);
  EXPECT_EQ(rom.read(2, 4, value), DeviceStatus::kOk);
  EXPECT_EQ(value, 3U) << "blank behind the content";
  EXPECT_EQ(rom.read(kBootRomSize - 2, 4, value), DeviceStatus::kNoRegister);
  EXPECT_EQ(rom.write(0, 1, 9), DeviceStatus::kReadOnly);
}

class DeviceTree : public testing::Test {
 protected:
  static std::vector<std::uint32_t> cells(const std::vector<std::uint8_t>& tree, const char* path, const char* name) {
    int length = 0;
    const int node = fdt_path_offset(tree.data(), path);
    EXPECT_GE(node, 0) << path;
    const void* const bytes = fdt_getprop(tree.data(), node, name, &length);
    EXPECT_NE(bytes, nullptr) << path << ' ' << name;
    std::vector<std::uint32_t> values;
    for (int i = 0; bytes != nullptr && i < length / 4; ++i) {
      values.push_back(fdt32_to_cpu(static_cast<const fdt32_t*>(bytes)[i]));
    }
    return values;
  }
  using Cells = std::vector<std::uint32_t>;
};

TEST_F(DeviceTree, DescribesTheMemoryMap) {
  const std::vector<std::uint8_t> tree = build_device_tree({});
  ASSERT_EQ(fdt_check_header(tree.data()), 0);
  ASSERT_EQ(fdt_totalsize(tree.data()), tree.size());
  EXPECT_EQ(cells(tree, "/memory@80000000", "reg"), (Cells{0, 0x8000'0000, 0, 256U << 20}));
  EXPECT_EQ(cells(tree, "/soc/serial@10000000", "interrupts"), (Cells{10}));
  EXPECT_EQ(cells(tree, "/soc/accelerator@4000000", "interrupts"), (Cells{64}));
  EXPECT_EQ(cells(tree, "/soc/test@100000", "reg"), (Cells{0, 0x10'0000, 0, 0x1000}));
  EXPECT_EQ(cells(tree, "/soc/plic@c000000", "riscv,ndev"), (Cells{95}));
  EXPECT_EQ(cells(tree, "/cpus", "timebase-frequency"), (Cells{10'000'000}));
  const int accelerator = fdt_node_offset_by_compatible(tree.data(), -1, "dixion,accelerator");
  EXPECT_GE(accelerator, 0);
  EXPECT_LT(fdt_path_offset(tree.data(), "/cpus/cpu@1"), 0);
}

TEST_F(DeviceTree, ConnectsEveryHartToItsInterruptControllers) {
  const std::vector<std::uint8_t> tree = build_device_tree({.harts = 2});
  const std::uint32_t first = cells(tree, "/cpus/cpu@0/interrupt-controller", "phandle").at(0);
  const std::uint32_t second = cells(tree, "/cpus/cpu@1/interrupt-controller", "phandle").at(0);
  EXPECT_NE(first, second);
  EXPECT_EQ(cells(tree, "/soc/clint@2000000", "interrupts-extended"),
            (Cells{first, 3, first, 7, second, 3, second, 7}));
  EXPECT_EQ(cells(tree, "/soc/plic@c000000", "interrupts-extended"),
            (Cells{first, 11, first, ~0U, second, 11, second, ~0U}));
}

TEST_F(DeviceTree, TellsWhereTheImageLies) {
  DeviceTreeConfig config;
  config.image = AddressRange{0x1'8800'0000, 0x1234};
  config.boot_arguments = "classes=3";
  const std::vector<std::uint8_t> tree = build_device_tree(config);
  EXPECT_EQ(cells(tree, "/chosen", "dixion,image"), (Cells{1, 0x8800'0000, 0, 0x1234}));
  const int chosen = fdt_path_offset(tree.data(), "/chosen");
  EXPECT_STREQ(static_cast<const char*>(fdt_getprop(tree.data(), chosen, "bootargs", nullptr)), "classes=3");
  EXPECT_STREQ(static_cast<const char*>(fdt_getprop(tree.data(), chosen, "stdout-path", nullptr)),
               "/soc/serial@10000000");
  const std::vector<std::uint8_t> without = build_device_tree({});
  EXPECT_EQ(fdt_getprop(without.data(), fdt_path_offset(without.data(), "/chosen"), "dixion,image", nullptr), nullptr);
}

}  // namespace
}  // namespace dixion::host
