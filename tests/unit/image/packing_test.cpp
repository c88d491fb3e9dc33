// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <gtest/gtest.h>

#include "firmware/runtime/image_format.h"
#include "models/abi/generated/commands.h"
#include "models/abi/tag.h"
#include "tests/support/tiny_workload.h"
#include "tests/unit/image/folder_of_test.h"
#include "traces/image/image_writer.h"
#include "traces/image/packer.h"

namespace dixion {
namespace {

using test::folder_of_test;

/// CRC-32 of IEEE 802.3, bit by bit.
std::uint32_t crc32_by_bits(const std::uint8_t* bytes, std::size_t count) {
  std::uint32_t crc = 0xffffffffU;
  for (std::size_t i = 0; i < count; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
  }
  return ~crc;
}

/// A packed image taken apart.
struct Parsed {
  explicit Parsed(std::vector<std::uint8_t> image) : bytes(std::move(image)) {
    std::memcpy(&header, bytes.data(), sizeof header);
    operators.resize(header.operator_count);
    std::memcpy(operators.data(), bytes.data() + header.operators_offset, operators.size() * sizeof operators[0]);
    tensors.resize(header.tensor_count);
    std::memcpy(tensors.data(), bytes.data() + header.tensors_offset, tensors.size() * sizeof tensors[0]);
  }
  template <typename T>
  [[nodiscard]] T at(std::uint64_t offset) const {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  }
  [[nodiscard]] const dixion_image_tensor_t& operand(std::size_t op, std::size_t operand) const {
    return tensors.at(operators.at(op).operands[operand]);
  }

  std::vector<std::uint8_t> bytes;
  dixion_image_header_t header{};
  std::vector<dixion_image_operator_t> operators;
  std::vector<dixion_image_tensor_t> tensors;
};

workload::Workload tiny() { return load_workload(test::write_tiny_workload(folder_of_test())); }
Parsed packed(const workload::Workload& workload) { return Parsed(pack_workload(workload, folder_of_test()).bytes); }

TEST(ImageWriter, LaysOutHeaderTablesAndDataAt64Bytes) {
  ImageParts parts;
  parts.steps = 3;
  parts.samples = 2;
  parts.branches = 1;
  parts.output_tensor = 2;
  parts.operators.resize(2);
  parts.operators[1].opcode = DIXION_OPCODE_DMA_COPY;
  parts.tensors.resize(4);
  for (ImageTensor& tensor : parts.tensors) tensor.record.parent = DIXION_IMAGE_NONE;
  parts.tensors[0].data = {1, 2, 3};
  parts.tensors[0].record.size = 3;
  parts.tensors[1].data.assign(65, 9);
  parts.tensors[1].record.size = 65;
  parts.tensors[2].record.lifetime = DIXION_LIFETIME_OUTPUT;
  parts.tensors[2].record.size = 100;
  parts.tensors[3].record.parent = 2;
  parts.tensors[3].record.lifetime = DIXION_LIFETIME_OUTPUT;
  parts.tensors[3].record.offset = 8;
  parts.tensors[3].record.size = 4;
  const Parsed image(write_image(parts));

  EXPECT_EQ(image.header.magic, 0x49575844U);
  EXPECT_EQ(std::string(image.bytes.begin(), image.bytes.begin() + 4), "DXWI");
  EXPECT_EQ(image.header.version, DIXION_IMAGE_VERSION);
  EXPECT_EQ(image.header.operators_offset, 192U);
  EXPECT_EQ(image.header.tensors_offset, 384U);  // 192 + 2 * 80 = 352, up to 64
  EXPECT_EQ(image.tensors[0].offset, 704U);      // 384 + 4 * 80
  EXPECT_EQ(image.tensors[1].offset, 768U);
  EXPECT_EQ(image.header.data_offset, 704U);
  EXPECT_EQ(image.header.size, 896U);  // 768 + 65, up to 64
  EXPECT_EQ(image.bytes.size(), 896U);
  EXPECT_EQ(image.header.scratch_size, 128U);  // 100, up to 64; the view takes nothing
  EXPECT_EQ(image.tensors[2].offset, 0U);
  EXPECT_EQ(image.tensors[3].offset, 8U);
  EXPECT_EQ(image.at<std::uint8_t>(706), 3);
  EXPECT_EQ(image.at<std::uint8_t>(707), 0);
  EXPECT_EQ(image.header.output_tensor, 2U);
  EXPECT_EQ(image.header.result.state, static_cast<std::uint32_t>(DIXION_IMAGE_STATE_PACKED));
  EXPECT_EQ(image.header.checksum, crc32_by_bits(image.bytes.data() + 192, image.header.data_offset - 192));
}

TEST(Packing, SameInputGivesTheSameBytes) {
  const workload::Workload workload = tiny();
  EXPECT_EQ(packed(workload).bytes, packed(workload).bytes);
  EXPECT_EQ(packed(tiny()).bytes, packed(workload).bytes);
}

TEST(Packing, ChecksumCoversTheTables) {
  const Parsed image = packed(tiny());
  EXPECT_EQ(image.header.checksum, crc32_by_bits(image.bytes.data() + 192, image.header.data_offset - 192));
  EXPECT_EQ(image.header.size, image.bytes.size());
}

TEST(Packing, ConstantTensorsAreAlignedInsideTheImageAndDoNotOverlap) {
  const Parsed image = packed(tiny());
  EXPECT_LE(image.header.tensors_offset + image.header.tensor_count * sizeof(dixion_image_tensor_t),
            image.header.data_offset);
  std::uint64_t end = image.header.data_offset;
  std::uint64_t scratch = 0;
  for (const dixion_image_tensor_t& tensor : image.tensors) {
    if (tensor.parent != DIXION_IMAGE_NONE) continue;
    if (tensor.lifetime != DIXION_LIFETIME_DATA) {
      scratch += (tensor.size + 63) / 64 * 64;
      EXPECT_EQ(tensor.offset, 0U);
      continue;
    }
    EXPECT_EQ(tensor.offset % 64, 0U);
    EXPECT_GE(tensor.offset, end);
    end = tensor.offset + tensor.size;
  }
  EXPECT_LE(end, image.header.size);
  EXPECT_EQ(scratch, image.header.scratch_size);
}

TEST(Packing, RecordsHoldShapesStridesAndViews) {
  const Parsed image = packed(tiny());
  // Operators: noise, gather; t1, silu, t2, add, silu, convert, inp, add; then 11 per layer.
  const dixion_image_tensor_t& gate1 = image.operand(15, 1);  // GATED_RESIDUAL of layer 0
  EXPECT_EQ(gate1.rank, 3);
  EXPECT_EQ(std::vector<std::uint32_t>(gate1.extent, gate1.extent + 4), (std::vector<std::uint32_t>{8, 1, 32, 0}));
  EXPECT_EQ(std::vector<std::uint64_t>(gate1.stride, gate1.stride + 4),
            (std::vector<std::uint64_t>{6 * 32 * 4, 0, 4, 0}));
  EXPECT_EQ(gate1.offset, 2U * 32 * 4);
  EXPECT_EQ(gate1.size, 7U * 6 * 32 * 4 + 32 * 4);
  EXPECT_EQ(gate1.parent, image.operators[10].operands[4]);
  EXPECT_EQ(gate1.format, DIXION_FORMAT_INT32);
  const dixion_image_tensor_t& k = image.operand(13, 1);  // ATTENTION of layer 0
  EXPECT_EQ(std::vector<std::uint32_t>(k.extent, k.extent + 4), (std::vector<std::uint32_t>{8, 2, 16, 16}));
  EXPECT_EQ(std::vector<std::uint64_t>(k.stride, k.stride + 4),
            (std::vector<std::uint64_t>{16 * 96 * 2, 32, 96 * 2, 2}));
  EXPECT_EQ(k.offset, 32U * 2);
}

TEST(Packing, OperatorsCarryPhaseLayerSplitAndAbsentOperands) {
  const Parsed image = packed(tiny());
  ASSERT_EQ(image.operators.size(), 2U + 8 + 2 * 11 + 4 + 1);
  EXPECT_EQ(image.operators.front().opcode, DIXION_OPCODE_NOISE);
  EXPECT_EQ(image.operators.front().phase, DIXION_PHASE_ONCE);
  EXPECT_EQ(image.operators.front().layer, DIXION_TAG_LAYER_NONE);
  EXPECT_EQ(image.operators.front().operands[1], DIXION_IMAGE_NONE);
  EXPECT_EQ(image.operators[13].opcode, DIXION_OPCODE_ATTENTION);
  EXPECT_EQ(image.operators[13].split, DIXION_SPLIT_HEADS);
  EXPECT_EQ(image.operators[13].layer, 0);
  EXPECT_EQ(image.operators[24].layer, 1);
  EXPECT_EQ(image.operators[24].phase, DIXION_PHASE_STEP);
  EXPECT_EQ(image.operators.back().opcode, DIXION_OPCODE_DMA_COPY);
  EXPECT_EQ(image.operators.back().phase, DIXION_PHASE_FINISH);
  EXPECT_EQ(image.tensors[image.header.output_tensor].lifetime, DIXION_LIFETIME_OUTPUT);
}

TEST(Packing, StepTablesHaveARowPerStepAndAreNotResident) {
  const Parsed image = packed(tiny());
  const dixion_image_tensor_t& code = image.operand(2, 0);  // t1's src
  EXPECT_EQ(code.step_stride, 32U * 2);
  EXPECT_EQ(code.size, 4U * 32 * 2);
  EXPECT_EQ(code.extent[0], 1U);
  EXPECT_EQ(code.resident, 0);
  const std::size_t sampler = image.operators.size() - 2;
  ASSERT_EQ(image.operators[sampler].opcode, DIXION_OPCODE_SAMPLER_UPDATE);
  const dixion_image_tensor_t& constants = image.operand(sampler, 3);
  EXPECT_EQ(constants.step_stride, 24U);
  EXPECT_EQ(constants.size, 4U * 24);
  const std::uint64_t last = constants.offset + 3 * 24;
  EXPECT_EQ(image.at<std::int32_t>(last + 8), 0) << "c of the last step";
  EXPECT_EQ(image.at<std::int32_t>(last + 12), 1 << 24) << "d of the last step";
  EXPECT_EQ(image.at<std::int32_t>(last + 16), 2 << 16) << "guidance";
  EXPECT_EQ(image.at<std::int32_t>(last + 20), 78643) << "limit 1.2";
}

TEST(Packing, OnlyConstantsOfTheStepsAreResident) {
  const Parsed image = packed(tiny());
  EXPECT_EQ(image.operand(2, 1).resident, 1) << "weight of t1";
  EXPECT_EQ(image.operand(2, 2).resident, 1) << "bias of t1";
  EXPECT_EQ(image.operand(2, 3).resident, 1) << "factors of t1";
  EXPECT_EQ(image.operand(1, 0).resident, 0) << "class embedding, read once";
  EXPECT_EQ(image.operand(8, 4).resident, 0) << "x";
}

TEST(Packing, WithoutGuidanceThereIsOneBranchAndNoSecondPrediction) {
  workload::Workload workload = tiny();
  workload.set_guidance(0);
  const Parsed image = packed(workload);
  EXPECT_EQ(image.header.branches, 1U);
  EXPECT_EQ(image.operators[image.operators.size() - 2].operands[2], DIXION_IMAGE_NONE);
  EXPECT_EQ(image.operand(8, 4).extent[0], 4U);
}

TEST(Packing, SeedAndFirstSampleReachTheNoise) {
  workload::Workload workload = tiny();
  workload.set_seed(0x123456789abcdef0ULL);
  workload.set_first_sample(16);
  const Parsed image = packed(workload);
  EXPECT_EQ(image.operators[0].immediates[0], 0x9abcdef0U);
  EXPECT_EQ(image.operators[0].immediates[1], 0x12345678U);
  EXPECT_EQ(image.operators[0].immediates[2], 16U);
}

TEST(Packing, NamesFollowTheOperatorNumbers) {
  const PackedImage image = pack_workload(tiny(), folder_of_test());
  EXPECT_EQ(image.operator_names[13], "0.attention");
  EXPECT_EQ(image.operator_names[24], "1.attention");
  EXPECT_EQ(image.sample_classes, (std::vector<std::string>{"A", "B", "C", "D"}));
  EXPECT_EQ(image.output_shape, (std::vector<std::uint64_t>{4, 8, 8}));
}

}  // namespace
}  // namespace dixion
