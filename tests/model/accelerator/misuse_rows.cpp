// SPDX-License-Identifier: Apache-2.0
// The catalogue: row lists and the decision that makes them. Lists are real in timing mode too.
#include <algorithm>
#include <iterator>

#include "tests/model/accelerator/misuse_catalogue.h"

namespace dixion::test {
namespace {

constexpr std::uint32_t kRowList = 11;
constexpr std::uint64_t kListAddress = Bench::kTensors + 0x7000;
constexpr const char* kSubject = "MATMUL.row list";

/// A product of 4 rows with a list that has room for 4.
Command product(Bench& b, std::initializer_list<std::uint32_t> words) {
  b.describe(Bench::kBad, kListAddress, DIXION_FORMAT_UINT32, 4, {8});
  std::uint64_t at = kListAddress;
  for (const std::uint32_t word : words) {
    b.at<std::uint32_t>(at) = word;
    at += 4;
  }
  Command c = b.command(DIXION_OPCODE_MATMUL, {Bench::kMatrix, Bench::kWeight, 0, 0, Bench::kProduct});
  c.immediates[0] = 1;
  c.flags = DIXION_COMMAND_FLAG_ROW_LIST;
  c.operands[kRowList] = Bench::kBad;
  return c;
}

/// A mistake in the list's words.
Mistake words(const char* name, const char* what, std::uint64_t value, const char* expected,
              std::initializer_list<std::uint32_t> list) {
  const std::vector<std::uint32_t> content(list);
  return {kCommand,
          name,
          what,
          DIXION_CAUSE_BAD_PARAMETER,
          kOperand0 + kRowList,
          value,
          kSubject,
          expected,
          [content](Bench& b, Command& c) {
            c = product(b, {});
            for (std::size_t i = 0; i < content.size(); ++i) b.at<std::uint32_t>(kListAddress + 4 * i) = content[i];
          }};
}

/// Attention over keys of 4 tokens, of which a product with a row list, on queue 1, has written all but token 2.
Command attention_over_product(Bench& b) {
  const Command keys = product(b, {3, 4, 1, 0, 0, 1, 3});
  b.describe(Bench::kProduct, Bench::result(0) + 0x100, DIXION_FORMAT_INT12, 2, {4, 4});
  b.describe(Bench::kHeads, Bench::result(0) + 0x100, DIXION_FORMAT_INT12, 2, {1, 1, 4, 4});
  b.describe(Bench::kHeadsOut, Bench::result(0) + 0x300, DIXION_FORMAT_INT12, 2, {1, 1, 4, 4});
  b.describe(Bench::kConstants, Bench::kTensors + 0x3000, DIXION_FORMAT_INT12, 2, {1, 1, 4, 4});
  b.submit(1, {keys});
  b.wait_for_records(1, 1);
  Command c = b.command(DIXION_OPCODE_ATTENTION, {Bench::kConstants, Bench::kHeads, Bench::kHeads, Bench::kHeadsOut});
  c.immediates[0] = c.immediates[2] = 1;
  return c;
}

/// A prediction for two of four tokens, with a head of two; without the others' keys.
Command prediction(Bench& b) {
  Command c = product(b, {2, 4, 1, 0, 1, 2});
  b.describe(Bench::kMatrix, Bench::kTensors, DIXION_FORMAT_INT12, 2, {1, 4, 8});
  b.describe(Bench::kProduct, Bench::result(0) + 0x200, DIXION_FORMAT_UINT32, 4, {1, 1, 4, 1});
  b.describe(Bench::kHeadsOut, Bench::result(0) + 0x300, DIXION_FORMAT_UINT32, 4, {1, 3, 1});
  c.opcode = DIXION_OPCODE_PREDICT;
  const std::uint16_t operands[] = {Bench::kMatrix,  Bench::kWeight,  0,
                                    Bench::kRequant, Bench::kProduct, Bench::kHeadsOut};
  std::copy(std::begin(operands), std::end(operands), std::begin(c.operands));
  c.immediates[0] = 1;
  c.immediates[1] = 2;
  return c;
}

/// A decision over 4 tokens of one sample and two branches.
Command decision(Bench& b, std::uint32_t list_words) {
  b.describe(Bench::kMatrix, Bench::kTensors, DIXION_FORMAT_INT32, 4, {1, 4, 8});
  b.describe(Bench::kHeadsOut, Bench::result(0) + 0x300, DIXION_FORMAT_UINT32, 4, {list_words});
  Command c = b.command(DIXION_OPCODE_TOKEN_DECISION, {Bench::kMatrix, Bench::kMatrix, Bench::kHeadsOut});
  c.immediates[0] = 2;
  return c;
}

}  // namespace

std::vector<Mistake> row_list_mistakes() {
  return {
      {kCommand, "RowListOfACopy", "a row list for a command that does not work on rows of tokens",
       DIXION_CAUSE_RESERVED_BITS, DIXION_FIELD_FLAGS, 8, "DMA_FILL.FLAGS",
       "no ROW_LIST: the command does not work on rows of tokens",
       [](Bench&, Command& c) { c.flags = DIXION_COMMAND_FLAG_ROW_LIST; }},
      {kCommand, "RowListMissing", "flag ROW_LIST without operand 11", DIXION_CAUSE_MISSING_OPERAND,
       kOperand0 + kRowList, 0, kSubject, "a row list, as flag ROW_LIST says",
       [](Bench& b, Command& c) { (c = product(b, {})).operands[kRowList] = 0; }},
      {kCommand, "RowListWithoutFlag", "operand 11 without flag ROW_LIST", DIXION_CAUSE_BAD_OPERAND_INDEX,
       kOperand0 + kRowList, Bench::kBad, kSubject, "0: the command has 5 operands",
       [](Bench& b, Command& c) { (c = product(b, {})).flags = 0; }},
      {kCommand, "ListedPredictionWithoutKeys", "a prediction of listed tokens without keys of the others",
       DIXION_CAUSE_MISSING_OPERAND, kOperand0 + 6, 0, "PREDICT.keys",
       "keys of the tokens that the row list leaves out", [](Bench& b, Command& c) { c = prediction(b); }},
      {kCommand, "StoredKeysWithoutAList", "stored keys for a prediction of all tokens", DIXION_CAUSE_BAD_PARAMETER,
       kOperand0 + 6, Bench::kTensors + 0x6000, "PREDICT.keys", "no keys without ROW_LIST: all tokens are predicted",
       [](Bench& b, Command& c) {
         c = prediction(b);
         c.flags = 0;
         c.operands[kRowList] = 0;
         c.operands[6] = Bench::kBad;
         b.describe(Bench::kBad, Bench::kTensors + 0x6000, DIXION_FORMAT_INT12, 2, {1, 1, 4, 2});
       }},
      {kCommand, "RowListFormat", "a row list in another format than UINT32", DIXION_CAUSE_BAD_FORMAT,
       kOperand0 + kRowList, DIXION_FORMAT_INT32, kSubject, "row list in UINT32",
       [](Bench& b, Command& c) {
         c = product(b, {});
         b.bad().format = DIXION_FORMAT_INT32;
       }},
      {kCommand, "RowListShape", "a row list of another rank than 1", DIXION_CAUSE_BAD_SHAPE, kOperand0 + kRowList, 2,
       kSubject, "row list of rank 1",
       [](Bench& b, Command& c) {
         c = product(b, {});
         b.describe(Bench::kBad, kListAddress, DIXION_FORMAT_UINT32, 4, {1, 8});
       }},
      {kCommand, "RowListWithoutRoom", "a row list that ends behind its header", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + kRowList, 4, kSubject, "at least 5 words: the header and room for a row",
       [](Bench& b, Command& c) {
         c = product(b, {});
         b.bad().extent[0] = 4;
       }},
      words("RowListCapacity", "a capacity beyond the tensor", 5, "a capacity of at most 4, the room", {1, 5, 1, 0, 0}),
      words("RowListCount", "more rows than the capacity", 3, "at most 2 rows, the capacity", {3, 2, 1, 0, 0, 1, 2}),
      words("RowThatIsNotThere", "a listed row that the operands do not have", 4,
            "below 4, the rows of all samples; entry 1", {2, 4, 1, 0, 0, 4}),
      words("RowsOutOfOrder", "listed rows that are not in ascending order", 0,
            "rows in ascending order, above 2; entry 1", {2, 4, 1, 0, 2, 0}),
      words("RowTwice", "a row listed twice", 2, "each row once; entry 2", {3, 4, 1, 0, 1, 2, 2}),
      {kCommand, "RowListUnreadable", "a row list where memory does not answer", DIXION_CAUSE_BUS_ERROR,
       kOperand0 + kRowList, Bench::kBrokenMemory, kSubject, "row list in memory",
       [](Bench& b, Command& c) {
         c = product(b, {});
         b.bad().address = Bench::kBrokenMemory;
       }},
      {kCommand, "RowNeverWritten", "keys of a token that no command wrote, where a row list wrote others",
       DIXION_CAUSE_BAD_PARAMETER, kOperand0 + 1, 2, "ATTENTION.k", "rows that a command wrote; none wrote row 2",
       [](Bench& b, Command& c) { c = attention_over_product(b); }},
      {kCommand, "ListWithoutRoomForAllTokens",
       "a token decision into a list without room for all tokens of all branches", DIXION_CAUSE_BAD_SHAPE,
       kOperand0 + 2, 11, "TOKEN_DECISION.list", "at least 12 words: the header and all tokens of all branches",
       [](Bench& b, Command& c) { c = decision(b, 11); }},
      {kCommand, "ShareAboveOne", "a token decision that lists more than all tokens", DIXION_CAUSE_BAD_IMMEDIATE,
       DIXION_FIELD_IMMEDIATE0 + 2, 65537,
       "TOKEN_DECISION.share of tokens to list at most (Q16, 0 to 65536; 0: no limit)", "a share of at most 65536",
       [](Bench& b, Command& c) { (c = decision(b, 12)).immediates[2] = 65537; }},
      {kCommand, "NoBranches", "a token decision for no branch", DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0, 0,
       "TOKEN_DECISION.branches", "1 to 256 branches",
       [](Bench& b, Command& c) { (c = decision(b, 12)).immediates[0] = 0; }},
  };
}

}  // namespace dixion::test
