// SPDX-License-Identifier: Apache-2.0
#include "platform/version.h"

#include <array>
#include <cstdio>

#include <systemc>

#include "models/abi/generated/commands.h"

namespace dixion {

std::vector<std::pair<std::string, std::string>> versions() {
  std::array<char, 16> hash{};
  std::snprintf(hash.data(), hash.size(), "0x%08x", DIXION_ABI_HASH);
  return {{"dixion", DIXION_VERSION},
          {"programming_model", hash.data()},
          {"systemc", sc_core::sc_release()},
          {"compiler", __VERSION__}};
}

std::string version_text() {
  std::string text;
  for (const auto& [name, value] : versions()) text += (text.empty() ? "" : ", ") + name + " " + value;
  return text;
}

}  // namespace dixion
