// SPDX-License-Identifier: Apache-2.0
/// Masks of a file for timing mode: the right bits, or one clear line why there are none.
#include "platform/masks/recorded_masks.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/generated/commands.h"
#include "models/abi/tag.h"
#include "models/common/check.h"
#include "tests/unit/masks/temporary_file.h"

namespace dixion::test::recorded_masks {
namespace {

const RecordedWorkload kWorkload{"net", "steps: 8\nsampler {\n  clip: 1\n}\n"};

MaskRequest request_of(std::uint32_t step) {
  MaskRequest request;
  request.opcode = DIXION_OPCODE_ATTENTION_MARK;
  request.operand = 4;
  request.tag = dixion_tag(step, 2, 1);
  request.groups = 1;
  request.rows = 2;
  request.columns = 33;
  return request;
}

class RecordedMasksTest : public ::testing::Test {
 protected:
  RecordedMasksTest() {
    MaskRecordingWriter writer(file.path(), kWorkload);
    writer.add(request_of(3), {1, 0, 6, 1});
    writer.finish();
  }
  [[nodiscard]] std::unique_ptr<RecordedMasks> open(const RecordedWorkload& workload = kWorkload) {
    auto masks = std::make_unique<RecordedMasks>(file.path(), workload, OperatorNames{"embed", "block2.attend"});
    masks->on_mistake = [this](const std::string& reason) { told.push_back(reason); };
    return masks;
  }
  [[nodiscard]] std::string refusal(const RecordedWorkload& workload) {
    try {
      static_cast<void>(open(workload));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "none";
  }
  void expect_told(const MaskRequest& request, const std::string& words) {
    std::vector<std::uint32_t> row(2);
    open()->mask(request)->row(1, 33, row.data());
    EXPECT_EQ(row, (std::vector<std::uint32_t>{0xffffffff, 1})) << "keeps everything";
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0], file.path().string() + ": " + words);
  }

  TemporaryFile file;
  std::vector<std::string> told;
};

TEST_F(RecordedMasksTest, RowsAreTheRecordedOnes) {
  const auto masks = open();
  const auto mask = masks->mask(request_of(3));
  EXPECT_TRUE(mask->stored());
  std::vector<std::uint32_t> row(2);
  mask->row(1, 33, row.data());
  EXPECT_EQ(row, (std::vector<std::uint32_t>{6, 1}));
  mask->row(0, 33, row.data());
  EXPECT_EQ(row, (std::vector<std::uint32_t>{1, 0}));
  EXPECT_TRUE(told.empty());
}

TEST_F(RecordedMasksTest, AMissingMaskIsNamedByStepLayerAndOperator) {
  expect_told(request_of(4),
              "has no mask of ATTENTION_MARK (step 4, layer 2, operator 1 block2.attend), repetition 0, operand 4");
}

TEST_F(RecordedMasksTest, AMaskOfAnotherSizeIsNamedWithBothSizes) {
  MaskRequest request = request_of(3);
  request.rows = 4;
  expect_told(request,
              "has a mask of 1 x 2 x 33 for ATTENTION_MARK (step 3, layer 2, operator 1 block2.attend), "
              "repetition 0, operand 4, which makes one of 1 x 4 x 33");
}

TEST_F(RecordedMasksTest, AMaskThatNobodyMadeIsNamedByItsReader) {
  MaskRequest request = request_of(3);
  request.opcode = 0;
  expect_told(request, "no command made the mask that step 3, layer 2, operator 1 block2.attend reads");
}

TEST_F(RecordedMasksTest, TheFirstMistakeIsToldOnly) {
  const auto masks = open();
  static_cast<void>(masks->mask(request_of(4)));
  static_cast<void>(masks->mask(request_of(5)));
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(RecordedMasksTest, OtherWorkloadsAndSettingsAreRefused) {
  EXPECT_EQ(refusal(kWorkload), "none");
  EXPECT_NE(refusal({"other", kWorkload.text}).find("was recorded with workload 'net', this run has 'other'"),
            std::string::npos);
  EXPECT_NE(refusal({"net", "steps: 8\nsampler {\n  clip: 2\n}\n"})
                .find("other settings of workload 'net': there 'clip: 1', here 'clip: 2'"),
            std::string::npos);
  EXPECT_NE(refusal({"net", kWorkload.text + "seed: 1\n"}).find("there 'end of text', here 'seed: 1'"),
            std::string::npos);
}

}  // namespace
}  // namespace dixion::test::recorded_masks
