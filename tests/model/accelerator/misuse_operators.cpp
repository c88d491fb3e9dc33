// SPDX-License-Identifier: Apache-2.0
// The catalogue: what the units check, data that operators read, memory that does not answer.
#include "tests/model/accelerator/misuse_catalogue.h"

namespace dixion::test {
namespace {

Command matmul(Bench& b) {
  Command c = b.command(DIXION_OPCODE_MATMUL, {Bench::kMatrix, Bench::kWeight, 0, 0, Bench::kProduct});
  c.immediates[0] = 1;
  return c;
}

Command attention(Bench& b) {
  Command c = b.command(DIXION_OPCODE_ATTENTION, {Bench::kHeads, Bench::kHeads, Bench::kHeads, Bench::kHeadsOut});
  c.immediates[0] = c.immediates[2] = 1;
  return c;
}

/// Under a mask whose row 1 keeps none of the four keys.
Command masked_attention(Bench& b) {
  b.describe(Bench::kBad, Bench::kTensors + 0x6000, DIXION_FORMAT_UINT32, 4, {1, 2, 4, 1});
  for (std::uint32_t row = 0; row < 8; ++row)
    b.at<std::uint32_t>(Bench::kTensors + 0x6000 + 4 * row) = row == 1 ? ~0xfU : 1;
  Command c = b.command(DIXION_OPCODE_ATTENTION_MASKED,
                        {Bench::kHeads, Bench::kHeads, Bench::kHeads, Bench::kBad, Bench::kHeadsOut});
  c.immediates[0] = c.immediates[1] = 1;
  return c;
}

/// One sample, four tokens of eight elements, a head of two.
Command predict(Bench& b) {
  b.describe(Bench::kMatrix, Bench::kTensors, DIXION_FORMAT_INT12, 2, {1, 4, 8});
  b.describe(Bench::kBad, Bench::result(0) + 0x200, DIXION_FORMAT_UINT32, 4, {1, 1, 4, 1});
  b.describe(Bench::kHeadsOut, Bench::result(0) + 0x300, DIXION_FORMAT_UINT32, 4, {1, 3, 1});
  Command c = b.command(DIXION_OPCODE_PREDICT,
                        {Bench::kMatrix, Bench::kWeight, 0, Bench::kRequant, Bench::kBad, Bench::kHeadsOut});
  c.immediates[0] = 1;
  c.immediates[1] = 2;
  return c;
}

/// Two groups of two columns.
Command matmul_rows(Bench& b) {
  b.describe(Bench::kMatrix, Bench::kTensors, DIXION_FORMAT_INT12, 2, {1, 4, 8});
  b.describe(Bench::kBad, Bench::kTensors + 0x6000, DIXION_FORMAT_UINT32, 4, {1, 2, 1});
  b.describe(Bench::kProduct, Bench::result(0) + 0x100, DIXION_FORMAT_INT32, 4, {1, 4, 4});
  Command c =
      b.command(DIXION_OPCODE_MATMUL_ROWS, {Bench::kMatrix, Bench::kWeight, 0, 0, Bench::kBad, Bench::kProduct});
  c.immediates[0] = 1;
  return c;
}

Mistake in_timing_mode(Mistake mistake, const char* expected) {
  mistake.expected_in_timing_mode = expected;
  return mistake;
}

}  // namespace

std::vector<Mistake> operator_mistakes() {
  return {
      {kCommand, "StrideZeroOfAnOutput", "an output whose elements lie on each other", DIXION_CAUSE_BAD_DESCRIPTOR,
       kOperand0, 0, "DMA_FILL.dst", "a stride other than 0 in dimension 0 of an output",
       [](Bench& b, Command& c) {
         b.bad().stride[0] = 0;
         c.operands[0] = Bench::kBad;
       }},
      {kCommand, "TooManyElements", "a tensor of more than 2^30 elements", DIXION_CAUSE_BAD_SHAPE, kOperand0, 65536,
       "CONVERT.src", "at most 2^30 elements",
       [](Bench& b, Command& c) {
         b.describe(Bench::kBad, Bench::kTensors, DIXION_FORMAT_INT32, 4, {65536, 16385});
         b.bad().stride[0] = b.bad().stride[1] = 0;
         c = b.command(DIXION_OPCODE_CONVERT, {Bench::kBad, Bench::kBad});
       }},
      {kCommand, "WrongFormat", "a format that the operator does not take", DIXION_CAUSE_BAD_FORMAT, kOperand0,
       DIXION_FORMAT_INT32, "MATMUL.src", "src in INT12",
       [](Bench& b, Command& c) { (c = matmul(b)).operands[0] = Bench::kBad; }},
      {kCommand, "FormatsDiffer", "a copy into another format", DIXION_CAUSE_BAD_FORMAT, kOperand0 + 1,
       DIXION_FORMAT_INT32, "DMA_COPY.dst", "dst in INT12",
       [](Bench& b, Command& c) {
         c = b.command(DIXION_OPCODE_DMA_COPY, {Bench::kMatrix, Bench::kBad});
       }},
      {kCommand, "WrongRank", "a rank that the operator does not take", DIXION_CAUSE_BAD_SHAPE, kOperand0, 4,
       "MATMUL.src", "src of rank 2 to 3", [](Bench& b, Command& c) { (c = matmul(b)).operands[0] = Bench::kHeads; }},
      {kCommand, "ExtentsDiffer", "extents that do not go together", DIXION_CAUSE_BAD_SHAPE, kOperand0 + 1, 7,
       "MATMUL.weight", "8, the K of src",
       [](Bench& b, Command& c) {
         c = matmul(b);
         b.descriptor(Bench::kWeight).extent[1] = 7;
       }},
      {kCommand, "ShapesDiffer", "a copy into another shape", DIXION_CAUSE_BAD_SHAPE, kOperand0 + 1, 2, "DMA_COPY.dst",
       "dst of rank 1",
       [](Bench& b, Command& c) {
         c = b.command(DIXION_OPCODE_DMA_COPY, {Bench::kFilled0, Bench::kBad});
       }},
      {kCommand, "ShiftTooLarge", "a shift above 62", DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 63, "MATMUL.shift",
       "shift of at most 62", [](Bench& b, Command& c) { (c = matmul(b)).immediates[1] = 63; }},
      {kCommand, "MultiplierZero", "a score multiplier of 0", DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0, 0,
       "ATTENTION.score multiplier", "score multiplier from 1 to 2^31 - 1",
       [](Bench& b, Command& c) { (c = attention(b)).immediates[0] = 0; }},
      {kCommand, "EpsilonZero", "a normalisation with epsilon 0", DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 2, 0,
       "NORM_MODULATE.epsilon (Q32)", "epsilon of at least 1",
       [](Bench& b, Command& c) {
         b.describe(Bench::kHeadsOut, Bench::result(0) + 0x300, DIXION_FORMAT_INT12, 2, {4, 4});
         c = b.command(DIXION_OPCODE_NORM_MODULATE, {Bench::kBad, 0, 0, Bench::kHeadsOut});
       }},
      {kCommand, "SplitOfAttention", "attention split by columns", DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_SPLIT,
       DIXION_SPLIT_COLUMNS, "ATTENTION.SPLIT", "ROWS or HEADS",
       [](Bench& b, Command& c) { (c = attention(b)).split = DIXION_SPLIT_COLUMNS; }},
      {kCommand, "ShiftsOfMaskedAttention", "a score shift above 62 beside its output shift",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 2, 63,
       "ATTENTION_MASKED.shifts (score in bits 0 to 7, output in bits 8 to 15), tile of the mask (queries in bits 16 "
       "to "
       "23, keys in bits 24 to 31; 0 is 1)",
       "two shifts of at most 62 in the low bytes",
       [](Bench& b, Command& c) { (c = masked_attention(b)).immediates[2] = 63; }},
      {kCommand, "SizeOfTheMask", "a mask with too few or too many words", DIXION_CAUSE_BAD_SHAPE, kOperand0 + 3, 2,
       "ATTENTION_MASKED.mask", "1, a bit for each key, or tile of them",
       [](Bench& b, Command& c) {
         c = masked_attention(b);
         b.bad().extent[3] = 2;
       }},
      {kCommand, "MoreKeysThanARowHas", "a prediction that keeps more keys than there are tokens",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 5, "PREDICT.keys that a row keeps (1 to T)", "1 to 4, the T of src",
       [](Bench& b, Command& c) { (c = predict(b)).immediates[1] = 5; }},
      {kCommand, "HeadsThatDoNotDivide", "a prediction whose heads do not divide the rows of its weight",
       DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0, 3, "PREDICT.heads",
       "heads of which twice as many divide the 4 rows of weight",
       [](Bench& b, Command& c) { (c = predict(b)).immediates[0] = 3; }},
      {kCommand, "SizeOfThePredictedRows", "a prediction without a row for each head of Q, K and V",
       DIXION_CAUSE_BAD_SHAPE, kOperand0 + 5, 2, "PREDICT.rows", "3, the heads of Q, K and V",
       [](Bench& b, Command& c) {
         c = predict(b);
         b.descriptor(Bench::kHeadsOut).extent[1] = 2;
       }},
      {kCommand, "SplitOfPrediction", "a prediction split by columns", DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_SPLIT,
       DIXION_SPLIT_COLUMNS, "PREDICT.SPLIT", "ROWS or HEADS",
       [](Bench& b, Command& c) { (c = predict(b)).split = DIXION_SPLIT_COLUMNS; }},
      {kCommand, "SizeOfTheRowMask", "a mask of rows with too few or too many words", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + 4, 2, "MATMUL_ROWS.rows", "1, a bit for each row of src",
       [](Bench& b, Command& c) {
         c = matmul_rows(b);
         b.bad().extent[2] = 2;
       }},
      {kCommand, "ColumnGroupsThatDoNotDivide", "groups of columns that do not divide them", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + 4, 3, "MATMUL_ROWS.rows", "groups that divide the 4 columns of weight",
       [](Bench& b, Command& c) {
         c = matmul_rows(b);
         b.bad().extent[1] = 3;
       }},
      {kCommand, "TimestampFormat", "TIMESTAMP into another format than UINT32", DIXION_CAUSE_BAD_FORMAT, kOperand0,
       DIXION_FORMAT_INT32, "TIMESTAMP.dst", "dst in UINT32",
       [](Bench& b, Command& c) { c = b.command(DIXION_OPCODE_TIMESTAMP, {Bench::kFilled0}); }},
      {kCommand, "TimestampShape", "TIMESTAMP into another shape than [2]", DIXION_CAUSE_BAD_SHAPE, kOperand0, 4,
       "TIMESTAMP.dst", "dst of shape [2]",
       [](Bench& b, Command& c) { c = b.command(DIXION_OPCODE_TIMESTAMP, {Bench::kList}); }},
      in_values({kCommand, "EmptyRowOfTheMask", "a mask with a row that keeps no key", DIXION_CAUSE_BAD_PARAMETER,
                 kOperand0 + 3, 1, "ATTENTION_MASKED.mask", "a kept key in every row; none in row 1",
                 [](Bench& b, Command& c) { c = masked_attention(b); }}),
      in_values({kCommand, "ShiftInTheTable", "a shift above 62 in a requantisation table", DIXION_CAUSE_BAD_PARAMETER,
                 kOperand0 + 3, 63, "MATMUL.requant", "a shift of at most 62; entry 2",
                 [](Bench& b, Command& c) {
                   (c = matmul(b)).operands[3] = Bench::kRequant;
                   b.at<std::uint32_t>(Bench::kTensors + 0x4000 + 8 * 2 + 4) = 63;
                 }}),
      in_values({kCommand, "GatherOfARowThatIsNotThere", "a gather list with an index not below the rows",
                 DIXION_CAUSE_BAD_PARAMETER, kOperand0 + 1, 4, "DMA_GATHER.list", "below 4, the rows of src; entry 3",
                 [](Bench& b, Command& c) {
                   b.describe(Bench::kHeadsOut, Bench::result(0) + 0x300, DIXION_FORMAT_INT12, 2, {4, 8});
                   b.at<std::uint32_t>(Bench::kTensors + 0x2000 + 4 * 3) = 4;
                   c = b.command(DIXION_OPCODE_DMA_GATHER, {Bench::kMatrix, Bench::kList, Bench::kHeadsOut});
                 }}),
      in_values({kCommand, "SamplerLimit", "a negative limit among the sampler's constants", DIXION_CAUSE_BAD_PARAMETER,
                 kOperand0 + 3, 0xffffffff, "SAMPLER_UPDATE.constants", "a limit of at least 0",
                 [](Bench& b, Command& c) {
                   b.at<std::int32_t>(Bench::kTensors + 0x5000 + 4 * 5) = -1;
                   c = b.command(DIXION_OPCODE_SAMPLER_UPDATE,
                                 {Bench::kFilled0, Bench::kFilled0, 0, Bench::kConstants, Bench::kFilled0});
                 }}),
      in_timing_mode({kCommand, "UnreadableOperand", "an operand where memory does not answer", DIXION_CAUSE_BUS_ERROR,
                      kOperand0, Bench::kBrokenMemory, "CONVERT.src", "src in memory",
                      [](Bench& b, Command& c) {
                        c = b.command(DIXION_OPCODE_CONVERT, {Bench::kBroken, Bench::kFilled0});
                      }},
                     "an address that memory answers"),
      {kCommand, "UnwritableResult", "a result where memory does not answer", DIXION_CAUSE_BUS_ERROR, kOperand0,
       Bench::kBrokenMemory, "DMA_FILL.dst", "an address that memory answers",
       [](Bench&, Command& c) { c.operands[0] = Bench::kBroken; }},
  };
}

}  // namespace dixion::test
