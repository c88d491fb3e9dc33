// SPDX-License-Identifier: Apache-2.0
#include "platform/results/layer_table.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "models/abi/generated/commands_table.h"
#include "models/abi/tag.h"

namespace dixion {

namespace {

void add(CommandCost& sum, const CommandCost& cost) {
  sum.busy_cycles += cost.busy_cycles;
  sum.macs += cost.macs;
  sum.mask += cost.mask;
  sum.dram_read_bytes += cost.dram_read_bytes;
  sum.dram_write_bytes += cost.dram_write_bytes;
  sum.buffer_read_bytes += cost.buffer_read_bytes;
  sum.buffer_write_bytes += cost.buffer_write_bytes;
  for (std::size_t i = 0; i < kStallReasons; ++i) sum.stalls[i] += cost.stalls[i];
}

const char* unit_name(std::uint8_t opcode) {
  const auto info = std::find_if(std::begin(abi::kOpcodes), std::end(abi::kOpcodes),
                                 [opcode](const abi::OpcodeInfo& each) { return each.value == opcode; });
  if (info == std::end(abi::kOpcodes)) return "";
  switch (info->unit) {
    case abi::Unit::kDma:
      return "dma";
    case abi::Unit::kMatrix:
      return "matrix";
    case abi::Unit::kVector:
      return "vector";
    case abi::Unit::kPrediction:
      return "prediction";
    case abi::Unit::kSparsity:
      return "sparsity";
    default:
      return "control";
  }
}

/// A number, or nothing where the tag says "none".
std::string number_unless(std::uint32_t value, std::uint32_t none) {
  return value == none ? std::string() : std::to_string(value);
}

}  // namespace

void LayerTable::event(const TraceEvent& event) {
  if (event.stage != Stage::kEnd || event.cost == nullptr) return;
  const CommandCost& cost = *event.cost;
  const auto [entry, added] =
      index_.try_emplace(static_cast<std::uint64_t>(event.tag) << 8 | event.opcode, rows_.size());
  if (added) rows_.push_back({event.tag, event.opcode, 0, 0, {}});
  Row& row = rows_[entry->second];
  ++row.commands;
  row.cycles += cost.end_cycle - cost.start_cycle;
  add(row.cost, cost);
  add(total_, cost);
  total_.start_cycle = commands_ == 0 ? cost.start_cycle : std::min(total_.start_cycle, cost.start_cycle);
  total_.end_cycle = std::max(total_.end_cycle, cost.end_cycle);
  ++commands_;
}

std::string LayerTable::csv(const OperatorNames& names) const {
  std::string text = "step,layer,operator,name,command,unit,commands,accel_cycles,busy";
  for (const StallInfo& stall : kStalls) text.append(",").append(stall.name);
  text +=
      ",macs,dram_read_bytes,dram_write_bytes,buffer_read_bytes,buffer_write_bytes,"
      "macs_marked,macs_exploited,mask_elements,mask_kept,"
      "blocks_before,blocks_condensed,blocks_merged,block_outputs,block_units,tokens,active_tokens\n";
  for (const Row& row : rows_) {
    text += number_unless(dixion_tag_step(row.tag), DIXION_TAG_STEP_NONE) + ',' +
            number_unless(dixion_tag_layer(row.tag), DIXION_TAG_LAYER_NONE) + ',' +
            std::to_string(dixion_tag_operator(row.tag)) + ',' + operator_name(names, row.tag) + ',' +
            opcode_name(row.opcode) + ',' + unit_name(row.opcode);
    const CommandCost& cost = row.cost;
    std::vector<std::uint64_t> values{row.commands, row.cycles, cost.busy_cycles};
    values.insert(values.end(), cost.stalls.begin(), cost.stalls.end());
    values.insert(values.end(),
                  {cost.macs, cost.dram_read_bytes, cost.dram_write_bytes, cost.buffer_read_bytes,
                   cost.buffer_write_bytes, cost.mask.macs_marked, cost.mask.macs_exploited, cost.mask.elements,
                   cost.mask.kept, cost.mask.blocks_before, cost.mask.blocks_condensed, cost.mask.blocks_merged,
                   cost.mask.block_outputs, cost.mask.block_units, cost.mask.tokens, cost.mask.active_tokens});
    for (const std::uint64_t value : values) text += ',' + std::to_string(value);
    text += '\n';
  }
  return text;
}

}  // namespace dixion
