// SPDX-License-Identifier: Apache-2.0
#include "platform/results/result_folder.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

namespace fs = std::filesystem;

class ResultFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    parent_ = fs::path(testing::TempDir()) /
              (std::string("result_folder_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(parent_);
    fs::create_directories(parent_);
  }
  std::string target() const { return (parent_ / "out").string(); }
  std::string content(const std::string& name) const {
    std::ifstream stream(fs::path(target()) / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void publish(const std::string& text) const {
    ResultFolder folder(target());
    folder.write("result.json", text);
    folder.publish();
  }
  fs::path parent_;
};

TEST_F(ResultFolderTest, AppearsWholeOrNotAtAll) {
  {
    ResultFolder folder(target());
    folder.write("result.json", "{}");
    EXPECT_FALSE(fs::exists(target()));
  }
  EXPECT_TRUE(fs::is_empty(parent_));
  publish("{}");
  EXPECT_EQ(content("result.json"), "{}");
}

TEST_F(ResultFolderTest, ReplacesAnEarlierResult) {
  publish("first");
  publish("second");
  EXPECT_EQ(content("result.json"), "second");
}

TEST_F(ResultFolderTest, NeverReplacesForeignFiles) {
  publish("{}");
  std::ofstream(fs::path(target()) / "thesis.tex") << "years of work";
  EXPECT_THROW(ResultFolder folder(target()), ConfigError);
  EXPECT_EQ(content("thesis.tex"), "years of work");
}

TEST_F(ResultFolderTest, UnwritablePlaceIsFoundAtOnce) {
  EXPECT_THROW(ResultFolder folder("/proc/dixion"), ConfigError);
  std::ofstream(target()) << "a file";
  EXPECT_THROW(ResultFolder folder(target()), ConfigError);
}

}  // namespace
}  // namespace dixion
