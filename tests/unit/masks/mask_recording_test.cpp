// SPDX-License-Identifier: Apache-2.0
/// The file of docs/mask_files.md: what is written is read, and files that are not whole are refused.
#include "traces/masks/mask_recording.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/check.h"
#include "tests/unit/masks/temporary_file.h"

namespace dixion::test {
namespace {

const RecordedWorkload kWorkload{"net", "steps: 8\nseed: 1\n"};

MaskRequest request_of(std::uint32_t tag, std::uint32_t ordinal = 0) {
  MaskRequest request;
  request.kind = MaskKind::kElements;
  request.opcode = 0x40;
  request.operand = 1;
  request.tag = tag;
  request.ordinal = ordinal;
  request.groups = 2;
  request.rows = 3;
  request.columns = 40;
  return request;
}

std::vector<std::uint32_t> words_of(std::uint32_t first) {
  std::vector<std::uint32_t> words(2 * 3 * 2);
  for (std::uint32_t& word : words) word = first++;
  return words;
}

void write(const TemporaryFile& file) {
  MaskRecordingWriter writer(file.path(), kWorkload);
  writer.add(request_of(5), words_of(100));
  writer.add(request_of(5, 1), words_of(200));
  writer.add(request_of(6), words_of(300));
  writer.finish();
}

std::string refusal(const TemporaryFile& file) {
  try {
    const MaskRecording recording(file.path());
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "none";
}

TEST(MaskRecordingTest, WhatWasWrittenIsRead) {
  const TemporaryFile file;
  write(file);
  const MaskRecording recording(file.path());
  EXPECT_EQ(recording.workload().name, "net");
  EXPECT_EQ(recording.workload().text, kWorkload.text);
  ASSERT_EQ(recording.entries().size(), 3U);
  const MaskRecording::Entry* second = recording.find(request_of(5, 1));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->request.kind, MaskKind::kElements);
  EXPECT_EQ(second->request.groups, 2U);
  EXPECT_EQ(second->request.rows, 3U);
  EXPECT_EQ(second->request.columns, 40U);
  EXPECT_EQ(recording.bits(*second), words_of(200));
  EXPECT_EQ(recording.bits(*recording.find(request_of(6))), words_of(300));
  EXPECT_EQ(recording.bits(*recording.find(request_of(5))), words_of(100));
  EXPECT_EQ(recording.find(request_of(6, 1)), nullptr);
  EXPECT_EQ(recording.find(request_of(7)), nullptr);
}

// Offsets as docs/mask_files.md has them, so that other programs can rely on them.
TEST(MaskRecordingTest, TheLayoutIsTheDocumentedOne) {
  const TemporaryFile file;
  write(file);
  const std::string bytes = file.bytes();
  const auto u32 = [&](std::size_t at) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  };
  EXPECT_EQ(bytes.substr(0, 8), "DIXMASK\n");
  EXPECT_EQ(u32(8), 1U);
  EXPECT_EQ(u32(12), 3U);
  EXPECT_EQ(u32(16), kWorkload.text.size());
  EXPECT_EQ(u32(24), 3U);
  const std::size_t record = 32 + 3 + kWorkload.text.size();
  EXPECT_EQ(bytes.substr(record, 4), "MASK");
  EXPECT_EQ(u32(record + 8), 5U);
  EXPECT_EQ(u32(record + 16), 2U);
  EXPECT_EQ(u32(record + 32), 40U);
  EXPECT_EQ(u32(record + 40), 100U);
  EXPECT_EQ(bytes.size(), record + 3 * (40 + 48));
}

TEST(MaskRecordingTest, FilesThatAreNotWholeAreRefused) {
  const TemporaryFile file;
  EXPECT_NE(refusal(file).find("cannot be read"), std::string::npos);
  write(file);
  const std::string whole = file.bytes();
  const std::size_t record = 32 + 3 + kWorkload.text.size(), stride = 40 + 48;
  const auto told = [&](const std::string& bytes, const char* words) {
    file.replace(bytes);
    EXPECT_NE(refusal(file).find(words), std::string::npos) << refusal(file);
    EXPECT_NE(refusal(file).find(file.path().string()), std::string::npos);
  };
  told("", "is no recording of masks");
  told("P4 16 16 and some more that is a picture", "is no recording of masks");
  told(whole.substr(0, 20), "truncated: it ends in its header");
  told(whole.substr(0, record - 1), "truncated: it ends in its header");
  told(whole.substr(0, record + stride + 10), "truncated: it ends in mask 2 of 3");
  told(whole.substr(0, whole.size() - 1), "truncated: it ends in mask 3 of 3");
  told(whole + "x", "goes on behind its last mask");
  std::string changed = whole;
  changed[8] = 2;
  told(changed, "has version 2; this program reads version 1");
  changed = whole;
  changed[40] ^= 1;
  told(changed, "damaged: checksum of its header");
  changed = whole;
  changed[record + stride] = 'm';
  told(changed, "damaged in mask 2 of 3");
  file.replace(whole);
  EXPECT_EQ(refusal(file), "none");
}

TEST(MaskRecordingTest, DamagedBitsAreFoundWhenTheyAreRead) {
  const TemporaryFile file;
  write(file);
  std::string bytes = file.bytes();
  bytes[bytes.size() - 1] ^= 1;
  file.replace(bytes);
  const MaskRecording recording(file.path());
  EXPECT_NO_THROW(static_cast<void>(recording.bits(recording.entries()[1])));
  EXPECT_THROW(static_cast<void>(recording.bits(recording.entries()[2])), ConfigError);
}

TEST(MaskRecordingTest, WithoutFinishTheFileCountsAsUnfinished) {
  const TemporaryFile file;
  {
    MaskRecordingWriter writer(file.path(), kWorkload);
    writer.add(request_of(5), words_of(100));
  }
  EXPECT_NE(refusal(file).find("unfinished"), std::string::npos);
  EXPECT_THROW(MaskRecordingWriter("/nowhere/masks", kWorkload), ConfigError);
}

}  // namespace
}  // namespace dixion::test
