// SPDX-License-Identifier: Apache-2.0
/// What a functional run's commands made, as the recorder finds it in memory.
#include "platform/masks/mask_recorder.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
#include "models/common/engine.h"
#include "tests/support/flat_memory.h"
#include "tests/unit/masks/temporary_file.h"

namespace dixion::test {
namespace {

Command command_of(dixion_opcode opcode, std::uint32_t id, std::uint32_t tag) {
  Command command;
  command.info = std::find_if(std::begin(abi::kOpcodes), std::end(abi::kOpcodes),
                              [&](const abi::OpcodeInfo& info) { return info.value == opcode; });
  command.id = id;
  command.tag = tag;
  return command;
}

TensorView words_view(std::uint64_t address, std::vector<std::uint32_t> extents) {
  TensorView view;
  view.address = address;
  view.rank = static_cast<std::uint8_t>(extents.size());
  view.format = DIXION_FORMAT_UINT32;
  std::uint64_t bytes = 4;
  for (std::size_t i = extents.size(); i-- > 0; bytes *= extents[i]) {
    view.extent[i] = extents[i];
    view.stride[i] = bytes;
  }
  return view;
}

TEST(MaskRecorderTest, RecordsMasksAsTheyLieInMemoryWhenTheirCommandHasEnded) {
  const TemporaryFile file;
  FlatMemory memory(0x1000, 0x1000);
  MaskRecorder recorder(file.path(), {"net", ""}, memory);
  Command first = command_of(DIXION_OPCODE_MASK_THRESHOLD, 1, 7);
  first.operands[0] = words_view(0x1800, {1, 2, 40});
  first.operands[1] = words_view(0x1100, {1, 2, 2});
  Command second = first;
  second.id = 2;
  second.operands[1].address = 0x1200;
  Command failed = first;
  failed.id = 3;
  const Demand demand;
  const auto tell = [&](Stage stage, const Command& command, const Demand* asked) {
    TraceEvent event{stage, 0, command.id, command.tag, command.queue};
    event.opcode = command.info->value;
    event.command = &command;
    event.demand = asked;
    recorder.event(event);
  };
  const std::vector<std::uint32_t> a{1, 2, 3, 4}, b{5, 6, 7, 8};
  tell(Stage::kBegin, first, nullptr);
  tell(Stage::kBegin, second, nullptr);
  ASSERT_TRUE(memory.write(0x1200, b.data(), 16));
  tell(Stage::kEnd, second, &demand);
  ASSERT_TRUE(memory.write(0x1100, a.data(), 16));
  tell(Stage::kEnd, first, &demand);
  tell(Stage::kBegin, failed, nullptr);
  tell(Stage::kEnd, failed, nullptr);
  EXPECT_EQ(recorder.count(), 2U);
  recorder.finish();

  const MaskRecording recording(file.path());
  ASSERT_EQ(recording.entries().size(), 2U);
  MaskRequest request = request_of(first, *first_mask_made(DIXION_OPCODE_MASK_THRESHOLD));
  ASSERT_NE(recording.find(request), nullptr);
  EXPECT_EQ(recording.find(request)->request.columns, 40U);
  EXPECT_EQ(recording.bits(*recording.find(request)), a) << "numbered as they begin, not as they end";
  request.ordinal = 1;
  EXPECT_EQ(recording.bits(*recording.find(request)), b);
}

TEST(MaskRecorderTest, AListIsRecordedAsTheTokensOfEachSample) {
  // 2 samples of 2 branches and 40 tokens: the list names rows of both branches.
  const std::vector<std::uint32_t> list{6, 160, 1, 0, 3, 39, 43, 79, 80 + 5, 120 + 5, 99, 99};
  const std::vector<std::uint32_t> bits = listed_tokens(list, 2, 2, 40);
  EXPECT_EQ(bits, (std::vector<std::uint32_t>{1U << 3, 1U << 7, 1U << 5, 0}));
  EXPECT_EQ(listed_tokens({0, 160, 1, 0, 3}, 2, 2, 40), (std::vector<std::uint32_t>(4, 0)));
}

}  // namespace
}  // namespace dixion::test
