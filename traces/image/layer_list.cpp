// SPDX-License-Identifier: Apache-2.0
#include "traces/image/layer_list.h"

#include <algorithm>
#include <charconv>

#include "models/abi/tag.h"
#include "models/common/check.h"

namespace dixion {
namespace {

unsigned layer_number(const std::string& text, const std::string& part, const std::string& key) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (error != std::errc() || end != part.data() + part.size() || number >= DIXION_TAG_LAYER_NONE) {
    throw ConfigError(key, "'" + text + "' is no list of layers like \"0-3,7\"");
  }
  return number;
}

}  // namespace

std::set<unsigned> layers_of(const std::string& text, const std::string& key) {
  std::set<unsigned> layers;
  if (text.empty()) {
    for (unsigned layer = 0; layer < DIXION_TAG_LAYER_NONE; ++layer) layers.insert(layer);
    return layers;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, comma - begin);
    const std::size_t dash = std::min(part.find('-'), part.size());
    const unsigned first = layer_number(text, part.substr(0, dash), key);
    const unsigned last = dash == part.size() ? first : layer_number(text, part.substr(dash + 1), key);
    if (last < first) throw ConfigError(key, "'" + part + "' runs backwards");
    for (unsigned layer = first; layer <= last; ++layer) layers.insert(layer);
    begin = comma + 1;
  }
  return layers;
}

}  // namespace dixion
