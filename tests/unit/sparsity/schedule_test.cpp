// SPDX-License-Identifier: Apache-2.0
/// Generator and records against the independent checker, and the checker against broken records.
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"
#include "models/sparsity/conmerge.h"
#include "models/sparsity/random_mask.h"
#include "models/sparsity/schedule_record.h"
#include "tests/support/schedule_checker.h"

namespace dixion {
namespace {

using test::check_schedule;
using testing::IsEmpty;
using testing::Not;

struct Case {
  BitMask mask;
  std::vector<std::uint32_t> order;
  std::vector<std::uint8_t> memory;

  test::ScheduleTask task() const {
    return {mask.rows(), mask.columns(), [this](std::size_t r, std::size_t c) { return mask.test(r, c); }, order, 77};
  }
};

Case scheduled(const RandomMaskShape& shape, const std::string& rule, TileOrder tile = TileOrder::kRows,
               std::size_t width = 0, std::uint64_t seed = 1) {
  Case result{random_mask(shape, seed), tile_order(tile, shape.rows, width), {}};
  const auto tiles = cut_tiles(result.order);
  result.memory = encode_schedule(schedule_mask(result.mask, tiles, *make_merge_rule(rule)), tiles, 77);
  return result;
}

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const auto& rule : merge_rules()) names.emplace_back(rule->name());
  return names;
}

class EveryRule : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Rules, EveryRule, testing::ValuesIn(rule_names()),
                         [](const auto& named) { return named.param; });

TEST_P(EveryRule, ComputesEachNeededOutputOnceAtEveryDensityAndSkew) {
  for (unsigned percent = 0; percent <= 100; percent += 4) {
    for (const unsigned skew : {0U, 3U, 12U, 40U}) {
      // 41 tokens: the third tile has 9 lanes; 331 columns: the last block is not full.
      const Case made = scheduled({41, 331, percent / 100.0, skew}, GetParam(), TileOrder::kRows, 0, percent + 1);
      ASSERT_THAT(check_schedule(made.task(), made.memory), IsEmpty()) << percent << " %, skew " << skew;
    }
  }
}

TEST_P(EveryRule, KeepsTheRulesOverPatches) {
  for (const double density : {0.05, 0.3, 0.6}) {
    const Case made = scheduled({60, 200, density, 2}, GetParam(), TileOrder::kPatch, 10);
    ASSERT_THAT(check_schedule(made.task(), made.memory), IsEmpty()) << density;
  }
}

TEST_P(EveryRule, KeepsTheRulesForFewTokens) {
  for (std::size_t rows = 1; rows <= 16; ++rows) {
    const Case made = scheduled({rows, 100, 0.3, 0}, GetParam());
    ASSERT_THAT(check_schedule(made.task(), made.memory), IsEmpty()) << rows;
  }
}

TEST(Schedule, IsTheSameEveryTime) {
  EXPECT_EQ(scheduled({32, 256, 0.2, 1}, "greedy").memory, scheduled({32, 256, 0.2, 1}, "greedy").memory);
}

TEST(Schedule, DecodesToWhatWasEncoded) {
  const Case made = scheduled({41, 331, 0.2, 1}, "greedy");
  ASSERT_GT(made.memory.size(), 0U);
  for (std::size_t at = 0; at < made.memory.size(); at += kRecordBytes) {
    const std::span<const std::uint8_t, kRecordBytes> bytes(made.memory.data() + at, kRecordBytes);
    ScheduleRecord record;
    const auto fault = decode_record(bytes, record);
    ASSERT_FALSE(fault) << fault->field << ' ' << fault->value;
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), encode_record(record).begin()));
  }
}

// No bit of a record is free: the checker objects to every one that is flipped.
TEST(ScheduleChecker, ObjectsToEveryFlippedBit) {
  // 25 tokens: one full tile and one with idle lanes; dense enough for foreign rows.
  Case made = scheduled({25, 96, 0.3, 2}, "greedy");
  ASSERT_THAT(check_schedule(made.task(), made.memory), IsEmpty());
  for (std::size_t bit = 0; bit < made.memory.size() * 8; ++bit) {
    made.memory[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_THAT(check_schedule(made.task(), made.memory), Not(IsEmpty()))
        << "record " << bit / 8 / kRecordBytes << ", byte " << bit / 8 % kRecordBytes << ", bit " << bit % 8;
    made.memory[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
}

TEST(ScheduleChecker, ObjectsToMissingDoubledAndExchangedRecords) {
  const Case made = scheduled({32, 128, 0.3, 0}, "greedy");
  ASSERT_GE(made.memory.size(), 4 * kRecordBytes);
  const auto record = [&](std::size_t n) {
    return made.memory.begin() + static_cast<std::ptrdiff_t>(n * kRecordBytes);
  };
  std::vector<std::uint8_t> missing(record(1), made.memory.end());
  EXPECT_THAT(check_schedule(made.task(), missing), Not(IsEmpty()));
  std::vector<std::uint8_t> cut(made.memory.begin(), made.memory.end() - kRecordBytes);
  EXPECT_THAT(check_schedule(made.task(), cut), Not(IsEmpty()));
  std::vector<std::uint8_t> doubled = made.memory;
  doubled.insert(doubled.begin(), record(0), record(1));
  EXPECT_THAT(check_schedule(made.task(), doubled), testing::Contains(testing::HasSubstr("two values on one unit")));
  std::vector<std::uint8_t> exchanged = made.memory;
  std::swap_ranges(exchanged.begin(), exchanged.begin() + kRecordBytes, exchanged.begin() + kRecordBytes);
  EXPECT_THAT(check_schedule(made.task(), exchanged), Not(IsEmpty()));
  EXPECT_THAT(check_schedule(made.task(), std::vector<std::uint8_t>(made.memory.begin(), made.memory.end() - 1)),
              Not(IsEmpty()));
}

// The outputs are right, but the record says so in a way the page forbids.
TEST(ScheduleChecker, ObjectsToALaneThatReceivesItsOwnRow) {
  BitMask mask(16, 1);
  mask.set(0, 0);
  const auto order = tile_order(TileOrder::kRows, 16, 0);
  const auto tiles = cut_tiles(order);
  ScheduleRecord record = make_record(schedule_mask(mask, tiles, *make_merge_rule("greedy"))[0].blocks.at(0), tiles[0]);
  record.last = true;
  const test::ScheduleTask task{16, 1, [&](std::size_t r, std::size_t c) { return mask.test(r, c); }, order, 0};
  const auto objections = [&] {
    const RecordBytes bytes = encode_record(record);
    return check_schedule(task, {bytes.begin(), bytes.end()});
  };
  EXPECT_THAT(objections(), IsEmpty());
  record.conflict_vector[0] = kForeignValid | 0;
  record.input_switch[0] = 1;
  EXPECT_THAT(objections(), testing::ElementsAre(testing::HasSubstr("foreign row is the lane's own")));
}

// Two records that claim the same pass, as if both ran at once: lanes would receive two rows.
TEST(ScheduleChecker, ObjectsToTwoForeignRowsOnALane) {
  BitMask mask(16, 32);
  for (unsigned c = 0; c < 32; ++c) mask.set(0, c);
  const auto order = tile_order(TileOrder::kRows, 16, 0);
  const auto tiles = cut_tiles(order);
  const auto schedules = schedule_mask(mask, tiles, *make_merge_rule("greedy"));
  ScheduleRecord first = make_record(schedules[0].blocks.at(0), tiles[0]);
  ASSERT_EQ(first.conflict_vector[1], kForeignValid | 0);
  ScheduleRecord second = first;
  second.conflict_vector[1] = kForeignValid | 2;
  std::vector<std::uint8_t> memory;
  for (const ScheduleRecord& record : {first, second}) {
    const RecordBytes bytes = encode_record(record);
    memory.insert(memory.end(), bytes.begin(), bytes.end());
  }
  const test::ScheduleTask task{16, 32, [&](std::size_t r, std::size_t c) { return mask.test(r, c); }, order, 0};
  EXPECT_THAT(check_schedule(task, memory), testing::Contains(testing::HasSubstr("two foreign rows on one lane")));
}

}  // namespace
}  // namespace dixion
