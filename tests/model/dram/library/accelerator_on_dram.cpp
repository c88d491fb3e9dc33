// SPDX-License-Identifier: Apache-2.0
// Both installed libraries in one application: the accelerator copies a tensor inside dixion::dram, by streams.
#include <cstdint>
#include <cstring>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/queue_registers.h"
#include "models/accelerator/accelerator.h"
#include "platform/dram/dram_system.h"

namespace {

constexpr std::uint32_t kBytes = 4096;
constexpr std::uint64_t kRing = 0x1000, kRecords = 0x2000, kTable = 0x3000, kSrc = 0x10000, kDst = 0x20000;

struct Board : sc_core::sc_module, dixion::InterruptSink {
  explicit Board(const sc_core::sc_module_name& name)
      : sc_module(name), accelerator("accelerator", {}, {this, nullptr, nullptr, nullptr}), dram("dram", {}) {
    SC_HAS_PROCESS(Board);
    SC_THREAD(drive);
    registers.bind(accelerator.registers);
    buffer.bind(accelerator.buffer);
    accelerator.memory.bind(dram.port);
  }
  void set_level(unsigned line, bool level) override { done = done || (line == 0 && level); }

  void write(std::uint64_t address, std::uint32_t value) {
    tlm::tlm_generic_payload txn;
    txn.set_command(tlm::TLM_WRITE_COMMAND);
    txn.set_address(address);
    txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    txn.set_data_length(sizeof value);
    txn.set_streaming_width(sizeof value);
    sc_core::sc_time delay;
    registers->b_transport(txn, delay);
    wait(delay);
  }
  void describe(unsigned index, std::uint64_t address) {
    dixion_descriptor_t descriptor{};
    descriptor.address = address;
    descriptor.extent[0] = kBytes;
    descriptor.stride[0] = 1;
    descriptor.format = DIXION_FORMAT_INT8;
    descriptor.rank = 1;
    std::memcpy(dram.data() + kTable + index * sizeof descriptor, &descriptor, sizeof descriptor);
  }
  void drive() {
    for (std::uint32_t i = 0; i < kBytes; ++i) dram.data()[kSrc + i] = static_cast<unsigned char>(i * 7 + 3);
    describe(1, kSrc);
    describe(2, kDst);
    dixion_command_t copy{};
    copy.opcode = DIXION_OPCODE_DMA_COPY;
    copy.flags = DIXION_COMMAND_FLAG_INTERRUPT;
    copy.operands[0] = 1;
    copy.operands[1] = 2;
    std::memcpy(dram.data() + kRing, &copy, sizeof copy);
    write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, kTable);
    write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 3);
    write(DIXION_ACCELERATOR_INTR_ENABLE, 1);
    write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
    write(0x1000 + DIXION_QUEUE_RING_BASE_LO, kRing);
    write(0x1000 + DIXION_QUEUE_RING_SIZE, 8);
    write(0x1000 + DIXION_QUEUE_COMPLETION_BASE_LO, kRecords);
    write(0x1000 + DIXION_QUEUE_COMPLETION_SIZE, 8);
    write(0x1000 + DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
    write(0x1000 + DIXION_QUEUE_DOORBELL, 1);
  }
  std::uint64_t statistic(const char* name) {
    for (const dixion::Statistic& each : dram.statistics("dram")) {
      if (each.name == name) return each.value;
    }
    return 0;
  }

  dixion::Accelerator accelerator;
  dixion::DramSystem dram;
  tlm_utils::simple_initiator_socket<Board, 64> registers{"registers"};
  tlm_utils::simple_initiator_socket<Board, 64> buffer{"buffer"};
  bool done = false;
};

}  // namespace

int sc_main(int, char**) {
  Board board("board");
  sc_core::sc_start();
  const bool copied = std::memcmp(board.dram.data() + kSrc, board.dram.data() + kDst, kBytes) == 0;
  // One stream each way, so both libraries agree on the extension.
  const bool streamed =
      board.statistic("dram.dma.stream_latency") == 2 && board.statistic("dram.dma.read_bytes") == kBytes;
  return board.done && copied && streamed && board.statistic("dram.fetch.read_bytes") != 0 ? 0 : 1;
}
