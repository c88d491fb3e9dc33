// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/schedule_record.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/check.h"
#include "models/sparsity/greedy_rule.h"

namespace dixion {
namespace {

/// Row 0 needs columns 5 to 36, nothing else is needed: two sources, lane 1 receives row 0. Three tokens: 7, 8, 9.
ScheduleRecord two_sources() {
  std::vector<std::uint16_t> columns(40);
  for (unsigned c = 5; c < 37; ++c) columns[c] = 1;
  const auto schedule = schedule_tile(columns, GreedyRule());
  return make_record(schedule.blocks.at(0), {3, {7, 8, 9}});
}

// Byte for byte from docs/conmerge.md, "Record".
TEST(ScheduleRecord, LiesInMemoryAsThePageSays) {
  ScheduleRecord record = two_sources();
  record.generation = 0x04030201;
  record.tile = 0x08070605;
  record.block = 0x0c0b0a09;
  record.last = true;
  RecordBytes expected{};
  for (unsigned i = 0; i < 12; ++i) expected[i] = static_cast<std::uint8_t>(i + 1);
  expected[12] = 2;
  expected[13] = 1;
  expected[14] = 0b111;
  expected[16 + 1] = 0x80;
  for (unsigned j = 0; j < 16; ++j) {
    expected[32 + 2 * j] = static_cast<std::uint8_t>(5 + j);
    expected[64 + 2 * j] = static_cast<std::uint8_t>(21 + j);
  }
  for (unsigned i = 96; i < 128; ++i) expected[i] = 0xff;
  for (unsigned i = 0; i < 4; ++i) {
    expected[128 + i] = 0x55;      // lane 0: source 1 everywhere
    expected[128 + 4 + i] = 0xaa;  // lane 1: source 2 everywhere
  }
  expected[192 + 2] = expected[192 + 3] = 0xff;
  for (unsigned i = 224; i < 256; ++i)
    expected[i] = i < 230 ? (i % 2 == 0 ? static_cast<std::uint8_t>(7 + (i - 224) / 2) : 0) : 0xff;
  EXPECT_EQ(encode_record(record), expected);
}

struct Break {
  const char* field;
  std::uint64_t value;
  std::function<void(ScheduleRecord&)> apply;
};

TEST(ScheduleRecord, EveryRuleIsCheckedAndTheFieldNamed) {
  const std::vector<Break> breaks{
      {"SOURCES", 0, [](ScheduleRecord& r) { r.sources = 0; }},
      {"SOURCES", 4, [](ScheduleRecord& r) { r.sources = 4; }},
      {"LANES", 0, [](ScheduleRecord& r) { r.lanes = 0; }},
      {"LANES", 0b101, [](ScheduleRecord& r) { r.lanes = 0b101; }},
      {"TOKEN[2]", 0xffff, [](ScheduleRecord& r) { r.token[2] = kNone16; }},
      {"TOKEN[3]", 3, [](ScheduleRecord& r) { r.token[3] = 3; }},
      {"CONFLICT_VECTOR[1]", 0x90, [](ScheduleRecord& r) { r.conflict_vector[1] = 0x90; }},
      {"CONFLICT_VECTOR[2]", 0x01, [](ScheduleRecord& r) { r.conflict_vector[2] = 1; }},
      {"CONFLICT_VECTOR[1]", 0x81, [](ScheduleRecord& r) { r.conflict_vector[1] = 0x81; }},
      {"CONFLICT_VECTOR[1]", 0x83, [](ScheduleRecord& r) { r.conflict_vector[1] = 0x83; }},
      {"CONFLICT_VECTOR[2]", 0x80, [](ScheduleRecord& r) { r.conflict_vector[2] = 0x80; }},
      {"INPUT_SWITCH[1]", 0xffff, [](ScheduleRecord& r) { r.conflict_vector[1] = 0; }},
      {"INPUT_SWITCH[1][3]", 1, [](ScheduleRecord& r) { r.weight_switch[1] &= ~(3U << 6); }},
      {"WEIGHT_SWITCH[0][0]", 3, [](ScheduleRecord& r) { r.weight_switch[0] |= 3; }},
      {"WEIGHT_SWITCH[5][2]", 1, [](ScheduleRecord& r) { r.weight_switch[5] = 1U << 4; }},
      {"COLUMN[0][4]", 0xffff, [](ScheduleRecord& r) { r.column[0][4] = kNone16; }},
      {"COLUMN[2][4]", 12, [](ScheduleRecord& r) { r.column[2][4] = 12; }},
  };
  ScheduleRecord decoded;
  ASSERT_FALSE(decode_record(encode_record(two_sources()), decoded));
  EXPECT_EQ(decoded, two_sources());
  for (const Break& broken : breaks) {
    ScheduleRecord record = two_sources();
    broken.apply(record);
    const auto fault = decode_record(encode_record(record), decoded);
    ASSERT_TRUE(fault) << broken.field;
    EXPECT_EQ(fault->field, broken.field);
    EXPECT_EQ(fault->value, broken.value) << broken.field;
    EXPECT_FALSE(fault->expected.empty());
  }
}

TEST(ScheduleRecord, ReservedFlagsAreRefused) {
  RecordBytes bytes = encode_record(two_sources());
  bytes[13] = 0x82;
  ScheduleRecord decoded;
  const auto fault = decode_record(bytes, decoded);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->field, "FLAGS");
  EXPECT_EQ(fault->value, 0x82U);
}

TEST(ScheduleRecord, TokensUpTo65534Fit) {
  const auto schedule = schedule_tile(std::vector<std::uint16_t>{1}, GreedyRule());
  EXPECT_EQ(make_record(schedule.blocks.at(0), {1, {65534}}).token[0], 65534U);
  EXPECT_THROW((void)make_record(schedule.blocks.at(0), {1, {65535}}), DefectError);
}

}  // namespace
}  // namespace dixion
