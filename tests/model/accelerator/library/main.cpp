// SPDX-License-Identifier: Apache-2.0
// Someone else's application: C++17, SystemC and dixion::accelerator, nothing more. Two accelerators, each on a memory
// of its own that knows only READ and WRITE, multiply different matrices at the same time. Exit status 0 if both
// results are right and nothing was reported.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/queue_registers.h"
#include "models/accelerator/accelerator.h"

static_assert(__cplusplus < 202002L, "this application is C++17");

namespace {

constexpr std::uint64_t kRing = 0x1000;
constexpr std::uint64_t kRecords = 0x2000;
constexpr std::uint64_t kTable = 0x3000;
constexpr std::uint64_t kSrc = 0x4000;
constexpr std::uint64_t kWeight = 0x5000;
constexpr std::uint64_t kDst = 0x6000;
constexpr int kRows = 5;
constexpr int kColumns = 7;
constexpr int kDepth = 33;

struct Memory : sc_core::sc_module {
  explicit Memory(const sc_core::sc_module_name& name) : sc_module(name), bytes(0x10000) {
    port.register_b_transport(this, &Memory::b_transport);
    port.register_transport_dbg(this, &Memory::transport_dbg);
  }
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
    const bool inside = txn.get_address() + txn.get_data_length() <= bytes.size();
    if (inside) move(txn);
    txn.set_response_status(inside ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
    delay += sc_core::sc_time(20, sc_core::SC_NS);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload& txn) {
    if (txn.get_address() + txn.get_data_length() > bytes.size()) return 0;
    move(txn);
    return txn.get_data_length();
  }
  void move(tlm::tlm_generic_payload& txn) {
    unsigned char* place = bytes.data() + txn.get_address();
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), place, txn.get_data_length());
    if (txn.is_write()) std::memcpy(place, txn.get_data_ptr(), txn.get_data_length());
  }
  template <typename T>
  T& at(std::uint64_t address) {
    return *reinterpret_cast<T*>(bytes.data() + address);
  }

  tlm_utils::simple_target_socket<Memory, 64> port{"port"};
  std::vector<unsigned char> bytes;
};

/// One accelerator with its memory and the process that drives it.
struct Node : sc_core::sc_module, dixion::InterruptSink, dixion::GuestErrorSink {
  Node(const sc_core::sc_module_name& name, int node_seed)
      : sc_module(name), seed(node_seed), accelerator("accelerator", {}, {this, this, nullptr, nullptr}) {
    SC_HAS_PROCESS(Node);
    SC_THREAD(drive);
    registers.bind(accelerator.registers);
    buffer.bind(accelerator.buffer);
    accelerator.memory.bind(memory.port);
  }

  void set_level(unsigned line, bool level) override {
    if (line == 0 && level) completed.notify(sc_core::SC_ZERO_TIME);
  }
  void guest_error(const dixion::GuestError& error) override {
    std::fprintf(stderr, "%s: %s, expected %s\n", name(), error.subject.c_str(), error.expected.c_str());
    ++mistakes;
  }

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
    if (!txn.is_response_ok()) ++mistakes;
  }
  void describe(unsigned index, std::uint64_t address, int rows, int columns, std::uint8_t format, unsigned element) {
    dixion_descriptor_t& descriptor = memory.at<dixion_descriptor_t>(kTable + index * sizeof(dixion_descriptor_t));
    descriptor.address = address;
    descriptor.extent[0] = static_cast<std::uint32_t>(rows);
    descriptor.extent[1] = static_cast<std::uint32_t>(columns);
    descriptor.stride[0] = static_cast<std::uint64_t>(columns) * element;
    descriptor.stride[1] = element;
    descriptor.format = format;
    descriptor.rank = 2;
  }
  int src(int row, int k) const { return (row * 31 + k * 7 + seed * 13) % 2001 - 1000; }
  int weight(int column, int k) const { return (column * 17 + k * 5 + seed * 3) % 255 - 127; }

  void drive() {
    for (int k = 0; k < kDepth; ++k) {
      for (int row = 0; row < kRows; ++row) {
        memory.at<std::int16_t>(kSrc + 2 * (row * kDepth + k)) = static_cast<std::int16_t>(src(row, k));
      }
      for (int column = 0; column < kColumns; ++column) {
        memory.at<std::int8_t>(kWeight + column * kDepth + k) = static_cast<std::int8_t>(weight(column, k));
      }
    }
    describe(1, kSrc, kRows, kDepth, DIXION_FORMAT_INT12, 2);
    describe(2, kWeight, kColumns, kDepth, DIXION_FORMAT_INT8, 1);
    describe(3, kDst, kRows, kColumns, DIXION_FORMAT_INT32, 4);
    dixion_command_t& nop = memory.at<dixion_command_t>(kRing);
    nop.opcode = DIXION_OPCODE_NOP;
    dixion_command_t& matmul = memory.at<dixion_command_t>(kRing + sizeof(dixion_command_t));
    matmul.opcode = DIXION_OPCODE_MATMUL;
    matmul.flags = DIXION_COMMAND_FLAG_INTERRUPT;
    matmul.operands[0] = 1;
    matmul.operands[1] = 2;
    matmul.operands[4] = 3;
    matmul.immediates[0] = 1;  // multiplier; shift 0

    write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, kTable);
    write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 4);
    write(DIXION_ACCELERATOR_INTR_ENABLE, 1);
    write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
    write(0x1000 + DIXION_QUEUE_RING_BASE_LO, kRing);
    write(0x1000 + DIXION_QUEUE_RING_SIZE, 8);
    write(0x1000 + DIXION_QUEUE_COMPLETION_BASE_LO, kRecords);
    write(0x1000 + DIXION_QUEUE_COMPLETION_SIZE, 8);
    write(0x1000 + DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
    write(0x1000 + DIXION_QUEUE_DOORBELL, 2);
    wait(completed);
    done = true;
  }

  bool right() {
    if (!done || mistakes != 0 || !accelerator.idle()) return false;
    accelerator.check_counters();
    for (int row = 0; row < kRows; ++row) {
      for (int column = 0; column < kColumns; ++column) {
        int sum = 0;
        for (int k = 0; k < kDepth; ++k) sum += src(row, k) * weight(column, k);
        if (memory.at<std::int32_t>(kDst + 4 * (row * kColumns + column)) != sum) return false;
      }
    }
    return true;
  }

  int seed;
  dixion::Accelerator accelerator;
  Memory memory{"memory"};
  tlm_utils::simple_initiator_socket<Node, 64> registers{"registers"};
  tlm_utils::simple_initiator_socket<Node, 64> buffer{"buffer"};
  sc_core::sc_event completed;
  bool done = false;
  int mistakes = 0;
};

bool refuses_bad_configuration() {
  dixion::AcceleratorConfig config;
  config.cores = 65;
  try {
    dixion::Accelerator::validate(config);
  } catch (const std::runtime_error&) {
    return true;
  }
  return false;
}

}  // namespace

int sc_main(int, char**) {
  if (!refuses_bad_configuration()) return 1;
  Node first("first", 1);
  Node second("second", 2);
  sc_core::sc_start();
  return first.right() && second.right() ? 0 : 1;
}
