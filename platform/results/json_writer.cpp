// SPDX-License-Identifier: Apache-2.0
#include "platform/results/json_writer.h"

#include <array>
#include <cstdio>

namespace dixion {

namespace {

std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      text += escape.data();
    } else {
      text += c;
    }
  }
  return text + '"';
}

}  // namespace

void JsonWriter::next(const std::string& key) {
  if (!first_) text_ += ',';
  if (depth_ > 0) text_ += '\n' + std::string(2 * depth_, ' ');
  if (!key.empty()) text_ += quoted(key) + ": ";
  first_ = false;
}

void JsonWriter::open(const std::string& key, char bracket) {
  next(key);
  text_ += bracket;
  ++depth_;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (!first_) text_ += '\n' + std::string(2 * depth_, ' ');
  text_ += bracket;
  first_ = false;
  if (depth_ == 0) text_ += '\n';
}

void JsonWriter::member(const std::string& key, const std::string& value) {
  next(key);
  text_ += quoted(value);
}

void JsonWriter::member(const std::string& key, std::uint64_t value) {
  next(key);
  text_ += std::to_string(value);
}

void JsonWriter::element(const std::string& value) {
  next({});
  text_ += quoted(value);
}

}  // namespace dixion
