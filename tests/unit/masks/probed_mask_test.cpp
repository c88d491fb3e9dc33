// SPDX-License-Identifier: Apache-2.0
/// Probes take a mask from a bitmap or from a recording and find the same in both.
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/abi/generated/commands.h"
#include "models/abi/tag.h"
#include "models/common/check.h"
#include "platform/mask_file.h"
#include "platform/probe_banks.h"
#include "platform/probe_conmerge.h"
#include "platform/probe_lists.h"
#include "tests/unit/masks/temporary_file.h"
#include "traces/masks/mask_recording.h"

namespace dixion::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t kRows = 48, kColumns = 40, kGroups = 3, kLayer = 2;

MaskRequest request_of(std::uint32_t step, std::uint8_t operand, std::uint32_t ordinal) {
  MaskRequest request;
  request.kind = MaskKind::kPredictedKeys;
  request.opcode = DIXION_OPCODE_PREDICT;
  request.operand = operand;
  request.tag = dixion_tag(step, kLayer, 7);
  request.ordinal = ordinal;
  request.groups = kGroups;
  request.rows = kRows;
  request.columns = kColumns;
  return request;
}

/// Two steps; in the second one, masks of two operands and of two commands of one place.
class ProbedMask : public ::testing::Test {
 protected:
  ProbedMask() {
    MaskRecordingWriter writer(file_.path(), {"workload", "text"});
    for (const MaskRequest& request :
         {request_of(0, 4, 0), request_of(1, 4, 0), request_of(1, 5, 0), request_of(1, 4, 1)}) {
      masks_.emplace_back();
      for (std::uint32_t row = 0; row < kGroups * kRows; ++row) {
        masks_.back().push_back(static_cast<std::uint32_t>(random_() & random_()));
        masks_.back().push_back(static_cast<std::uint32_t>(random_() & 0xff));
      }
      writer.add(request, masks_.back());
    }
    writer.finish();
  }

  [[nodiscard]] std::string recording() const { return file_.path().string(); }

  /// A bitmap of one group.
  [[nodiscard]] std::string bitmap(std::size_t mask, std::uint64_t group) const {
    std::string text = "P1 " + std::to_string(kColumns) + " " + std::to_string(kRows) + "\n";
    for (std::uint32_t row = 0; row < kRows; ++row) {
      for (std::uint32_t column = 0; column < kColumns; ++column) {
        const std::uint32_t word = masks_[mask][(group * kRows + row) * 2 + column / 32];
        text += (word >> column % 32 & 1U) != 0 ? '1' : '0';
      }
      text += '\n';
    }
    return text;
  }

  /// What the probe prints, without the name of the file; then the same of the bitmap.
  template <typename Probe, typename Run>
  void expect_the_same(Probe probe, Run run, std::size_t mask, const MaskChoice& choice) {
    const auto text = [&](const std::string& path) {
      probe.mask = path;
      std::ostringstream out;
      EXPECT_EQ(run(probe, out), 0);
      std::string printed = out.str();
      for (auto at = printed.find(path); at != std::string::npos; at = printed.find(path))
        printed.replace(at, path.size(), "FILE");
      return printed;
    };
    probe.choice = choice;
    const std::string of_recording = text(recording());
    probe.choice = {};
    const std::string kept = file_.bytes();
    file_.replace(bitmap(mask, choice.group));
    const std::string of_bitmap = text(recording());
    file_.replace(kept);
    EXPECT_EQ(of_recording, of_bitmap);
    EXPECT_THAT(of_recording, HasSubstr("FILE"));
  }

  [[nodiscard]] std::string refusal(const MaskChoice& choice) const {
    try {
      static_cast<void>(read_mask(recording(), choice));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  }

  static MaskChoice first_step(std::uint64_t group) {
    MaskChoice choice;
    choice.step = 0;
    choice.group = group;
    return choice;
  }

  TemporaryFile file_;
  std::vector<std::vector<std::uint32_t>> masks_;
  std::mt19937 random_{5};
};

TEST_F(ProbedMask, OfARecordingIsWhatItIsInABitmap) {
  BankProbe banks;
  banks.stride = 128;
  banks.banks = 16;
  ListProbe lists;
  lists.groups = 8;
  for (const std::uint64_t group : {0U, 2U}) {
    expect_the_same(banks, probe_banks, 0, first_step(group));
    expect_the_same(lists, probe_lists, 0, first_step(group));
    expect_the_same(ConMergeProbe{}, probe_conmerge, 0, first_step(group));
  }
}

TEST_F(ProbedMask, IsChosenByOperandAndOrdinalWhereAPlaceMadeSeveral) {
  MaskChoice choice;
  choice.step = 1;
  choice.operand = 4;
  EXPECT_THAT(refusal(choice),
              HasSubstr("operand 4, ordinal 0 and of step 1, layer 2, operator 7, operand 4, ordinal 1; "
                        "choose with --step, --layer, --operator, --operand, --ordinal"));
  choice.ordinal = 1;
  expect_the_same(ListProbe{}, probe_lists, 3, choice);
  choice.ordinal.reset();
  choice.operand = 5;
  expect_the_same(ListProbe{}, probe_lists, 2, choice);
}

TEST_F(ProbedMask, EveryMistakeIsNamed) {
  EXPECT_THAT(refusal(first_step(kGroups)), HasSubstr("--group"));
  MaskChoice choice;
  choice.layer = kLayer + 1;
  EXPECT_THAT(refusal(choice), HasSubstr("holds no such mask; the first one is of step 0, layer 2, operator 7"));
  file_.replace(bitmap(0, 0));
  EXPECT_EQ(refusal({}), "accepted");
  EXPECT_THAT(refusal(first_step(0)), HasSubstr("is no recording: --step"));
}

}  // namespace
}  // namespace dixion::test
