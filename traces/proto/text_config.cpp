// SPDX-License-Identifier: Apache-2.0
#include "traces/proto/text_config.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/stubs/strutil.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

namespace dixion {
namespace {

namespace pb = google::protobuf;

std::vector<std::string> field_names(const pb::Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

std::vector<std::string> value_names(const pb::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
  return names;
}

/// Values of every enumeration field called `field` below `type`: Protobuf's message does not say which one it was.
void collect_values(const pb::Descriptor& type, const std::string& field, std::set<std::string>& visited,
                    std::vector<std::string>& values) {
  if (!visited.insert(type.full_name()).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& member = *type.field(i);
    if (member.enum_type() != nullptr && member.name() == field) {
      for (std::string& name : value_names(*member.enum_type())) values.push_back(std::move(name));
    }
    if (member.message_type() != nullptr) collect_values(*member.message_type(), field, visited, values);
  }
}

/// The n-th "quoted" part of a message.
std::string quoted(const std::string& message, int n) {
  std::size_t begin = 0;
  for (; n >= 0; --n) {
    begin = message.find('"', begin);
    const std::size_t end = begin == std::string::npos ? begin : message.find('"', begin + 1);
    if (end == std::string::npos) return {};
    if (n == 0) return message.substr(begin + 1, end - begin - 1);
    begin = end + 1;
  }
  return {};
}

/// Protobuf's complaint in our words, with what could have been meant.
std::string explain(const pb::Descriptor& root, const std::string& message) {
  if (message.find("has no field named") != std::string::npos) {
    const std::string key = quoted(message, 1);
    const pb::Descriptor* type = root.file()->pool()->FindMessageTypeByName(quoted(message, 0));
    return "unknown key '" + key + "'" + (type == nullptr ? "" : suggestion(key, field_names(*type)));
  }
  if (message.find("Unknown enumeration value") != std::string::npos) {
    std::set<std::string> visited;
    std::vector<std::string> values;
    collect_values(root, quoted(message, 1), visited, values);
    return "unknown value '" + quoted(message, 0) + "' of " + quoted(message, 1) +
           suggestion(quoted(message, 0), values);
  }
  return message;
}

/// Keeps the first error only: what follows it is mostly its consequence.
class FirstError final : public pb::io::ErrorCollector {
 public:
  void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
    if (!message_.empty()) return;
    line_ = line;
    column_ = column;
    message_ = message;
  }
  void AddWarning(int /*line*/, pb::io::ColumnNumber /*column*/, const std::string& /*message*/) override {}
  [[nodiscard]] std::string place() const {
    return line_ < 0 ? "" : ":" + std::to_string(line_ + 1) + ":" + std::to_string(column_ + 1);
  }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  int line_ = -1;
  int column_ = 0;
  std::string message_;
};

struct PathPart {
  std::string name;
  int index = -1;  ///< in a repeated field, or -1
};

PathPart parse_part(std::string_view text, const std::string& key) {
  const std::size_t bracket = text.find('[');
  PathPart part{std::string(text.substr(0, bracket)), -1};
  if (bracket == std::string_view::npos) return part;
  const char* last = text.data() + text.size() - 1;
  const auto [end, error] = std::from_chars(text.data() + bracket + 1, last, part.index);
  if (error != std::errc() || end != last || *last != ']' || part.index < 0) {
    throw ConfigError(key, "expected a number in brackets in '" + std::string(text) + "'");
  }
  return part;
}

const pb::FieldDescriptor& find_field(const pb::Message& message, const PathPart& part, const std::string& key) {
  const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(part.name);
  if (field == nullptr) {
    throw ConfigError(key,
                      "unknown key '" + part.name + "'" + suggestion(part.name, field_names(*message.GetDescriptor())));
  }
  if (part.index >= 0 && !field->is_repeated()) throw ConfigError(key, "'" + part.name + "' is no list");
  if (part.index >= 0 && part.index >= message.GetReflection()->FieldSize(message, field)) {
    throw ConfigError(key, "'" + part.name + "' has only " +
                               std::to_string(message.GetReflection()->FieldSize(message, field)) + " entries");
  }
  return *field;
}

void parse_value(pb::Message& message, const pb::FieldDescriptor& field, std::string_view value,
                 const std::string& key) {
  std::string text(value);
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) text = '"' + pb::CEscape(text) + '"';
  FirstError error;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFieldValueFromString(text, &field, &message)) {
    if (field.enum_type() != nullptr) {
      throw ConfigError(
          key, "unknown value '" + std::string(value) + "'" + suggestion(value, value_names(*field.enum_type())));
    }
    throw ConfigError(key, "'" + std::string(value) + "' is no " + field.cpp_type_name() + ": " +
                               explain(*message.GetDescriptor(), error.message()));
  }
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) throw ConfigError(path.string(), "cannot be read: is a directory");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ConfigError(path.string(), std::string("cannot be read: ") + std::strerror(errno));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void parse_text(const std::string& text, const std::string& source, pb::Message& message) {
  FirstError error;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.MergeFromString(text, &message)) {
    throw ConfigError(source + error.place(), explain(*message.GetDescriptor(), error.message()));
  }
}

void parse_json(const std::string& json, const std::string& source, pb::Message& message) {
  const auto parsed = pb::util::JsonStringToMessage(json, &message);
  if (parsed.ok()) return;
  // The lines after the first one show an excerpt of the file.
  const std::string reason(parsed.message());
  throw ConfigError(source, "is no valid JSON: " + reason.substr(0, reason.find('\n')));
}

void parse_text_file(const std::filesystem::path& path, pb::Message& message) {
  const std::string content = read_file(path);
  if (path.extension() == ".json") return parse_json(content, path.string(), message);
  parse_text(content, path.string(), message);
}

void apply_override(pb::Message& message, std::string_view path, std::string_view value, std::string_view prefix) {
  const std::string key = std::string(prefix) + "." + std::string(path);
  pb::Message* at = &message;
  for (;;) {
    const std::size_t dot = path.find('.');
    const PathPart part = parse_part(path.substr(0, dot), key);
    const pb::FieldDescriptor& field = find_field(*at, part, key);
    const pb::Reflection& reflection = *at->GetReflection();
    const bool message_field = field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE;
    if (dot == std::string_view::npos) {
      if (message_field) throw ConfigError(key, "holds keys" + suggestion("", field_names(*field.message_type())));
      if (part.index >= 0) throw ConfigError(key, "set the whole list, separated by commas");
      if (!field.is_repeated()) return parse_value(*at, field, value, key);
      reflection.ClearField(at, &field);
      for (std::size_t begin = 0; begin <= value.size();) {
        const std::size_t comma = std::min(value.find(',', begin), value.size());
        parse_value(*at, field, value.substr(begin, comma - begin), key);
        begin = comma + 1;
      }
      return;
    }
    if (!message_field) throw ConfigError(key, "'" + part.name + "' has no keys below it");
    if (field.is_repeated() && part.index < 0)
      throw ConfigError(key, "'" + part.name + "' is a list; write " + part.name + "[0]");
    at = field.is_repeated() ? reflection.MutableRepeatedMessage(at, &field, part.index)
                             : reflection.MutableMessage(at, &field);
    path.remove_prefix(dot + 1);
  }
}

std::string print_text(const pb::Message& message) {
  std::string text;
  pb::TextFormat::Printer printer;
  printer.PrintToString(message, &text);
  return text;
}

}  // namespace dixion
