// SPDX-License-Identifier: Apache-2.0
#include "platform/results/layer_table.h"

#include <algorithm>

#include "models/abi/tag.h"

namespace dixion {

namespace {

void add(CommandCost& sum, const CommandCost& cost) {
  sum.compute_cycles += cost.compute_cycles;
  sum.macs += cost.macs;
  sum.mask += cost.mask;
  sum.dram_read_bytes += cost.dram_read_bytes;
  sum.dram_write_bytes += cost.dram_write_bytes;
  sum.buffer_read_bytes += cost.buffer_read_bytes;
  sum.buffer_write_bytes += cost.buffer_write_bytes;
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
  std::string text =
      "step,layer,operator,name,command,commands,accel_cycles,compute_cycles,macs,dram_read_bytes,dram_write_bytes,"
      "buffer_read_bytes,buffer_write_bytes,macs_marked,macs_exploited,mask_elements,mask_kept\n";
  for (const Row& row : rows_) {
    text += number_unless(dixion_tag_step(row.tag), DIXION_TAG_STEP_NONE) + ',' +
            number_unless(dixion_tag_layer(row.tag), DIXION_TAG_LAYER_NONE) + ',' +
            std::to_string(dixion_tag_operator(row.tag)) + ',' + operator_name(names, row.tag) + ',' +
            opcode_name(row.opcode);
    for (const std::uint64_t value :
         {row.commands, row.cycles, row.cost.compute_cycles, row.cost.macs, row.cost.dram_read_bytes,
          row.cost.dram_write_bytes, row.cost.buffer_read_bytes, row.cost.buffer_write_bytes, row.cost.mask.macs_marked,
          row.cost.mask.macs_exploited, row.cost.mask.elements, row.cost.mask.kept}) {
      text += ',' + std::to_string(value);
    }
    text += '\n';
  }
  return text;
}

}  // namespace dixion
