// SPDX-License-Identifier: Apache-2.0
#include "models/engines/prediction/prediction.h"

#include <bit>
#include <cstring>

#include "models/common/command_check.h"
#include "models/common/made_up_masks.h"
#include "models/common/mask_bits.h"
#include "models/common/operands.h"
#include "models/common/row_roles.h"
#include "models/common/tensor_io.h"
#include "models/engines/matrix/matmul_operands.h"
#include "models/engines/prediction/predict_function.h"
#include "models/engines/prediction/predict_timing.h"

namespace dixion {
namespace {

constexpr unsigned kSrc = 0, kWeight = 1, kBias = 2, kRequant = 3, kMask = 4, kRows = 5, kKeys = 6;  // operands
constexpr unsigned kHeads = 0, kKeep = 1, kDominance = 2, kFlags = 3;                                // immediates
constexpr std::uint32_t kAllKeys = 1;                                                                // bit of kFlags

/// Only for commands that pass check(), and for those on the listed rows of such (row_list.h).
PredictShape shape_of(const Command& command) {
  const TensorView& src = command.operands[kSrc];
  const TensorView& keys = command.operands[kKeys];
  const std::uint64_t heads = command.immediates[kHeads], depth = command.operands[kWeight].extent[0] / (2 * heads);
  return {src.extent[0], keys ? keys.extent[2] : src.extent[1], src.extent[2], heads, depth, keys ? src.extent[1] : 0};
}

void check_operands(CommandCheck& check, const Command& command) {
  const TensorView& src = command.operands[kSrc];
  const TensorView& weight = command.operands[kWeight];
  check.format(kSrc, {DIXION_FORMAT_INT12}).format(kWeight, {DIXION_FORMAT_INT8}).format(kBias, {DIXION_FORMAT_INT32});
  check.format(kRequant, {DIXION_FORMAT_REQUANT});
  check.format(kMask, {DIXION_FORMAT_UINT32})
      .format(kRows, {DIXION_FORMAT_UINT32})
      .format(kKeys, {DIXION_FORMAT_INT12});
  check.rank(kSrc, 3, 3).rank(kWeight, 2, 2).rank(kBias, 1, 1).rank(kRequant, 1, 1).rank(kMask, 4, 4);
  check.rank(kRows, 3, 3).rank(kKeys, 4, 4);
  check.extent(kWeight, 0, src.extent_from_end(0), "the D of src");
  check.extent(kBias, 0, weight.extent_from_end(1), "the rows of weight");
  check.extent(kRequant, 0, weight.extent_from_end(1), "the rows of weight");
}

void check_heads(CommandCheck& check, const Command& command) {
  const std::uint64_t tokens = command.operands[kSrc].extent_from_end(1);
  const std::uint64_t batch = command.operands[kSrc].extent_from_end(2);
  const std::uint64_t rows = command.operands[kWeight].extent_from_end(1);
  const std::uint64_t heads = command.immediates[kHeads];
  const auto immediate = [&](unsigned number, bool holds, const std::string& expected) {
    check.require(holds, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + number, command.immediates[number],
                  expected);
  };
  immediate(kHeads, heads >= 1 && rows % (2 * heads) == 0,
            "heads of which twice as many divide the " + std::to_string(rows) + " rows of weight");
  check.require(heads == 0 || rows / (2 * heads) <= kMostPredictedDepth, DIXION_CAUSE_BAD_SHAPE,
                DIXION_FIELD_OPERAND0 + kWeight, rows, "heads of at most 511 elements");
  immediate(kKeep, command.immediates[kKeep] >= 1 && command.immediates[kKeep] <= tokens,
            "1 to " + std::to_string(tokens) + ", the T of src");
  immediate(kFlags, command.immediates[kFlags] <= kAllKeys, "bit 0 only");
  check.extent(kMask, 3, batch, "the batch of src").extent(kMask, 2, heads, "the heads");
  check.extent(kMask, 1, tokens, "the T of src").extent(kMask, 0, mask_words(tokens), "a bit for each token of src");
  check.extent(kRows, 2, batch, "the batch of src").extent(kRows, 1, 3 * heads, "the heads of Q, K and V");
  check.extent(kRows, 0, mask_words(tokens), "a bit for each token of src");
  check.extent(kKeys, 3, batch, "the batch of src").extent(kKeys, 2, heads, "the heads");
  check.extent(kKeys, 1, tokens, "the T of src").extent(kKeys, 0, heads == 0 ? 0 : rows / (2 * heads), "the depth");
}

/// Stored keys stand for the tokens that a row list leaves out.
void check_keys(CommandCheck& check, const Command& command) {
  const bool listed = (command.flags & DIXION_COMMAND_FLAG_ROW_LIST) != 0;
  const TensorView& keys = command.operands[kKeys];
  check.require(keys || !listed, DIXION_CAUSE_MISSING_OPERAND, DIXION_FIELD_OPERAND0 + kKeys, 0,
                "keys of the tokens that the row list leaves out");
  check.require(!keys || listed, DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_OPERAND0 + kKeys, keys.address,
                "no keys without ROW_LIST: all tokens are predicted");
}

void write_words(Result& result, const TensorView& view, const std::vector<std::uint32_t>& words) {
  Result::Tensor& tensor = add_result(result, view);
  std::memcpy(tensor.bytes.data(), words.data(), tensor.bytes.size());
}

std::uint64_t kept_in(const Prediction& prediction) {
  std::uint64_t kept = 0;
  for (const std::uint32_t word : prediction.mask) kept += static_cast<std::uint64_t>(std::popcount(word));
  return kept;
}

}  // namespace

PredictionEngine::PredictionEngine(const AcceleratorConfig& config, const KernelSet& kernels, const MaskStore* masks)
    : present_(config.prediction_rows > 0),
      array_(prediction_array(config)),
      kernels_(kernels),
      masks_(masks),
      delivery_(array_) {}

CommandError PredictionEngine::check(const Command& command) const {
  if (command.info->value != DIXION_OPCODE_PREDICT) return not_an_opcode_of(command, "prediction engine");
  if (!present_) {
    return {DIXION_CAUSE_ILLEGAL_OPCODE, DIXION_FIELD_OPCODE, command.info->value,
            "another opcode: this accelerator has no prediction engine"};
  }
  CommandCheck check(command);
  check_operands(check, command);
  check_heads(check, command);
  check_keys(check, command);
  check.require(command.split != DIXION_SPLIT_COLUMNS, DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_SPLIT, command.split,
                "ROWS or HEADS");
  return check.error();
}

Demand PredictionEngine::demand(const Command& command) const {
  const PredictShape shape = shape_of(command);
  const PredictTiming timing =
      predict_timing(array_, delivery_, shape, command.split, static_cast<unsigned>(std::popcount(command.cores)));
  Demand demand;
  demand.compute = timing.compute;
  demand.operand_bank_cycles = timing.bank;
  demand.drain = timing.drain;
  demand.transfers = transfers_of(command);
  set_passes(demand, kSrc, timing.src_passes);
  set_passes(demand, kWeight, timing.weight_passes);
  demand.mask.elements = shape.batch * shape.heads * shape.queries() * shape.tokens;
  if (array_.compute_values) return demand;
  const std::unique_ptr<MaskSource> bits = mask_without_data(masks_, array_, command, kMask);
  const std::uint64_t rows = shape.batch * shape.heads * shape.queries();
  if (bits->stored()) {
    demand.mask.kept = kept_in(*bits, rows, shape.tokens);
  } else {
    const auto [place, made] = assumed_kept_.try_emplace({rows, shape.tokens, bits->look()}, 0);
    if (made) place->second = kept_in(*bits, rows, shape.tokens);
    demand.mask.kept = place->second;
  }
  return demand;
}

CommandError PredictionEngine::execute(const Command& command, MemoryAccess& memory, Result& result) {
  const PredictShape shape = shape_of(command);
  PredictOperands operands;
  operands.batch = shape.batch;
  operands.tokens = shape.tokens;
  operands.rows = shape.queries();
  operands.width = shape.width;
  operands.heads = shape.heads;
  operands.depth = shape.depth;
  operands.keep = command.immediates[kKeep];
  operands.dominance = command.immediates[kDominance];
  operands.all_keys = (command.immediates[kFlags] & kAllKeys) != 0;
  if (!load_values(command.operands[kSrc], memory, src_)) return unreadable(command, kSrc);
  if (!load_bytes(command.operands[kWeight], memory, weight_)) return unreadable(command, kWeight);
  std::vector<std::int32_t> bias;
  if (command.operands[kBias]) {
    if (!load_values(command.operands[kBias], memory, bias)) return unreadable(command, kBias);
    operands.bias = bias.data();
  }
  if (CommandError error = load_factors(command, kRequant, memory, operands.factors)) return error;
  if (command.operands[kKeys]) {
    if (!load_values(command.operands[kKeys], memory, keys_)) return unreadable(command, kKeys);
    std::vector<std::uint8_t> numbers;
    if (!load_bytes(command.operands[kRowListOperand], memory, numbers)) return unreadable(command, kRowListOperand);
    token_of_.resize(numbers.size() / sizeof(std::uint32_t));
    std::memcpy(token_of_.data(), numbers.data(), numbers.size());
    operands.keys = keys_.data();
    operands.token_of = token_of_.data();
  }
  operands.src = src_.data();
  operands.weight = reinterpret_cast<const std::int8_t*>(weight_.data());

  const Prediction prediction = predict_function(kernels_, operands);
  write_words(result, command.operands[kMask], prediction.mask);
  write_words(result, command.operands[kRows], prediction.rows);
  result.saturations += prediction.saturations;
  result.demand = demand(command);
  result.demand->mask.kept = kept_in(prediction);
  return {};
}

}  // namespace dixion
