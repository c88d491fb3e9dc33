// SPDX-License-Identifier: Apache-2.0
#include "platform/probe_conmerge.h"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

using testing::HasSubstr;

std::string probed(const ConMergeProbe& options) {
  std::ostringstream out;
  EXPECT_EQ(probe_conmerge(options, out), 0);
  return out.str();
}

/// A file that is removed again.
struct MaskFile {
  explicit MaskFile(const std::string& text) { std::ofstream(path) << text; }
  ~MaskFile() { std::remove(path.c_str()); }
  std::string path = testing::TempDir() + "probe_conmerge_test.pbm";
};

// By hand: 16 tokens, 32 columns, all needed by token 0 alone: 2 blocks before and condensed, 1 merged; 32 of 256
// units; 32 classified + 16 x (1 begun + 1 tried); K = 32 with units of 16: 2 cycles a block.
TEST(ProbeConMerge, PrintsWhatCanBeCountedByHand) {
  std::string text = "P1 32 16\n";
  for (int row = 0; row < 16; ++row) text += std::string(32, row == 0 ? '1' : '0') + "\n";
  const MaskFile file(text);
  ConMergeProbe options;
  options.mask = file.path;
  options.inner = 32;
  EXPECT_THAT(probed(options),
              HasSubstr("| 6.2 % | 2 | 2 (100.0 %) | 1 (50.0 %) | 12.5 % | 0 | 64 | 4 | 2 | 64 | 256 |\n"));
}

TEST(ProbeConMerge, HasARowPerRuleDensityAndSkew) {
  ConMergeProbe options;
  options.densities = {0.05, 0.3};
  options.skews = {0, 12};
  options.rules = {"greedy", "first_fit"};
  options.rows = 16;
  options.columns = 64;
  const std::string text = probed(options);
  for (const char* rule : {"greedy", "first_fit"}) {
    for (const char* mask :
         {"density 0.05, skew 0", "density 0.3, skew 0", "density 0.05, skew 12", "density 0.3, skew 12"}) {
      EXPECT_THAT(text, HasSubstr(std::string("| ") + rule + " | " + mask + " |"));
    }
  }
}

// Each 4 x 4 patch of an 8 x 8 picture needs 16 columns of its own; a tile of two picture rows touches two patches.
TEST(ProbeConMerge, PatchesGatherWhatNeighboursShare) {
  std::string text = "P1 64 64\n";
  for (int token = 0; token < 64; ++token) {
    const int patch = token / 32 * 2 + token % 8 / 4;
    for (int column = 0; column < 64; ++column) text += column / 16 == patch ? '1' : '0';
    text += '\n';
  }
  const MaskFile file(text);
  ConMergeProbe options;
  options.mask = file.path;
  EXPECT_THAT(probed(options), HasSubstr("| 16 | 8 (50.0 %) |"));
  options.tile = "patch";
  EXPECT_THAT(probed(options), HasSubstr("| 16 | 4 (25.0 %) | 4 (25.0 %) | 100.0 % |"));
}

TEST(ProbeConMerge, RefusesWhatMakesNoSense) {
  ConMergeProbe options;
  std::ostringstream out;
  EXPECT_THROW(probe_conmerge(options, out), ConfigError);  // neither mask nor density
  options.densities = {0.1};
  options.tile = "patch";
  options.rows = 60;
  EXPECT_THROW(probe_conmerge(options, out), ConfigError);  // no square
  options.grid_width = 7;
  EXPECT_THROW(probe_conmerge(options, out), ConfigError);  // broken rows
  options.grid_width = 10;
  options.rules = {"best"};
  EXPECT_THROW(probe_conmerge(options, out), ConfigError);
  EXPECT_EQ(out.str(), "");
  options.rules = {"greedy"};
  EXPECT_EQ(probe_conmerge(options, out), 0);
  options.tile = "rows";
  EXPECT_THROW(probe_conmerge(options, out), ConfigError);  // a width without patches
}

}  // namespace
}  // namespace dixion
