// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace dixion {

/// Writes one JSON document with two spaces per level, members in the order of the calls. No floats: what is measured
/// is integer, with its unit.
class JsonWriter {
 public:
  void begin_object(const std::string& key = {}) { open(key, '{'); }
  void end_object() { close('}'); }
  void begin_array(const std::string& key = {}) { open(key, '['); }
  void end_array() { close(']'); }
  void member(const std::string& key, const std::string& value);
  void member(const std::string& key, const char* value) { member(key, std::string(value)); }
  void member(const std::string& key, std::uint64_t value);
  void element(const std::string& value);
  /// The document; call once everything is closed.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void open(const std::string& key, char bracket);
  void close(char bracket);
  void next(const std::string& key);

  std::string text_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace dixion
