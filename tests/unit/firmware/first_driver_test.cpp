// SPDX-License-Identifier: Apache-2.0
/// docs/first_driver.md shows the program that is compiled and run, not one like it.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace dixion::test {
namespace {

std::string read(const std::string& path) {
  const char* root = std::getenv("DIXION_SOURCE_DIR");
  std::ifstream file(std::string(root != nullptr ? root : ".") + "/" + path);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(FirstDriverPage, EveryPieceOfCodeStandsInTheProgram) {
  const std::string page = read("docs/first_driver.md");
  const std::string program = read("firmware/apps/first_driver/main.c");
  const std::string open = "```c\n";
  int pieces = 0;
  for (std::size_t begin = page.find(open); begin != std::string::npos; begin = page.find(open, begin)) {
    begin += open.size();
    const std::size_t end = page.find("```", begin);
    ASSERT_NE(end, std::string::npos);
    const std::string piece = page.substr(begin, end - begin);
    EXPECT_NE(program.find(piece), std::string::npos) << "not in the program:\n" << piece;
    begin = end + 3;
    ++pieces;
  }
  EXPECT_GE(pieces, 8);
}

}  // namespace
}  // namespace dixion::test
