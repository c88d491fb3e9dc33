// SPDX-License-Identifier: Apache-2.0
/// The whole accelerator under a program that makes mistakes: what it sees, and whether everything goes on afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/queue_registers.h"
#include "models/accelerator/accelerator.h"
#include "tests/support/simple_tlm_memory.h"
#include "tests/support/tlm_protocol_checker.h"

namespace dixion::test {

class MisuseBench;

/// One entry of the catalogue: the source of docs/guest_errors.md and of a test.
struct Mistake {
  /// What it leads to.
  enum class Kind : std::uint8_t {
    kCommand,   ///< record with status ERROR, error registers, queue halted
    kRegister,  ///< the write has no effect, cause BAD_REGISTER in the error registers, queue not halted
    kLine,      ///< the line on stderr only
    kAccess,    ///< the access is answered with a bus error
  };
  Kind kind;
  const char* name;
  const char* what;
  std::uint32_t cause;
  std::uint32_t field;
  std::uint64_t value;
  const char* subject;   ///< for kCommand and kRegister without "QUEUE0."
  const char* expected;  ///< for kCommand without cause and command number
  /// Makes the mistake on queue 0. kCommand: spoils `command`, a correct DMA_FILL that is submitted afterwards.
  std::function<void(MisuseBench& bench, dixion_command_t& command)> make;
  bool in_list = false;    ///< the command is number 0 of a list with a parameter block
  bool resumable = true;   ///< false: the cause stays until a reset
  bool has_record = true;  ///< false: the record itself cannot be written
  /// true: it lies in a tensor's values, which timing mode does not read; there the command completes without error.
  bool in_values = false;
  const char* expected_in_timing_mode = nullptr;  ///< where it differs from `expected`
};

/// false: timing mode.
inline AcceleratorConfig config_of_mode(bool compute_values) {
  AcceleratorConfig config;
  config.compute_values = compute_values;
  return config;
}

/// How the failing queue is brought back.
enum class Recovery : std::uint8_t { kResume, kQueueReset, kDeviceReset };

class MisuseBench : public sc_core::sc_module, public GuestErrorSink, public InterruptSink {
 public:
  explicit MisuseBench(const AcceleratorConfig& config = {}, const sc_core::sc_module_name& name = "bench");

  /// Runs the script as a process; it must reach its end.
  void run(const std::function<void()>& script);

  // Registers.
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, unsigned length,
                                  std::uint32_t value = 0);
  void write(std::uint64_t address, std::uint32_t value);
  std::uint32_t read(std::uint64_t address);
  void write_queue(std::uint32_t offset, std::uint32_t value, unsigned queue = 0);
  std::uint32_t read_queue(std::uint32_t offset, unsigned queue = 0);

  // A driver's work.
  void device_reset();
  void queue_reset(unsigned queue);
  /// Fresh tensors, descriptors, rings.
  void prepare_memory();
  /// Device, descriptor table and queue are as they should be, whatever was wrong before.
  void make_ready(unsigned queue);
  void open_queue(unsigned queue);
  void submit(unsigned queue, std::initializer_list<dixion_command_t> commands);
  void wait_until(const char* what, const std::function<bool()>& holds);
  void wait_for_records(unsigned queue, std::uint32_t count);
  /// A fill of queue `queue`'s own tensor runs to its end and changes the memory, in timing mode to zeros.
  void expect_runs(unsigned queue);

  dixion_command_t command(std::uint8_t opcode, std::initializer_list<std::uint16_t> operands) const;
  dixion_command_t call(std::uint64_t list, const dixion_command_t& only, std::uint64_t parameters = 0);
  dixion_descriptor_t& descriptor(unsigned index) { return at<dixion_descriptor_t>(kTable + index * 64); }
  dixion_descriptor_t& bad() { return descriptor(kBad); }
  void describe(unsigned index, std::uint64_t address, std::uint8_t format, unsigned element,
                const std::vector<std::uint32_t>& extents);
  dixion_completion_t& record(unsigned queue, std::uint32_t index) {
    return at<dixion_completion_t>(records(queue) + 32 * (index % kSlots));
  }
  template <typename T>
  T& at(std::uint64_t address) {
    return *reinterpret_cast<T*>(memory.data() + address);
  }

  void guest_error(const GuestError& error) override { errors.push_back(error); }
  void set_level(unsigned line, bool level) override { lines[line] = level; }

  // Descriptors.
  static constexpr std::uint16_t kFilled0 = 1, kFilled1 = 2, kMatrix = 3, kWeight = 4, kProduct = 5, kList = 6,
                                 kBad = 7, kBroken = 8, kHeads = 9, kHeadsOut = 10, kRequant = 11, kConstants = 12,
                                 kStamp = 13;
  static constexpr std::uint32_t kDescriptors = 16;
  // Memory.
  static constexpr std::uint64_t kTable = 0x8000, kLists = 0xc000, kParameters = 0xe000, kTensors = 0x20000,
                                 kResults = 0x60000, kBrokenMemory = 0x70000;
  static constexpr std::uint32_t kSlots = 16;
  static std::uint64_t ring(unsigned queue) { return 0x1000 + 0x1000 * queue; }
  static std::uint64_t records(unsigned queue) { return 0x4000 + 0x1000 * queue; }
  static constexpr std::uint64_t result(unsigned queue) { return kResults + 0x1000 * queue; }

  const bool compute_values;  ///< false: timing mode
  Accelerator accelerator;
  SimpleTlmMemory memory;
  std::vector<GuestError> errors;
  bool lines[DIXION_LINES] = {};

 private:
  TlmProtocolChecker register_checker_{"register_checker"};
  TlmProtocolChecker memory_checker_{"memory_checker"};
  tlm_utils::simple_initiator_socket<MisuseBench, 64> registers_{"registers"};
  tlm_utils::simple_initiator_socket<MisuseBench, 64> buffer_{"buffer"};
  std::uint32_t colour_ = 0;
};

/// The catalogue, in the order of the page.
std::vector<Mistake> command_mistakes();
std::vector<Mistake> descriptor_mistakes();
std::vector<Mistake> operator_mistakes();
std::vector<Mistake> shape_mistakes();
std::vector<Mistake> mask_mistakes();
std::vector<Mistake> row_list_mistakes();
std::vector<Mistake> register_mistakes();

}  // namespace dixion::test
