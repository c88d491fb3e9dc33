// SPDX-License-Identifier: Apache-2.0
#include "platform/results/layer_table.h"

#include <gtest/gtest.h>

#include "models/abi/generated/commands.h"
#include "models/abi/tag.h"

namespace dixion {
namespace {

void end_command(LayerTable& table, std::uint32_t tag, std::uint8_t opcode, const CommandCost& cost) {
  table.event({Stage::kEnd, 0, 1, tag, 0, opcode, &cost});
}

std::string second_line(const std::string& text) {
  const std::size_t start = text.find('\n') + 1;
  return text.substr(start, text.find('\n', start) - start);
}

TEST(LayerTable, CommandsOfOneOperatorShareARow) {
  LayerTable table;
  const std::uint32_t tag = dixion_tag(3, 2, 1);
  CommandCost first{100, 150, 40, 1000, 1, 2, 3, 4};
  CommandCost second{150, 160, 5, 10, 10, 20, 30, 40};
  first.mask = {60, 40, 5, 3, 0, 0, 0, 10, 8, 6, 4, 2, 0, 9, 2};
  second.mask = {40, 20, 4, 4, 0, 0, 0, 1, 1, 1, 1, 1, 0, 8, 3};
  first.stalls[index_of(StallReason::kDram)] = 3;
  second.stalls[index_of(StallReason::kDram)] = 4;
  end_command(table, tag, DIXION_OPCODE_MATMUL, first);
  end_command(table, tag, DIXION_OPCODE_MATMUL, second);
  EXPECT_EQ(second_line(table.csv({"first", "qkv"})),
            "3,2,1,qkv,MATMUL,matrix,2,60,45,0,0,7,0,0,0,0,0,0,0,0,0,0,0,1010,11,22,33,44,9,7,100,60,11,9,7,5,3,17,5");
  EXPECT_EQ(table.total().start_cycle, 100U);
  EXPECT_EQ(table.total().end_cycle, 160U);
  EXPECT_EQ(table.total().macs, 1010U);
  EXPECT_EQ(table.commands(), 2U);
}

TEST(LayerTable, TheHeadingNamesEveryReasonOfAStall) {
  const std::string heading = LayerTable().csv({});
  EXPECT_EQ(heading,
            "step,layer,operator,name,command,unit,commands,accel_cycles,busy,operand_bank,fill,dram,global_buffer,"
            "output,drain,command_fetch,completion,dma,prediction,schedule,sparsity,semaphore,cores,macs,"
            "dram_read_bytes,dram_write_bytes,"
            "buffer_read_bytes,buffer_write_bytes,macs_marked,macs_exploited,mask_elements,mask_kept,blocks_before,"
            "blocks_condensed,blocks_merged,block_outputs,block_units,tokens,active_tokens\n");
}

TEST(LayerTable, WorkOutsideStepsAndLayersHasEmptyCells) {
  LayerTable table;
  end_command(table, dixion_tag(DIXION_TAG_STEP_NONE, DIXION_TAG_LAYER_NONE, 9), DIXION_OPCODE_NOP, {});
  EXPECT_EQ(second_line(table.csv({})),
            ",,9,,NOP,control,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0");
}

TEST(LayerTable, OtherStagesCostNothing) {
  LayerTable table;
  const CommandCost cost{0, 10, 10, 10, 0, 0, 0, 0};
  table.event({Stage::kBegin, 0, 1, 0, 0, DIXION_OPCODE_MATMUL, &cost});
  EXPECT_EQ(table.commands(), 0U);
}

}  // namespace
}  // namespace dixion
