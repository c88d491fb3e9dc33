// SPDX-License-Identifier: Apache-2.0
#include "platform/energy/command_actions.h"

#include <algorithm>
#include <bit>

namespace dixion {

namespace {

constexpr unsigned kLaneBytes = 2;   // INT12 in 16-bit lanes of the core SRAM
constexpr unsigned kScoreBytes = 4;  // raw scores

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

std::uint64_t& count(ActionCounts& counts, Action action) { return counts[static_cast<std::size_t>(action)]; }

/// Of an element as the multiplier sees it.
unsigned operand_bits(dixion_format format) {
  switch (format) {
    case DIXION_FORMAT_INT8:
      return 8;
    case DIXION_FORMAT_INT12:
    case DIXION_FORMAT_INT12_PACKED:
      return 12;
    default:
      return 16;
  }
}

Action mac_of(dixion_format a, dixion_format b) {
  const unsigned wide = std::max(operand_bits(a), operand_bits(b)), narrow = std::min(operand_bits(a), operand_bits(b));
  if (wide == 8) return Action::kMacInt8;
  if (wide == 12) return narrow == 8 ? Action::kMacInt12Int8 : Action::kMacInt12;
  return Action::kMacFloat16;
}

/// `bytes` of the dense operator, as far as its products were done.
std::uint64_t done_part(std::uint64_t bytes, std::uint64_t macs, std::uint64_t dense_macs) {
  if (dense_macs == 0 || macs >= dense_macs) return bytes;
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide{bytes} * macs / dense_macs);
}

std::uint64_t moved_bytes(const Transfer& transfer) { return transfer.view.payload_bytes() * transfer.passes; }

/// Operands into the core SRAM, once per core that gets a copy; results in and out again.
template <typename Copies>
std::uint64_t fill_bytes(const Demand& demand, const Copies& copies) {
  std::uint64_t bytes = 0;
  for (const Transfer& transfer : demand.transfers) {
    bytes += moved_bytes(transfer) * (transfer.write ? 2 : copies(transfer.operand));
  }
  return bytes;
}

/// Products that the hardware did.
std::uint64_t done_macs(const CommandCost& cost) { return cost.macs - cost.mask.macs_exploited; }

void products(ActionCounts& counts, std::uint64_t done, dixion_format a, dixion_format b) {
  count(counts, mac_of(a, b)) += done;
  count(counts, Action::kRegisterByte) += done * (operand_bits(a) + operand_bits(b)) / 8;
}

/// Units of a merged block that compute nothing stand still.
bool by_schedule(const Command& command) {
  return command.info->value == DIXION_OPCODE_MATMUL_MASKED && static_cast<bool>(command.operands[5]);
}

void add_matmul(ActionCounts& counts, const AcceleratorConfig& config, const Command& command, const Demand& demand,
                const CommandCost& cost) {
  const TensorView& src = command.operands[0];
  const TensorView& weight = command.operands[1];
  products(counts, by_schedule(command) ? cost.macs - cost.mask.macs_marked : done_macs(cost), src.format,
           weight.format);

  const bool own_weights = weight.rank == 3;
  const std::uint64_t groups = own_weights ? src.extent_from_end(2) : 1;
  const std::uint64_t rows = src.elements() / src.extent_from_end(0) / groups;
  const std::uint64_t columns = weight.extent_from_end(1), depth = src.extent_from_end(0);
  const std::uint64_t row_tiles = ceil_div(rows, config.array_rows);
  const std::uint64_t column_tiles = ceil_div(columns, config.array_columns);
  const std::uint64_t weight_bytes = std::max(element_bytes(weight.format), 1U);
  const std::uint64_t delivered =
      groups * depth * (rows * kLaneBytes * column_tiles + columns * weight_bytes * row_tiles);

  const auto cores = static_cast<std::uint64_t>(std::popcount(command.cores));
  const std::uint64_t weight_copies = own_weights                             ? 1
                                      : command.split == DIXION_SPLIT_COLUMNS ? 1
                                                                              : std::min(cores, row_tiles);
  const std::uint64_t src_copies = command.split == DIXION_SPLIT_COLUMNS ? std::min(cores, column_tiles) : 1;
  const std::uint64_t filled = fill_bytes(demand, [&](unsigned operand) {
    return operand == 0 ? src_copies : operand == 1 ? weight_copies : 1;
  });
  count(counts, Action::kCoreSramByte) +=
      done_part(delivered, done_macs(cost), groups * rows * columns * depth) + filled;
}

void add_attention(ActionCounts& counts, const AcceleratorConfig& config, const Command& command, const Demand& demand,
                   const CommandCost& cost) {
  const TensorView& query = command.operands[0];
  const TensorView& key = command.operands[1];
  products(counts, done_macs(cost), query.format, key.format);

  const std::uint64_t heads = std::uint64_t{query.extent[0]} * query.extent[1];
  const std::uint64_t queries = query.extent[2], keys = key.extent[2], depth = query.extent[3];
  const std::uint64_t query_tiles = ceil_div(queries, config.array_rows);
  const std::uint64_t dense_macs = 2 * heads * queries * keys * depth;
  // Products: queries against keys, exponentials against values. In between, scores go in, come out, and go in and
  // come out again as exponentials (the second coming out is a delivery to the array).
  const std::uint64_t delivered = heads * kLaneBytes *
                                  (queries * depth * ceil_div(keys, config.array_columns) + keys * depth * query_tiles +
                                   queries * keys * ceil_div(depth, config.array_columns) + keys * depth * query_tiles);
  const std::uint64_t scores = heads * queries * keys;
  const std::uint64_t kept = scores * (2 * kScoreBytes + kLaneBytes);

  const auto cores = static_cast<std::uint64_t>(std::popcount(command.cores));
  const std::uint64_t copies = command.split == DIXION_SPLIT_ROWS ? std::min(cores, query_tiles) : 1;
  const std::uint64_t filled =
      fill_bytes(demand, [&](unsigned operand) { return operand == 1 || operand == 2 ? copies : 1; });
  count(counts, Action::kCoreSramByte) += done_part(delivered + kept, done_macs(cost), dense_macs) + filled;
  count(counts, Action::kVectorElement) +=
      done_part(scores, done_macs(cost), dense_macs) +
      done_part(heads * queries * depth, cost.mask.active_tokens, cost.mask.tokens);
}

/// Operands are delivered as the stored formats have them: a sign and two exponents fit.
void add_prediction(ActionCounts& counts, const AcceleratorConfig& config, const Command& command, const Demand& demand,
                    const CommandCost& cost) {
  const TensorView& src = command.operands[0];
  const std::uint64_t heads = std::uint64_t{src.extent[0]} * command.immediates[0];
  const std::uint64_t tokens = src.extent[1], width = src.extent[2], columns = command.operands[1].extent[0];
  const std::uint64_t depth = columns / (2 * command.immediates[0]);
  const std::uint64_t token_tiles = ceil_div(tokens, config.prediction_rows);
  const std::uint64_t projected =
      width * (tokens * kLaneBytes * ceil_div(columns, config.prediction_columns) + columns * token_tiles);
  const std::uint64_t scored =
      depth * tokens * kLaneBytes * (ceil_div(tokens, config.prediction_columns) + token_tiles);
  const std::uint64_t predicted = std::uint64_t{src.extent[0]} * tokens * columns * kLaneBytes;
  const auto of_listed = [&](std::uint64_t all) { return done_part(all, cost.mask.active_tokens, cost.mask.tokens); };
  count(counts, Action::kLogProduct) +=
      of_listed(src.extent[0] * tokens * columns * width + heads * tokens * tokens * depth);
  count(counts, Action::kCoreSramByte) += of_listed(src.extent[0] * projected + heads * scored + predicted) +
                                          fill_bytes(demand, [](unsigned) { return 1; });
}

void add_vector(ActionCounts& counts, const Command& command, const Demand& demand) {
  const std::uint64_t passes = energy_vector_passes(command.info->value);
  std::uint64_t results = 0, bytes = 0;
  for (const Transfer& transfer : demand.transfers) {
    if (transfer.write) results += transfer.view.elements();
    bytes += moved_bytes(transfer) * (transfer.write ? 2 : 1 + passes);
  }
  // A lane takes a value or a gate, so GEGLU's work is that of its operand.
  if (command.info->value == DIXION_OPCODE_GEGLU) results *= 2;
  count(counts, Action::kVectorElement) += results * passes;
  count(counts, Action::kCoreSramByte) += bytes;
}

/// Operands once in and once out, results in and out. Comparators and generator work on registers: an element, or a
/// column of 16 lanes per cycle.
void add_sparsity(ActionCounts& counts, const Command& command, const Demand& demand, const CommandCost& cost) {
  std::uint64_t bytes = 0;
  for (const Transfer& transfer : demand.transfers) bytes += 2 * moved_bytes(transfer);
  count(counts, Action::kCoreSramByte) += bytes;
  const bool builds = command.info->value == DIXION_OPCODE_CONMERGE_BUILD;
  count(counts, Action::kRegisterByte) += kLaneBytes * (builds ? cost.busy_cycles : command.operands[0].elements());
}

/// A change per element of the latent, then the passes that choose, over one number per token.
void add_token_decision(ActionCounts& counts, const Command& command, const Demand& demand) {
  const TensorView& latent = command.operands[0];
  const std::uint64_t tokens = latent.elements() / latent.extent_from_end(0);
  count(counts, Action::kVectorElement) += latent.elements() + tokens;
  for (const Transfer& transfer : demand.transfers) count(counts, Action::kCoreSramByte) += 2 * moved_bytes(transfer);
}

}  // namespace

unsigned energy_vector_passes(std::uint8_t opcode) {
  switch (opcode) {
    case DIXION_OPCODE_NORM_MODULATE:
    case DIXION_OPCODE_GROUP_NORM:
    case DIXION_OPCODE_NOISE:
      return 3;
    case DIXION_OPCODE_SAMPLER_UPDATE:
      return 2;
    default:
      return 1;
  }
}

ActionCounts memory_actions(std::uint64_t dram_bytes, std::uint64_t buffer_bytes) {
  ActionCounts counts{};
  count(counts, Action::kDramByte) = dram_bytes;
  count(counts, Action::kGlobalBufferByte) = buffer_bytes;
  count(counts, Action::kNetworkByte) = dram_bytes + buffer_bytes;
  return counts;
}

ActionCounts command_actions(const AcceleratorConfig& config, const Command& command, const Demand& demand,
                             const CommandCost& cost) {
  ActionCounts counts =
      memory_actions(cost.dram_read_bytes + cost.dram_write_bytes, cost.buffer_read_bytes + cost.buffer_write_bytes);
  switch (command.info->unit) {
    case abi::Unit::kDma:
      for (const Transfer& transfer : demand.transfers) count(counts, Action::kDmaByte) += moved_bytes(transfer);
      break;
    case abi::Unit::kMatrix:
      switch (command.info->value) {
        case DIXION_OPCODE_ATTENTION:
        case DIXION_OPCODE_ATTENTION_MARK:
        case DIXION_OPCODE_ATTENTION_MASKED:
          add_attention(counts, config, command, demand, cost);
          break;
        default:
          add_matmul(counts, config, command, demand, cost);
      }
      break;
    case abi::Unit::kSparsity:
      if (command.info->value == DIXION_OPCODE_TOKEN_DECISION) {
        add_token_decision(counts, command, demand);
      } else {
        add_sparsity(counts, command, demand, cost);
      }
      break;
    case abi::Unit::kVector:
      add_vector(counts, command, demand);
      break;
    case abi::Unit::kPrediction:
      add_prediction(counts, config, command, demand, cost);
      break;
    default:
      break;
  }
  return counts;
}

}  // namespace dixion
