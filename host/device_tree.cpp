// SPDX-License-Identifier: Apache-2.0
#include "host/device_tree.h"

extern "C" {
#include <libfdt.h>
}

#include <array>
#include <string>

#include "models/common/check.h"

namespace dixion::host {
namespace {

constexpr int kMaxBytes = 16 * 1024;
// Interrupts of a hart, as its "riscv,cpu-intc" numbers them; none stands for a context that is not connected.
constexpr std::uint32_t kSoftware = 3;
constexpr std::uint32_t kTimer = 7;
constexpr std::uint32_t kExternal = 11;
constexpr std::uint32_t kNone = 0xFFFF'FFFF;

/// Writes nodes in order; every function fails loudly, since nothing here depends on the guest.
class Writer {
 public:
  Writer() : blob_(kMaxBytes) {
    check(fdt_create(blob_.data(), kMaxBytes));
    check(fdt_finish_reservemap(blob_.data()));
  }
  void begin(const std::string& name) { check(fdt_begin_node(blob_.data(), name.c_str())); }
  void end() { check(fdt_end_node(blob_.data())); }
  void flag(const char* name) { check(fdt_property(blob_.data(), name, nullptr, 0)); }
  void text(const char* name, const std::string& value) {
    check(fdt_property(blob_.data(), name, value.c_str(), static_cast<int>(value.size()) + 1));
  }
  void cells(const char* name, const std::vector<std::uint32_t>& values) {
    std::vector<fdt32_t> bytes;
    for (const std::uint32_t value : values) bytes.push_back(cpu_to_fdt32(value));
    check(fdt_property(blob_.data(), name, bytes.data(), static_cast<int>(bytes.size() * sizeof(fdt32_t))));
  }
  void cell(const char* name, std::uint32_t value) { cells(name, {value}); }
  void range(const char* name, const AddressRange& range) {
    cells(name, {static_cast<std::uint32_t>(range.base >> 32), static_cast<std::uint32_t>(range.base),
                 static_cast<std::uint32_t>(range.size >> 32), static_cast<std::uint32_t>(range.size)});
  }
  std::vector<std::uint8_t> finish() {
    check(fdt_finish(blob_.data()));
    blob_.resize(fdt_totalsize(blob_.data()));
    return std::move(blob_);
  }

 private:
  static void check(int result) { DIXION_CHECK(result == 0, fdt_strerror(result)); }
  std::vector<std::uint8_t> blob_;
};

std::string at(const char* name, std::uint64_t address) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[address % 16]);
    address /= 16;
  } while (address != 0);
  return std::string(name) + "@" + digits;
}

constexpr std::uint32_t kPlicHandle = 1;
constexpr std::uint32_t hart_handle(unsigned hart) { return 2 + hart; }

void write_cpus(Writer& tree, const DeviceTreeConfig& config) {
  tree.begin("cpus");
  tree.cell("#address-cells", 1);
  tree.cell("#size-cells", 0);
  tree.cell("timebase-frequency", config.timebase_hz);
  for (unsigned hart = 0; hart < config.harts; ++hart) {
    tree.begin(at("cpu", hart));
    tree.text("device_type", "cpu");
    tree.cell("reg", hart);
    tree.text("status", "okay");
    tree.text("compatible", "riscv");
    tree.text("riscv,isa", "rv64imac_zicsr_zifencei");
    tree.begin("interrupt-controller");
    tree.cell("#interrupt-cells", 1);
    tree.flag("interrupt-controller");
    tree.text("compatible", "riscv,cpu-intc");
    tree.cell("phandle", hart_handle(hart));
    tree.end();
    tree.end();
  }
  tree.end();
}

/// "interrupts-extended" with two interrupts of every hart.
void connect_harts(Writer& tree, const DeviceTreeConfig& config, std::uint32_t first, std::uint32_t second) {
  std::vector<std::uint32_t> cells;
  for (unsigned hart = 0; hart < config.harts; ++hart) {
    cells.insert(cells.end(), {hart_handle(hart), first, hart_handle(hart), second});
  }
  tree.cells("interrupts-extended", cells);
}

void write_devices(Writer& tree, const DeviceTreeConfig& config) {
  tree.begin("soc");
  tree.cell("#address-cells", 2);
  tree.cell("#size-cells", 2);
  tree.text("compatible", "simple-bus");
  tree.flag("ranges");

  tree.begin(at("test", config.finisher.base));
  tree.text("compatible", "sifive,test0");
  tree.range("reg", config.finisher);
  tree.end();

  tree.begin(at("clint", config.clint.base));
  tree.text("compatible", "riscv,clint0");
  tree.range("reg", config.clint);
  connect_harts(tree, config, kSoftware, kTimer);
  tree.end();

  tree.begin(at("accelerator", config.accelerator.base));
  tree.text("compatible", "dixion,accelerator");
  tree.range("reg", config.accelerator);
  tree.cell("interrupt-parent", kPlicHandle);
  tree.cells("interrupts", config.accelerator_interrupts);
  tree.end();

  tree.begin(at("plic", config.plic.base));
  tree.text("compatible", "riscv,plic0");
  tree.range("reg", config.plic);
  tree.cell("#interrupt-cells", 1);
  tree.cell("#address-cells", 0);
  tree.flag("interrupt-controller");
  connect_harts(tree, config, kExternal, kNone);
  tree.cell("riscv,ndev", config.plic_sources);
  tree.cell("phandle", kPlicHandle);
  tree.end();

  tree.begin(at("serial", config.uart.base));
  tree.text("compatible", "ns16550a");
  tree.range("reg", config.uart);
  tree.cell("clock-frequency", config.uart_clock_hz);
  tree.cell("interrupt-parent", kPlicHandle);
  tree.cell("interrupts", config.uart_interrupt);
  tree.end();

  tree.end();
}

}  // namespace

std::vector<std::uint8_t> build_device_tree(const DeviceTreeConfig& config) {
  Writer tree;
  tree.begin("");
  tree.cell("#address-cells", 2);
  tree.cell("#size-cells", 2);
  tree.text("compatible", "dixion,virt");
  tree.text("model", "Dixion virtual platform");

  tree.begin("chosen");
  tree.text("stdout-path", "/soc/" + at("serial", config.uart.base));
  if (!config.boot_arguments.empty()) tree.text("bootargs", config.boot_arguments);
  if (config.image) tree.range("dixion,image", *config.image);
  tree.end();

  tree.begin(at("memory", config.memory.base));
  tree.text("device_type", "memory");
  tree.range("reg", config.memory);
  tree.end();

  write_cpus(tree, config);
  write_devices(tree, config);
  tree.end();
  return tree.finish();
}

}  // namespace dixion::host
