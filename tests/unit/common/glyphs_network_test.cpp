// SPDX-License-Identifier: Apache-2.0
// The scalar reference's whole network against the fingerprints of an independent implementation in Python
// (traces/networks/glyphs/golden.py).
#include "tests/support/reference/glyphs_network.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>

#include <gtest/gtest.h>

namespace dixion::reference {
namespace {

std::filesystem::path source_folder() {
  const char* folder = std::getenv("DIXION_SOURCE_DIR");
  return folder != nullptr ? folder : ".";
}

/// CRC-32 (IEEE 802.3) of the elements as little-endian int32.
std::uint32_t crc32(const Tensor& tensor) {
  std::uint32_t crc = 0xffffffff;
  for (const std::int32_t value : tensor.values) {
    crc ^= static_cast<std::uint32_t>(value);
    for (int bit = 0; bit < 32; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

class GlyphsNetworkTest : public testing::Test {
 protected:
  /// The fingerprint under this key of the golden file.
  std::uint32_t golden(const std::string& key) const {
    std::smatch match;
    const std::regex entry("\"" + key + R"re(": \{\s*"shape": [^"]*"crc32": (\d+))re");
    EXPECT_TRUE(std::regex_search(golden_, match, entry)) << key;
    return match.empty() ? 0 : static_cast<std::uint32_t>(std::stoul(match[1]));
  }

  std::ifstream file_{source_folder() / "tests/golden/glyphs_python.json"};
  std::string golden_{std::istreambuf_iterator<char>(file_), {}};
  GlyphsNetwork network_{source_folder() / "traces/networks/glyphs"};
};

TEST_F(GlyphsNetworkTest, EveryTensorOfTheFirstStepIsThatOfTheOtherImplementation) {
  const Tensor noise = GlyphsNetwork::initial_latent(1, 1, 0);
  EXPECT_EQ(crc32(noise), golden("noise"));
  struct Done {};
  std::size_t compared = 0;
  const auto observe = [&](unsigned, const std::string& name, const Tensor& tensor) {
    if (name == "next") {
      EXPECT_EQ(crc32(tensor), golden("0"));
      throw Done{};
    }
    EXPECT_EQ(crc32(tensor), golden(name)) << name;
    ++compared;
  };
  EXPECT_THROW(static_cast<void>(network_.sample({3}, noise, 50, observe)), Done);
  EXPECT_EQ(compared, 3 + 9 * GlyphsNetwork::kLayers + 2);
}

TEST_F(GlyphsNetworkTest, TheFinalPictureIsThatOfTheOtherImplementation) {
  const Tensor latent = network_.sample({3}, GlyphsNetwork::initial_latent(1, 1, 0));
  EXPECT_EQ(crc32(latent), golden("final_latent"));
  EXPECT_EQ(crc32(GlyphsNetwork::image(latent)), golden("final_image"));
}

}  // namespace
}  // namespace dixion::reference
