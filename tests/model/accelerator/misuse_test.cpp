// SPDX-License-Identifier: Apache-2.0
// Every mistake of the catalogue on the whole accelerator: what software sees, and that everything goes on afterwards.
// The same catalogue is docs/guest_errors.md; DIXION_WRITE_PAGES=1 in the environment writes the page anew.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
#include "tests/model/accelerator/misuse_bench.h"

namespace dixion::test {

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.what; }

namespace {

using Kind = Mistake::Kind;

std::vector<Mistake> all_mistakes() {
  std::vector<Mistake> all;
  for (const auto& part : {command_mistakes(), descriptor_mistakes(), operator_mistakes(), shape_mistakes(),
                           mask_mistakes(), row_list_mistakes(), register_mistakes()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

std::string cause_of(const Mistake& mistake) { return abi::kCauseNames[mistake.cause].name; }

std::string subject_of(const Mistake& mistake) {
  const bool of_queue = mistake.kind == Kind::kCommand || mistake.kind == Kind::kRegister;
  return (of_queue ? "QUEUE0." : "") + std::string(mistake.subject);
}

std::string expected_of(const Mistake& mistake, bool compute_values = true) {
  if (mistake.kind != Kind::kCommand) return mistake.expected;
  const bool differs = !compute_values && mistake.expected_in_timing_mode != nullptr;
  return std::string(differs ? mistake.expected_in_timing_mode : mistake.expected) + " (" + cause_of(mistake) +
         ", command 0" + (mistake.in_list ? "[0])" : ")");
}

std::string mode_name(bool compute_values) { return compute_values ? "Functional" : "Timing"; }

/// A mistake, and whether values are computed.
class Misuse : public testing::TestWithParam<std::tuple<Mistake, bool>> {
 protected:
  /// false: in timing mode nobody reads the values that are wrong.
  [[nodiscard]] bool noticed() const { return bench_.compute_values || !mistake_.in_values; }

  void perform() {
    dixion_command_t command = bench_.command(DIXION_OPCODE_DMA_FILL, {MisuseBench::kFilled0});
    mistake_.make(bench_, command);
    if (mistake_.kind != Kind::kCommand) return;
    command.tag = 77;
    if (mistake_.in_list) command = bench_.call(MisuseBench::kLists, command, MisuseBench::kParameters);
    bench_.submit(0, {command});
    if (noticed()) {
      bench_.wait_until("the error's interrupt", [this] { return bench_.lines[DIXION_LINE_ERROR]; });
    } else {
      bench_.wait_for_records(0, 1);
    }
  }

  void expect_seen() {
    ASSERT_EQ(bench_.errors.size(), 1U);
    EXPECT_EQ(bench_.errors[0].where, "bench.accelerator.command_processor");
    EXPECT_EQ(bench_.errors[0].subject, subject_of(mistake_));
    EXPECT_EQ(bench_.errors[0].value, mistake_.value);
    EXPECT_EQ(bench_.errors[0].expected, expected_of(mistake_, bench_.compute_values));
    const bool noted = mistake_.kind == Kind::kCommand || mistake_.kind == Kind::kRegister;
    const bool halts = mistake_.kind == Kind::kCommand;
    EXPECT_EQ(bench_.lines[DIXION_LINE_ERROR], noted);
    EXPECT_EQ(bench_.read(DIXION_ACCELERATOR_INTR_STATUS) >> 8 & 0xff, noted ? 1U : 0U);
    EXPECT_EQ((bench_.read_queue(DIXION_QUEUE_STATUS) & DIXION_QUEUE_STATUS_HALTED_MASK) != 0, halts);
    EXPECT_EQ(bench_.read_queue(DIXION_QUEUE_ERROR_CAUSE), mistake_.cause);
    EXPECT_EQ(bench_.read_queue(DIXION_QUEUE_ERROR_FIELD), noted ? mistake_.field : 0);
    EXPECT_EQ(bench_.read_queue(DIXION_QUEUE_ERROR_VALUE), noted ? static_cast<std::uint32_t>(mistake_.value) : 0);
    EXPECT_EQ(bench_.read_queue(DIXION_QUEUE_ERROR_COMMAND), 0U);
    if (!halts || !mistake_.has_record) return;
    const unsigned records = mistake_.in_list ? 2 : 1;
    bench_.wait_for_records(0, records);
    EXPECT_EQ(bench_.read_queue(DIXION_QUEUE_COMPLETION_TAIL), records);
    EXPECT_EQ(bench_.read_queue(DIXION_QUEUE_ERROR_LIST_INDEX), mistake_.in_list ? 0 : 0xffffffffU);
    const dixion_completion_t& record = bench_.record(0, 0);
    EXPECT_EQ(record.status, DIXION_STATUS_ERROR);
    EXPECT_EQ(record.cause, mistake_.cause);
    EXPECT_EQ(record.field, mistake_.field);
    EXPECT_EQ(record.value, static_cast<std::uint32_t>(mistake_.value));
    EXPECT_EQ(record.phase, 1);
    if (mistake_.in_list) {
      EXPECT_EQ(bench_.record(0, 1).status, DIXION_STATUS_DROPPED);
    }
  }

  void expect_unseen() {
    EXPECT_TRUE(bench_.errors.empty());
    EXPECT_FALSE(bench_.lines[DIXION_LINE_ERROR]);
    EXPECT_EQ(bench_.read_queue(DIXION_QUEUE_STATUS) & DIXION_QUEUE_STATUS_HALTED_MASK, 0U);
    EXPECT_EQ(bench_.record(0, 0).status, DIXION_STATUS_OK);
    EXPECT_EQ(bench_.record(0, 0).tag, 77U);
  }

  void recover(Recovery how) {
    switch (how) {
      case Recovery::kResume: {
        const std::uint32_t enabled = bench_.read_queue(DIXION_QUEUE_CONTROL);
        const bool error = bench_.read_queue(DIXION_QUEUE_ERROR_CAUSE) != 0;
        if (error) bench_.write_queue(DIXION_QUEUE_CONTROL, enabled | DIXION_QUEUE_CONTROL_RESUME_MASK);
        break;
      }
      case Recovery::kQueueReset:
        bench_.queue_reset(0);
        break;
      case Recovery::kDeviceReset:
        bench_.device_reset();
        break;
    }
    bench_.make_ready(0);
    bench_.make_ready(1);
    EXPECT_FALSE(bench_.lines[DIXION_LINE_ERROR]);
    EXPECT_EQ(bench_.read_queue(DIXION_QUEUE_ERROR_CAUSE), 0U);
  }

  /// Nothing but the queues' own results and records changed.
  void expect_unharmed(const std::vector<unsigned char>& before) {
    const auto same = [&](std::uint64_t start, std::uint64_t end) {
      EXPECT_EQ(std::memcmp(bench_.memory.data() + start, before.data() + start, end - start), 0)
          << "changed between " << std::hex << start << " and " << end;
    };
    same(MisuseBench::kTensors, MisuseBench::result(0));
    same(MisuseBench::result(0) + 64, MisuseBench::result(1));
    same(MisuseBench::result(1) + 64, before.size());
  }

  void round(Recovery how) {
    bench_.prepare_memory();
    bench_.device_reset();
    bench_.make_ready(0);
    bench_.make_ready(1);
    bench_.errors.clear();
    perform();
    const std::vector<unsigned char> before(bench_.memory.data(), bench_.memory.data() + (1 << 20));
    noticed() ? expect_seen() : expect_unseen();
    // The other queue needs device and table only.
    const bool halted = (bench_.read_queue(DIXION_QUEUE_STATUS) & DIXION_QUEUE_STATUS_HALTED_MASK) != 0;
    bench_.make_ready(1);
    bench_.expect_runs(1);
    EXPECT_EQ((bench_.read_queue(DIXION_QUEUE_STATUS) & DIXION_QUEUE_STATUS_HALTED_MASK) != 0, halted);
    recover(how);
    bench_.expect_runs(0);
    bench_.expect_runs(1);
    EXPECT_TRUE(bench_.accelerator.idle());
    EXPECT_EQ(bench_.errors.size(), noticed() ? 1U : 0U);
    expect_unharmed(before);
  }

  const Mistake mistake_ = std::get<0>(GetParam());
  MisuseBench bench_{config_of_mode(std::get<1>(GetParam()))};
};

TEST_P(Misuse, IsReportedAndSurvived) {
  bench_.run([this] {
    for (const Recovery how : {Recovery::kResume, Recovery::kQueueReset, Recovery::kDeviceReset}) {
      SCOPED_TRACE(static_cast<int>(how));
      if (how != Recovery::kResume || mistake_.resumable) round(how);
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Misuse, testing::Combine(testing::ValuesIn(all_mistakes()), testing::Bool()),
                         [](const auto& entry) {
                           return std::string(std::get<0>(entry.param).name) + mode_name(std::get<1>(entry.param));
                         });

// The page.

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string field_of(const Mistake& mistake) {
  if (mistake.field < DIXION_FIELD_IMMEDIATE0) return "OPERAND0 + " + std::to_string(mistake.field);
  if (mistake.field < DIXION_FIELD_OPCODE) {
    return "IMMEDIATE0 + " + std::to_string(mistake.field - DIXION_FIELD_IMMEDIATE0);
  }
  for (const abi::NamedValue& each : abi::kFieldNames) {
    if (each.value == mistake.field) return each.name;
  }
  return "?";
}

void table(std::ostringstream& page, const std::vector<Mistake>& mistakes, Kind kind) {
  const bool command = kind == Kind::kCommand;
  page << (command ? "| mistake | cause | field | the line says |\n|---|---|---|---|\n"
                   : "| mistake | the line says |\n|---|---|\n");
  for (const Mistake& each : mistakes) {
    if (each.kind != kind) continue;
    page << "| " << each.what << (each.in_list ? " *(in a list)*" : "") << (each.resumable ? "" : " *(until reset)*")
         << (each.in_values ? " *(values)*" : "");
    if (command) page << " | `" << cause_of(each) << "` | `" << field_of(each) << "`";
    page << " | `" << subject_of(each) << " = " << hex(each.value) << ", expected " << expected_of(each) << "`";
    if (each.expected_in_timing_mode != nullptr) page << "; timing mode: `" << expected_of(each, false) << "`";
    page << " |\n";
  }
}

std::string page() {
  std::ifstream head(std::string(std::getenv("DIXION_SOURCE_DIR")) + "/tests/model/accelerator/guest_errors_head.txt");
  std::ostringstream page;
  page << head.rdbuf() << "\n## Commands\n\n";
  table(page, command_mistakes(), Kind::kCommand);
  page << "\n## Descriptors\n\n";
  table(page, descriptor_mistakes(), Kind::kCommand);
  page << "\n## Operators and their data\n\n";
  table(page, operator_mistakes(), Kind::kCommand);
  page << "\n## What single operators ask for\n\n";
  table(page, shape_mistakes(), Kind::kCommand);
  page << "\n## Masks and schedules\n\n";
  table(page, mask_mistakes(), Kind::kCommand);
  page << "\n## Row lists\n\n";
  table(page, row_list_mistakes(), Kind::kCommand);
  page << "\n## Rings that memory does not answer\n\n";
  table(page, register_mistakes(), Kind::kCommand);
  page << "\n## Register writes without effect\n\n";
  table(page, register_mistakes(), Kind::kRegister);
  page << "\n## Register writes that only the line speaks of\n\n";
  table(page, register_mistakes(), Kind::kLine);
  page << "\n## Accesses that no register answers\n\n";
  table(page, register_mistakes(), Kind::kAccess);
  return page.str();
}

TEST(MisusePage, SaysWhatTheCatalogueSays) {
  const std::string path = std::string(std::getenv("DIXION_SOURCE_DIR")) + "/docs/guest_errors.md";
  if (std::getenv("DIXION_WRITE_PAGES") != nullptr) std::ofstream(path) << page();
  std::ostringstream written;
  written << std::ifstream(path).rdbuf();
  EXPECT_TRUE(written.str() == page()) << "docs/guest_errors.md is stale: DIXION_WRITE_PAGES=1 ctest -R MisusePage";
}

// Resets while commands run.

class ResetWhileBusy : public testing::TestWithParam<bool> {
 protected:
  /// A product runs on queue 0, with more behind it.
  void make_busy() {
    bench_.prepare_memory();
    bench_.describe(MisuseBench::kMatrix, MisuseBench::kTensors, DIXION_FORMAT_INT12, 2, {64, 64});
    bench_.describe(MisuseBench::kWeight, MisuseBench::kTensors, DIXION_FORMAT_INT8, 1, {64, 64});
    bench_.describe(MisuseBench::kProduct, MisuseBench::kTensors + 0x8000, DIXION_FORMAT_INT32, 4, {64, 64});
    bench_.make_ready(0);
    bench_.make_ready(1);
    dixion_command_t product =
        bench_.command(DIXION_OPCODE_MATMUL, {MisuseBench::kMatrix, MisuseBench::kWeight, 0, 0, MisuseBench::kProduct});
    product.immediates[0] = 1;
    bench_.submit(0, {product, product, bench_.call(MisuseBench::kLists, product), product});
  }
  MisuseBench bench_{config_of_mode(GetParam())};
};

TEST_P(ResetWhileBusy, OfTheQueueLeavesTheOtherOneAlone) {
  bench_.run([this] {
    for (int cycles = 0; cycles < 4000; cycles += 211) {
      make_busy();
      sc_core::wait(sc_core::sc_time(cycles, sc_core::SC_NS));
      bench_.write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_RESET_MASK);
      bench_.expect_runs(1);
      bench_.wait_until("IDLE", [this] { return bench_.read_queue(DIXION_QUEUE_STATUS) == 1; });
      bench_.open_queue(0);
      bench_.expect_runs(0);
      bench_.queue_reset(0);
      bench_.queue_reset(1);
    }
  });
  EXPECT_TRUE(bench_.errors.empty());
}

TEST_P(ResetWhileBusy, OfTheDeviceLeavesBothQueuesUsable) {
  bench_.run([this] {
    for (int cycles = 0; cycles < 4000; cycles += 211) {
      make_busy();
      sc_core::wait(sc_core::sc_time(cycles, sc_core::SC_NS));
      bench_.device_reset();
      bench_.make_ready(0);
      bench_.make_ready(1);
      bench_.expect_runs(0);
      bench_.expect_runs(1);
      bench_.device_reset();
    }
  });
  EXPECT_TRUE(bench_.errors.empty());
}

INSTANTIATE_TEST_SUITE_P(Modes, ResetWhileBusy, testing::Bool(),
                         [](const auto& entry) { return mode_name(entry.param); });

}  // namespace
}  // namespace dixion::test
