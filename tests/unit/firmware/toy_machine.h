// SPDX-License-Identifier: Apache-2.0
/// A machine with toy operators: every operator's result depends on every byte it reads, on its number and on the step.
/// Run once on a schedule, command by command at real addresses, and once on the image with memory of its own for each
/// tensor, it tells whether shared memory, ring and loads ever show an operator the wrong bytes.
#pragma once

#include <algorithm>
#include <vector>

#include "tests/unit/firmware/schedule_bench.h"

namespace dixion::test {

struct ToyMachine {
  static std::uint32_t mix(std::uint32_t a, std::uint32_t b) {
    std::uint32_t x = (a ^ (b + 0x9e3779b9u + (a << 6))) * 0x85ebca6bu;
    return x ^ (x >> 13);
  }

  /// Offsets of the elements (of one byte) of a view.
  template <typename View>
  static std::vector<std::uint64_t> elements(const View& view) {
    std::vector<std::uint64_t> offsets{0};
    for (unsigned d = 0; d < view.rank; ++d) {
      std::vector<std::uint64_t> next;
      for (const std::uint64_t base : offsets) {
        for (std::uint32_t i = 0; i < view.extent[d]; ++i) next.push_back(base + i * view.stride[d]);
      }
      offsets = std::move(next);
    }
    return offsets;
  }

  /// What an operator writes as its element `index`.
  static std::uint8_t result(std::uint32_t digest, std::size_t index) {
    return static_cast<std::uint8_t>(mix(digest, static_cast<std::uint32_t>(index)) >> 5);
  }
};

/// The image with memory of its own for each tensor that is no view.
class ToyReference {
 public:
  explicit ToyReference(const dixion_image_header_t* image) : image_(image) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(image);
    for (std::uint32_t i = 0; i < image->tensor_count; ++i) {
      const dixion_image_tensor_t& tensor = image_tensors(image)[i];
      memory_.emplace_back(tensor.size);
      if (tensor.lifetime == DIXION_LIFETIME_DATA && tensor.parent == DIXION_IMAGE_NONE)
        std::copy_n(bytes + tensor.offset, tensor.size, memory_.back().begin());
    }
  }

  /// Returns what each operator read, in order of execution, as a digest.
  std::vector<std::uint32_t> run() {
    for (const std::uint32_t phase : {DIXION_PHASE_ONCE, DIXION_PHASE_STEP, DIXION_PHASE_FINISH}) {
      const std::uint32_t rounds = phase == DIXION_PHASE_STEP ? image_->steps : 1;
      for (std::uint32_t step = 0; step < rounds; ++step) {
        for (std::uint32_t i = 0; i < image_->operator_count; ++i) {
          const dixion_image_operator_t& op = image_operators(image_)[i];
          if (op.phase == phase && (op.step_kinds == 0 || (op.step_kinds >> kind(phase, step) & 1) != 0))
            execute(i, step);
        }
      }
    }
    return digests_;
  }

 private:
  /// The kind of step, from what the header says of softmax thresholding: all but the first steps reuse masks.
  [[nodiscard]] std::uint32_t kind(std::uint32_t phase, std::uint32_t step) const {
    return phase == DIXION_PHASE_STEP && image_->st.first_steps != 0 && step >= image_->st.first_steps
               ? DIXION_STEP_KIND_ST
               : 0;
  }
  std::uint8_t& byte(std::uint32_t tensor, std::uint64_t offset) {
    const dixion_image_tensor_t& entry = image_tensors(image_)[tensor];
    return entry.parent == DIXION_IMAGE_NONE ? memory_[tensor].at(offset)
                                             : memory_[entry.parent].at(entry.offset + offset);
  }
  void execute(std::uint32_t number, std::uint32_t step) {
    const dixion_image_operator_t& op = image_operators(image_)[number];
    const unsigned output = output_operand(op.opcode);
    std::uint32_t digest = ToyMachine::mix(number, step);
    for (unsigned k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      if (op.operands[k] == DIXION_IMAGE_NONE || k == output) continue;
      for (const std::uint64_t offset : ToyMachine::elements(image_tensors(image_)[op.operands[k]]))
        digest = ToyMachine::mix(digest, byte(op.operands[k], offset));
    }
    digests_.push_back(digest);
    std::size_t index = 0;
    for (const std::uint64_t offset : ToyMachine::elements(image_tensors(image_)[op.operands[output]]))
      byte(op.operands[output], offset) = ToyMachine::result(digest, index++);
  }

  const dixion_image_header_t* image_;
  std::vector<std::vector<std::uint8_t>> memory_;
  std::vector<std::uint32_t> digests_;
};

/// The schedule's lists, one command after the other, in memory as the device sees it.
class ToyDevice {
 public:
  ToyDevice(const schedule_t& schedule, Arena& arena, std::uint64_t global_buffer_bytes)
      : schedule_(schedule), arena_(arena), global_buffer_(global_buffer_bytes) {}

  std::vector<std::uint32_t> run() {
    for (const std::uint32_t phase : {DIXION_PHASE_ONCE, DIXION_PHASE_STEP, DIXION_PHASE_FINISH}) {
      const std::uint32_t rounds = phase == DIXION_PHASE_STEP ? schedule_.image->steps : 1;
      for (std::uint32_t step = 0; step < rounds; ++step) {
        const command_list_t& list = *schedule_list(&schedule_, phase, step);
        for (std::uint32_t i = 0; i < list.count; ++i) {
          if (list.commands[i].opcode != DIXION_OPCODE_NOP) execute(list.commands[i], step);
        }
      }
    }
    return digests_;
  }

 private:
  std::uint8_t& byte(std::uint64_t address, bool write) {
    if (address >= DIXION_GLOBAL_BUFFER_BASE) return global_buffer_.at(address - DIXION_GLOBAL_BUFFER_BASE);
    if (write) {
      EXPECT_GE(address, schedule_.scratch_address);
      EXPECT_LT(address, schedule_.scratch_address + schedule_.dram_bytes);
    }
    return *arena_.at(address);
  }
  void execute(const dixion_command_t& command, std::uint32_t step) {
    const std::uint32_t number = dixion_tag_operator(command.tag);
    const bool load = number == SCHEDULE_OPERATOR_LOAD;
    const unsigned output = output_operand(command.opcode);
    std::uint32_t digest = ToyMachine::mix(number, step);
    std::vector<std::uint8_t> copied;
    for (unsigned k = 0; k < DIXION_MAX_OPERANDS; ++k) {
      if (command.operands[k] == 0 || k == output) continue;
      const dixion_descriptor_t& descriptor = schedule_.descriptors.entries[command.operands[k]];
      for (const std::uint64_t offset : ToyMachine::elements(descriptor)) {
        copied.push_back(byte(descriptor.address + offset, false));
        digest = ToyMachine::mix(digest, copied.back());
      }
    }
    if (!load) digests_.push_back(digest);
    std::size_t index = 0;
    const dixion_descriptor_t& descriptor = schedule_.descriptors.entries[command.operands[output]];
    for (const std::uint64_t offset : ToyMachine::elements(descriptor)) {
      byte(descriptor.address + offset, true) = load ? copied.at(index) : ToyMachine::result(digest, index);
      ++index;
    }
  }

  const schedule_t& schedule_;
  Arena& arena_;
  std::vector<std::uint8_t> global_buffer_;
  std::vector<std::uint32_t> digests_;
};

}  // namespace dixion::test
