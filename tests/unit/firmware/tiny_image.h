// SPDX-License-Identifier: Apache-2.0
/// Packed workloads made by hand, to show the runtime what it would get from the packer.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "tests/driver/native_port.h"
extern "C" {
#include "firmware/lib/crc32.h"
#include "firmware/runtime/image.h"
#include "models/abi/generated/commands.h"
}

namespace dixion::test {

class TinyImage {
 public:
  /// A dense rank-1 INT8 tensor of `bytes`; DATA gets `bytes` of content.
  std::uint32_t tensor(dixion_lifetime lifetime, std::uint64_t bytes) {
    dixion_image_tensor_t entry{};
    entry.size = bytes;
    entry.extent[0] = static_cast<std::uint32_t>(bytes);
    entry.stride[0] = 1;
    entry.parent = DIXION_IMAGE_NONE;
    entry.format = DIXION_FORMAT_INT8;
    entry.rank = 1;
    entry.lifetime = static_cast<std::uint8_t>(lifetime);
    if (lifetime == DIXION_LIFETIME_DATA) {
      entry.offset = data_.size();  // relative until pack()
      data_.resize((data_.size() + bytes + 63) / 64 * 64, static_cast<std::uint8_t>(tensors.size() + 1));
    }
    tensors.push_back(entry);
    return static_cast<std::uint32_t>(tensors.size() - 1);
  }

  std::uint32_t view(std::uint32_t parent, std::uint64_t offset, std::uint64_t bytes) {
    dixion_image_tensor_t entry = tensors[parent];
    entry.parent = parent;
    entry.offset = offset;
    entry.size = bytes;
    entry.extent[0] = static_cast<std::uint32_t>(bytes);
    entry.resident = 0;
    tensors.push_back(entry);
    return static_cast<std::uint32_t>(tensors.size() - 1);
  }

  /// The view becomes `rows` rows from one end of its span to the other, with gaps: half a row's pitch is left out.
  void split(std::uint32_t view, std::uint32_t rows, std::uint32_t pitch) {
    dixion_image_tensor_t& entry = tensors[view];
    entry.rank = 2;
    entry.extent[0] = rows;
    entry.extent[1] = pitch / 2;
    entry.stride[0] = pitch;
    entry.stride[1] = 1;
    entry.size = std::uint64_t{pitch} * (rows - 1) + pitch / 2;
  }

  void add(dixion_opcode opcode, std::initializer_list<std::uint32_t> operands, dixion_phase phase = DIXION_PHASE_STEP,
           std::uint8_t layer = 0) {
    dixion_image_operator_t entry{};
    for (auto& operand : entry.operands) operand = DIXION_IMAGE_NONE;
    std::uint32_t next = 0;
    for (const std::uint32_t operand : operands) entry.operands[next++] = operand;
    entry.opcode = static_cast<std::uint8_t>(opcode);
    entry.phase = static_cast<std::uint8_t>(phase);
    entry.layer = layer;
    operators.push_back(entry);
  }

  /// Puts the image at the start of `arena`. The last OUTPUT tensor is the result.
  dixion_image_header_t* pack(Arena& arena) {
    const std::uint64_t operators_offset = sizeof(dixion_image_header_t);
    const std::uint64_t tensors_offset = operators_offset + operators.size() * sizeof(dixion_image_operator_t);
    const std::uint64_t data_offset = (tensors_offset + tensors.size() * sizeof(dixion_image_tensor_t) + 63) / 64 * 64;
    dixion_image_header_t header{};
    header.magic = DIXION_IMAGE_MAGIC;
    header.version = DIXION_IMAGE_VERSION;
    header.size = data_offset + data_.size();
    header.operator_count = static_cast<std::uint32_t>(operators.size());
    header.operators_offset = operators_offset;
    header.tensor_count = static_cast<std::uint32_t>(tensors.size());
    header.tensors_offset = tensors_offset;
    header.data_offset = data_offset;
    header.steps = steps;
    header.st = st;
    header.ctr = ctr;
    header.ffn = ffn;
    header.samples = 1;
    header.branches = 1;
    std::vector<dixion_image_tensor_t> placed = tensors;
    for (std::uint32_t i = 0; i < placed.size(); ++i) {
      if (placed[i].lifetime == DIXION_LIFETIME_OUTPUT) header.output_tensor = i;
      if (placed[i].lifetime == DIXION_LIFETIME_DATA && placed[i].parent == DIXION_IMAGE_NONE)
        placed[i].offset += data_offset;
    }
    std::uint8_t* image = arena.data();
    if (!operators.empty())
      std::memcpy(image + operators_offset, operators.data(), operators.size() * sizeof(dixion_image_operator_t));
    std::memcpy(image + tensors_offset, placed.data(), placed.size() * sizeof(dixion_image_tensor_t));
    if (!data_.empty()) std::memcpy(image + data_offset, data_.data(), data_.size());
    std::memcpy(image, &header, sizeof header);
    return seal(arena);
  }

  /// Makes the checksum fit what stands in the arena.
  static dixion_image_header_t* seal(Arena& arena) {
    auto* header = reinterpret_cast<dixion_image_header_t*>(arena.data());
    header->checksum = crc32_ieee(arena.data() + sizeof *header, header->data_offset - sizeof *header);
    return header;
  }

  std::vector<dixion_image_tensor_t> tensors;
  std::vector<dixion_image_operator_t> operators;
  std::uint32_t steps = 3;
  dixion_image_reuse_t st{}, ctr{}, ffn{};

 private:
  std::vector<std::uint8_t> data_;
};

}  // namespace dixion::test
