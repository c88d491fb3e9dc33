// SPDX-License-Identifier: Apache-2.0
/// Every way in which a packed workload can be wrong is noticed and named.
#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/firmware/tiny_image.h"

namespace dixion::test {
namespace {

struct Image : testing::Test {
  Arena arena{0x8000'0000, 1 << 16};
  TinyImage image;
  std::uint32_t weight = image.tensor(DIXION_LIFETIME_DATA, 100);
  std::uint32_t scratch = image.tensor(DIXION_LIFETIME_STEP, 100);
  std::uint32_t output = image.tensor(DIXION_LIFETIME_OUTPUT, 100);
  std::uint32_t part = image.view(weight, 50, 50);
  image_problem_t problem{};

  void SetUp() override {
    image.add(DIXION_OPCODE_DMA_COPY, {weight, scratch});
    image.add(DIXION_OPCODE_DMA_COPY, {scratch, output});
  }
  status_t check(dixion_image_header_t* header) { return image_check(header, header->size, &problem); }
  status_t check() { return check(image.pack(arena)); }
};

TEST_F(Image, GoodOneIsAccepted) {
  EXPECT_EQ(check(), STATUS_OK);
  EXPECT_EQ(problem.what, nullptr);
}

TEST_F(Image, AnyFlippedBitOfTheTablesIsNoticed) {
  dixion_image_header_t* header = image.pack(arena);
  for (const std::uint64_t offset : {sizeof *header, header->data_offset / 2, header->data_offset - 1}) {
    arena.data()[offset] ^= 0x10;
    EXPECT_EQ(check(header), STATUS_BAD_IMAGE);
    EXPECT_STREQ(problem.what, "checksum differs");
    arena.data()[offset] ^= 0x10;
  }
}

TEST_F(Image, DataIsNotLookedAt) {
  dixion_image_header_t* header = image.pack(arena);
  for (const std::uint64_t offset : {header->data_offset, header->size - 1}) arena.data()[offset] ^= 0x10;
  EXPECT_EQ(check(header), STATUS_OK);
}

TEST_F(Image, HeaderIsCheckedFieldByField) {
  const std::pair<const char*, std::function<void(dixion_image_header_t&)>> cases[] = {
      {"no workload image", [](auto& h) { h.magic ^= 1; }},
      {"image format of another version", [](auto& h) { h.version = 1; }},
      {"tensor data begins outside the image", [](auto& h) { h.data_offset += 32; }},
      {"tensor data begins outside the image", [](auto& h) { h.data_offset = 64; }},
      {"tensor data begins outside the image", [](auto& h) { h.data_offset = (h.size + 64) & ~63ull; }},
      {"operator table outside the tables", [](auto& h) { h.operator_count = 0x7fffffff; }},
      {"operator table outside the tables", [](auto& h) { h.operators_offset = ~7ull; }},
      {"tensor table outside the tables", [](auto& h) { h.tensors_offset = h.data_offset; }},
      {"tensor table outside the tables", [](auto& h) { h.data_offset -= 64; }},
      {"steps outside 1 to 1023", [](auto& h) { h.steps = 0; }},
      {"steps outside 1 to 1023", [](auto& h) { h.steps = 1024; }},
      {"no output tensor", [](auto& h) { h.output_tensor = h.tensor_count; }},
      {"output tensor has another lifetime", [](auto& h) { h.output_tensor = 0; }},
  };
  for (const auto& [expected, damage] : cases) {
    dixion_image_header_t* header = image.pack(arena);
    const std::uint64_t size = header->size;
    damage(*header);
    EXPECT_EQ(image_check(header, size, &problem), STATUS_BAD_IMAGE);
    EXPECT_STREQ(problem.what, expected);
  }
}

TEST_F(Image, CutShortIsNoticedBeforeAnythingIsReadBeyond) {
  dixion_image_header_t* header = image.pack(arena);
  EXPECT_EQ(image_check(header, header->size - 1, &problem), STATUS_BAD_IMAGE);
  EXPECT_STREQ(problem.what, "image is cut short");
  EXPECT_EQ(image_check(header, 127, &problem), STATUS_BAD_IMAGE);
}

TEST_F(Image, TensorsAreChecked) {
  const std::pair<const char*, std::function<void(TinyImage&)>> cases[] = {
      {"rank outside 1 to 4", [](auto& i) { i.tensors[1].rank = 5; }},
      {"unknown lifetime", [](auto& i) { i.tensors[1].lifetime = 4; }},
      {"a step stride without data", [](auto& i) { i.tensors[1].step_stride = 4; }},
      {"data outside the image", [](auto& i) { i.tensors[0].size = 1 << 20; }},
      {"data outside the image", [](auto& i) { i.tensors[0].offset -= 64; }},  // in the tables
      {"parent is no tensor", [](auto& i) { i.tensors[3].parent = 99; }},
      {"view of a view", [](auto& i) { i.tensors[3].parent = 3; }},
      {"view outside its parent", [](auto& i) { i.tensors[3].offset = 51; }},
      {"view with another lifetime than its parent", [](auto& i) { i.tensors[3].lifetime = DIXION_LIFETIME_RUN; }},
  };
  for (const auto& [expected, damage] : cases) {
    TinyImage damaged = image;
    damage(damaged);
    EXPECT_EQ(check(damaged.pack(arena)), STATUS_BAD_IMAGE);
    EXPECT_STREQ(problem.what, expected);
  }
}

TEST_F(Image, OperatorsAreChecked) {
  const std::pair<const char*, std::function<void(TinyImage&)>> cases[] = {
      {"opcode that a list cannot hold", [](auto& i) { i.operators[1].opcode = DIXION_OPCODE_CALL; }},
      {"opcode that a list cannot hold", [](auto& i) { i.operators[1].opcode = 0xee; }},
      {"unknown phase", [](auto& i) { i.operators[1].phase = 3; }},
      {"operand is no tensor", [](auto& i) { i.operators[1].operands[0] = 4; }},
      {"no operand to write", [](auto& i) { i.operators[1].operands[1] = DIXION_IMAGE_NONE; }},
      {"writes into the image's data", [](auto& i) { i.operators[1].operands[1] = 0; }},
  };
  for (const auto& [expected, damage] : cases) {
    TinyImage damaged = image;
    damage(damaged);
    EXPECT_EQ(check(damaged.pack(arena)), STATUS_BAD_IMAGE);
    EXPECT_STREQ(problem.what, expected);
    EXPECT_EQ(problem.index, 1u);
  }
}

}  // namespace
}  // namespace dixion::test
