// SPDX-License-Identifier: Apache-2.0
// The catalogue: masks of feed-forward networks and ConMerge schedules.
#include "tests/model/accelerator/misuse_catalogue.h"

namespace dixion::test {
namespace {

constexpr std::uint16_t kSrc = Bench::kMatrix, kMask = Bench::kBad, kSchedule = Bench::kHeads, kDst = Bench::kHeadsOut,
                        kPartial = Bench::kProduct;
constexpr std::uint64_t kMaskMemory = Bench::kTensors + 0x6000, kScheduleMemory = Bench::kTensors + 0x7000;
constexpr std::uint64_t kRecord = kScheduleMemory + 64;

/// Four tokens of eight inputs; weights give four outputs; a mask of a word per token; a schedule with room for a
/// block.
void describe_all(Bench& b) {
  b.describe(kSrc, Bench::kTensors, DIXION_FORMAT_INT12, 2, {1, 4, 8});
  b.describe(kMask, kMaskMemory, DIXION_FORMAT_UINT32, 4, {1, 4, 1});
  b.describe(kSchedule, kScheduleMemory, DIXION_FORMAT_UINT32, 4, {1, 1, 16 + 64});
  b.describe(kDst, Bench::result(0) + 0x300, DIXION_FORMAT_INT32, 4, {1, 4, 4});
  b.describe(kPartial, Bench::result(0) + 0x100, DIXION_FORMAT_INT32, 4, {1, 4, 4});
}

Command threshold(Bench& b, std::uint32_t limit) {
  describe_all(b);
  Command c = b.command(DIXION_OPCODE_MASK_THRESHOLD, {kSrc, kMask});
  c.immediates[0] = limit;
  return c;
}

Command build(Bench& b, std::uint32_t settings) {
  describe_all(b);
  Command c = b.command(DIXION_OPCODE_CONMERGE_BUILD, {kMask, kSchedule});
  c.immediates[0] = 4;
  c.immediates[1] = settings;
  return c;
}

Command resume(Bench& b) {
  describe_all(b);
  Command c = b.command(DIXION_OPCODE_MATMUL_RESUME, {kSrc, Bench::kWeight, 0, kMask, kPartial, kDst});
  c.immediates[0] = 1;
  return c;
}

Command with_list(Bench& b, Command c) {
  b.describe(Bench::kList, Bench::kTensors + 0x8000, DIXION_FORMAT_UINT32, 4, {8});
  c.flags = DIXION_COMMAND_FLAG_ROW_LIST;
  c.operands[11] = Bench::kList;
  return c;
}

/// Partial sums of these rows are made on queue 1.
void make_partial_sums(Bench& b, std::initializer_list<std::uint32_t> rows) {
  constexpr std::uint64_t kListMemory = Bench::kTensors + 0x8000;
  b.describe(Bench::kList, kListMemory, DIXION_FORMAT_UINT32, 4, {8});
  std::uint64_t at = kListMemory;
  for (const std::uint32_t word : {static_cast<std::uint32_t>(rows.size()), 4U, 1U, 0U}) {
    b.at<std::uint32_t>(at) = word;
    at += 4;
  }
  for (const std::uint32_t row : rows) {
    b.at<std::uint32_t>(at) = row;
    at += 4;
  }
  Command c = b.command(DIXION_OPCODE_MATMUL_PARTIAL, {kSrc, Bench::kWeight, 0, 0, kMask, kDst, kPartial});
  c.immediates[0] = 1;
  b.submit(1, {with_list(b, c)});
  b.wait_for_records(1, 1);
}

Command masked(Bench& b, bool scheduled) {
  describe_all(b);
  Command c = b.command(DIXION_OPCODE_MATMUL_MASKED,
                        {kSrc, Bench::kWeight, 0, 0, kMask, scheduled ? kSchedule : std::uint16_t{0}, kDst});
  c.immediates[0] = c.immediates[2] = 1;
  c.immediates[3] = scheduled ? 3 : 0;
  return c;
}

/// On a hidden tensor by tiles' columns.
Command gelu(Bench& b) {
  describe_all(b);
  Command c = b.command(DIXION_OPCODE_GELU, {kPartial, kDst, kMask});
  c.immediates[0] = c.immediates[2] = 1;
  return c;
}

constexpr const char* kListedColumns = "no tiles' columns with a row list: listed tokens are rows";
constexpr const char* kMaskedSettings =
    "MATMUL_MASKED.depth of the schedule (0: there is none) in bits 0 to 7, 1 in bit 8 for dst by tiles' columns "
    "(programming_model.md), width of a row of tokens for tiles of 4x4 in bits 16 to 31 (0: tiles of tokens in order)";
constexpr const char* kResumeLayout = "MATMUL_RESUME.layout of src (0: rows, 1: tiles' columns, programming_model.md)";

/// Four queries that keep both of two keys, and their scores' schedule.
Command scheduled_attention(Bench& b, std::uint32_t settings) {
  b.describe(kSrc, Bench::kTensors, DIXION_FORMAT_INT12, 2, {1, 1, 4, 8});
  b.describe(kPartial, Bench::kTensors, DIXION_FORMAT_INT12, 2, {1, 1, 2, 8});
  b.describe(kMask, kMaskMemory, DIXION_FORMAT_UINT32, 4, {1, 1, 4, 1});
  b.describe(kSchedule, kScheduleMemory, DIXION_FORMAT_UINT32, 4, {1, 1, 1, 16 + 64});
  b.describe(kDst, Bench::result(0) + 0x300, DIXION_FORMAT_INT12, 2, {1, 1, 4, 8});
  for (unsigned row = 0; row < 4; ++row) b.at<std::uint32_t>(kMaskMemory + 4 * row) = 3;
  Command c = b.command(DIXION_OPCODE_ATTENTION_MASKED, {kSrc, kPartial, kPartial, kMask, kDst, kSchedule});
  c.immediates[0] = c.immediates[1] = 1;
  c.immediates[3] = settings;
  return c;
}

/// CRC-32 of four words of 0, as any zip program gives it for 16 bytes of 0.
constexpr std::uint32_t kCrcOfNothing = 0xecbb4b55;

/// The schedule of a mask without a bit, but with a record that claims one block.
Command with_record(Bench& b) {
  Command c = masked(b, true);
  b.at<std::uint32_t>(kScheduleMemory) = 1;
  b.at<std::uint32_t>(kScheduleMemory + 4) = kCrcOfNothing;
  b.at<std::uint32_t>(kScheduleMemory + 8) = 4;
  b.at<std::uint8_t>(kRecord + 12) = 1;     // SOURCES
  b.at<std::uint16_t>(kRecord + 14) = 0xf;  // LANES
  for (unsigned lane = 0; lane < 16; ++lane)
    b.at<std::uint16_t>(kRecord + 224 + 2 * lane) = static_cast<std::uint16_t>(lane < 4 ? lane : 0xffff);
  return c;
}

}  // namespace

std::vector<Mistake> mask_mistakes() {
  return {
      {kCommand, "ThresholdTooLarge", "a threshold that no element could have", DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0,
       2050, "MASK_THRESHOLD.threshold (0 marks all, 2049 none)", "a threshold of at most 2049",
       [](Bench& b, Command& c) { c = threshold(b, 2050); }},
      {kCommand, "SizeOfAnOutputMask", "a mask of outputs with too few or too many words", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + 4, 2, "MATMUL_MASKED.mask", "1, a bit for each column, or pair of columns",
       [](Bench& b, Command& c) {
         c = masked(b, false);
         b.describe(kMask, kMaskMemory, DIXION_FORMAT_UINT32, 4, {1, 4, 2});
       }},
      {kCommand, "SizeOfAnInputMask", "a mask of inputs for other rows", DIXION_CAUSE_BAD_SHAPE, kOperand0 + 3, 3,
       "MATMUL_RESUME.mask", "4, the M of src",
       [](Bench& b, Command& c) {
         c = resume(b);
         b.describe(kMask, kMaskMemory, DIXION_FORMAT_UINT32, 4, {1, 3, 1});
       }},
      {kCommand, "PartialSumsFormat", "partial sums that are no raw accumulators", DIXION_CAUSE_BAD_FORMAT,
       kOperand0 + 4, DIXION_FORMAT_INT12, "MATMUL_RESUME.partial", "partial in INT32",
       [](Bench& b, Command& c) {
         c = resume(b);
         b.describe(kPartial, Bench::result(0) + 0x100, DIXION_FORMAT_INT12, 2, {1, 4, 4});
       }},
      {kCommand, "PartialSumsNeverMade", "partial sums that no `MATMUL_PARTIAL` ever wrote", DIXION_CAUSE_BAD_PARAMETER,
       kOperand0 + 4, 0, "MATMUL_RESUME.partial", "partial sums of MATMUL_PARTIAL in every row; none in row 0",
       [](Bench& b, Command& c) { c = resume(b); }},
      {kCommand, "PartialSumsOfAnotherToken", "partial sums of a token for which none were ever made",
       DIXION_CAUSE_BAD_PARAMETER, kOperand0 + 4, 2, "MATMUL_RESUME.partial",
       "partial sums of MATMUL_PARTIAL in every row; none in row 2",
       [](Bench& b, Command& c) {
         c = resume(b);
         make_partial_sums(b, {0, 1, 3});
       }},
      {kCommand, "ColumnsOfListedOutputs", "a row list for a product that writes tiles' columns",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 0x100, kMaskedSettings, kListedColumns,
       [](Bench& b, Command& c) {
         c = with_list(b, masked(b, false));
         c.immediates[3] = 0x100;
       }},
      {kCommand, "ColumnsOfListedInputs", "a row list for a product that reads tiles' columns",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 1, kResumeLayout, kListedColumns,
       [](Bench& b, Command& c) {
         c = with_list(b, resume(b));
         c.immediates[3] = 1;
       }},
      {kCommand, "ColumnsOfListedTokens", "a row list for an activation of tiles' columns", DIXION_CAUSE_BAD_PARAMETER,
       kOperand0 + 2, kMaskMemory, "GELU.mask", kListedColumns,
       [](Bench& b, Command& c) { c = with_list(b, gelu(b)); }},
      {kCommand, "LayoutThatDoesNotExist", "a layout of hidden elements that does not exist",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 2, kResumeLayout, "0 for rows or 1 for tiles' columns",
       [](Bench& b, Command& c) {
         c = resume(b);
         c.immediates[3] = 2;
       }},
      {kCommand, "GapsBetweenColumns", "tiles' columns in a tensor with gaps between its rows",
       DIXION_CAUSE_BAD_DESCRIPTOR, kOperand0 + 6, 20, "MATMUL_MASKED.dst",
       "a stride of 16 in dimension 1: a sample by tiles' columns has no gaps",
       [](Bench& b, Command& c) {
         c = masked(b, false);
         c.immediates[3] = 0x100;
         b.descriptor(kDst).stride[1] = 20;
       }},
      {kCommand, "MaskOfOtherElements", "an activation with a mask for another number of elements",
       DIXION_CAUSE_BAD_SHAPE, kOperand0 + 2, 2, "GELU.mask", "1, a bit for each N of dst",
       [](Bench& b, Command& c) {
         c = gelu(b);
         b.describe(kMask, kMaskMemory, DIXION_FORMAT_UINT32, 4, {1, 4, 2});
       }},
      {kCommand, "DepthZero", "a ConMerge schedule of depth 0", DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 0,
       "CONMERGE_BUILD.depth (blocks merged into one, 1 to 3) in bits 0 to 7, 1 in bit 8 for a mask of scores (a row "
       "that keeps one column needs none), width of a row of tokens for tiles of 4x4 in bits 16 to 31 (0: tiles of "
       "tokens in order)",
       "a depth of 1 to 3 in the low byte, 0 or 1 in bit 8, 0 in bits 9 to 15",
       [](Bench& b, Command& c) { c = build(b, 0); }},
      {kCommand, "ScheduleWithoutAHeader", "a schedule with fewer words per tile than a header has",
       DIXION_CAUSE_BAD_SHAPE, kOperand0 + 1, 15, "CONMERGE_BUILD.schedule", "at least 16 words per tile",
       [](Bench& b, Command& c) {
         c = build(b, 3);
         b.describe(kSchedule, kScheduleMemory, DIXION_FORMAT_UINT32, 4, {1, 1, 15});
       }},
      in_values({kCommand, "NoRoomForRecords", "a schedule without room for the records of its mask",
                 DIXION_CAUSE_BAD_PARAMETER, kOperand0 + 1, 1, "CONMERGE_BUILD.schedule",
                 "room for the records of tile 0 of sample 0",
                 [](Bench& b, Command& c) {
                   c = build(b, 3);
                   b.at<std::uint32_t>(kMaskMemory) = 1;
                   b.describe(kSchedule, kScheduleMemory, DIXION_FORMAT_UINT32, 4, {1, 1, 16});
                 }}),
      in_values({kCommand, "ScheduleNeverBuilt", "a schedule that was never built", DIXION_CAUSE_STALE_SCHEDULE,
                 kOperand0 + 5, 0, "MATMUL_MASKED.schedule", "a schedule of a mask of 4 columns; tile 0 of sample 0",
                 [](Bench& b, Command& c) { c = masked(b, true); }}),
      in_values({kCommand, "ScheduleOfAnOlderMask", "a schedule whose mask was written anew",
                 DIXION_CAUSE_STALE_SCHEDULE, kOperand0 + 5, kCrcOfNothing, "MATMUL_MASKED.schedule",
                 "the generation of the mask; tile 0 of sample 0",
                 [](Bench& b, Command& c) {
                   c = masked(b, true);
                   b.at<std::uint32_t>(kScheduleMemory + 4) = kCrcOfNothing;
                   b.at<std::uint32_t>(kScheduleMemory + 8) = 4;
                   b.at<std::uint32_t>(kMaskMemory) = 1;
                 }}),
      in_values({kCommand, "RecordAgainstTheLaneRule", "a record in which a lane receives its own row as a foreign one",
                 DIXION_CAUSE_BAD_PARAMETER, kOperand0 + 5, 0x82, "MATMUL_MASKED.schedule",
                 "CONFLICT_VECTOR[2]: a row other than the lane's own; tile 0 of sample 0",
                 [](Bench& b, Command& c) {
                   c = with_record(b);
                   b.at<std::uint8_t>(kRecord + 16 + 2) = 0x82;
                 }}),
      {kCommand, "SettingsWithoutASchedule", "settings of a schedule of scores that is not there",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 3,
       "ATTENTION_MASKED.depth of the schedule (0: there is none) in bits 0 to 7, width of a row of tokens for tiles "
       "of "
       "4x4 in bits 16 to 31 (0: tiles of queries in order)",
       "0, there is no schedule",
       [](Bench& b, Command& c) {
         c = scheduled_attention(b, 3);
         c.operands[5] = 0;
       }},
      {kCommand, "ScheduleOfAMaskOfTiles", "a schedule of scores with a mask that has a bit for 16 keys",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 2, 16U << 24,
       "ATTENTION_MASKED.shifts (score in bits 0 to 7, output in bits 8 to 15), tile of the mask (queries in bits 16 "
       "to "
       "23, keys in bits 24 to 31; 0 is 1)",
       "a mask of single elements in the high half, there is a schedule",
       [](Bench& b, Command& c) {
         c = scheduled_attention(b, 3);
         c.immediates[2] = 16U << 24;
       }},
      {kCommand, "ScheduleOfOtherHeads", "a schedule of scores for another number of heads", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + 5, 2, "ATTENTION_MASKED.schedule", "1, the heads of the mask",
       [](Bench& b, Command& c) {
         c = scheduled_attention(b, 3);
         b.describe(kSchedule, kScheduleMemory, DIXION_FORMAT_UINT32, 4, {1, 2, 1, 16});
       }},
      in_values({kCommand, "ScoresOfAnOlderMask", "a schedule of scores whose mask was written anew",
                 DIXION_CAUSE_STALE_SCHEDULE, kOperand0 + 5, kCrcOfNothing, "ATTENTION_MASKED.schedule",
                 "the generation of the mask; tile 0 of sample 0",
                 [](Bench& b, Command& c) {
                   c = scheduled_attention(b, 3);
                   b.at<std::uint32_t>(kScheduleMemory + 4) = kCrcOfNothing;
                   b.at<std::uint32_t>(kScheduleMemory + 8) = 2;
                 }}),
  };
}

}  // namespace dixion::test
