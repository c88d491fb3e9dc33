// SPDX-License-Identifier: Apache-2.0
#include "platform/probe_banks.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text(const BankProbe& probe) {
  std::ostringstream out;
  EXPECT_EQ(probe_banks(probe, out), 0);
  return out.str();
}

std::string refusal(const BankProbe& probe) {
  std::ostringstream out;
  try {
    probe_banks(probe, out);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no ConfigError";
}

BankProbe eight_banks(std::uint64_t stride) {
  BankProbe probe;
  probe.stride = stride;
  probe.banks = 8;
  probe.word_bytes = 32;
  return probe;
}

// By hand: words 0, 8, ... 56 are all in bank 0 of eight, one per bank when folded (0 + n), and n mod 11 with the
// prime.
TEST(ProbeBanks, ShowsLoadCyclesAndConflictsPerMap) {
  EXPECT_EQ(text(eight_banks(256)),
            "8 accesses 256 bytes apart from address 0, words of 32 bytes, 8 words at a time\n"
            "interleave (8 banks): busiest bank 8 words, ideal 1; 8 cycles, 7 of them conflicts\n"
            "  8 0 0 0 0 0 0 0\n"
            "xor (8 banks): busiest bank 1 words, ideal 1; 1 cycles, 0 of them conflicts\n"
            "  1 1 1 1 1 1 1 1\n"
            "ipoly (8 banks): busiest bank 1 words, ideal 1; 1 cycles, 0 of them conflicts\n"
            "  1 1 1 1 1 1 1 1\n"
            "prime (11 banks): busiest bank 1 words, ideal 1; 1 cycles, 0 of them conflicts\n"
            "  1 1 1 0 1 1 0 1 1 0 1\n");
}

TEST(ProbeBanks, TakesOneMapAnyNumberOfWordsAndAnyMatrix) {
  BankProbe probe = eight_banks(64);
  probe.map = "interleave";
  probe.count = 24;
  probe.base = 32;
  EXPECT_THAT(text(probe),
              HasSubstr("busiest bank 6 words, ideal 3; 6 cycles, 3 of them conflicts\n  0 6 0 6 0 6 0 6\n"));
  EXPECT_THAT(text(probe), Not(HasSubstr("prime")));
  probe.map = "matrix";
  probe.matrix = {2, 4, 8};
  EXPECT_THAT(text(probe), HasSubstr("matrix (8 banks): busiest bank 3 words, ideal 3; 3 cycles, 0 of them conflicts"));
}

// By hand: two rows ask for words 0, 1, 8 and for words 8, 16 of eight banks.
TEST(ProbeBanks, AsksForWhatEachRowOfAMaskKeeps) {
  const std::string path = testing::TempDir() + "probe_banks_test.pbm";
  std::ofstream(path) << "P1 17 2\n"
                      << "11000000100000000\n"
                      << "00000000100000001\n";
  BankProbe probe = eight_banks(32);
  probe.mask = path;
  probe.map = "interleave";
  const std::string printed = text(probe);
  std::remove(path.c_str());
  EXPECT_EQ(printed, "5 accesses of 2 rows of " + path +
                         ", 17 columns 32 bytes apart from address 0, words of 32 bytes, 8 words at a time\n"
                         "interleave (8 banks): busiest bank 4 words, ideal 1; 4 cycles, 2 of them conflicts\n"
                         "  4 1 0 0 0 0 0 0\n");
  probe.count = 8;
  EXPECT_THAT(refusal(probe), HasSubstr("--count: a mask says"));
}

TEST(ProbeBanks, RefusesWhatMakesNoSense) {
  EXPECT_THAT(refusal(eight_banks(0)), HasSubstr("--stride"));
  BankProbe probe = eight_banks(64);
  probe.banks = 12;
  EXPECT_THAT(refusal(probe), HasSubstr("banks: must be a power of two"));
  probe = eight_banks(64);
  probe.map = "ipol";
  EXPECT_THAT(refusal(probe), HasSubstr("'ipol' is none of"));
  probe.map = "matrix";
  probe.matrix = {1, 2, 3};
  EXPECT_THAT(refusal(probe), HasSubstr("mask 2 is the xor"));
  probe.map = "xor";
  EXPECT_THAT(refusal(probe), HasSubstr("--matrix: needs --map matrix"));
  probe.matrix.clear();
  probe.count = (1U << 20U) + 1;
  EXPECT_THAT(refusal(probe), HasSubstr("--count"));
}

}  // namespace
}  // namespace dixion
