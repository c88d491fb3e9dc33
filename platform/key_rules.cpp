// SPDX-License-Identifier: Apache-2.0
#include "platform/key_rules.h"

#include <bit>
#include <cstdint>
#include <functional>
#include <sstream>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/reflection.h>

#include "models/common/check.h"
#include "platform/config.pb.h"

namespace dixion {

namespace pb = google::protobuf;

namespace {

using Visit =
    std::function<void(const pb::Message&, const pb::FieldDescriptor&, const std::string& path, const config::Key&)>;

/// Rule of a key. What `group`, the message it stands in, says in its place comes first: a row's meaning, its unit.
config::Key rule_of(const pb::FieldDescriptor& field, const config::Key& group) {
  config::Key key = field.options().GetExtension(config::key);
  if (!group.doc().empty()) key.set_doc(group.doc() + " (" + key.doc() + ")");
  if (!group.unit().empty()) key.set_unit(group.unit());
  return key;
}

/// Calls `visit` for each scalar key, depth first, in the order of the schema.
void for_each_key(const pb::Message& message, const std::string& path, const Visit& visit,
                  const config::Key& group = {}) {
  const pb::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    const std::string below = path + "." + field.name();
    if (field.cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      visit(message, field, below, rule_of(field, group));
    } else if (message.GetReflection()->HasField(message, &field)) {
      for_each_key(message.GetReflection()->GetMessage(message, &field), below, visit,
                   field.options().GetExtension(config::key));
    }
  }
}

/// Value of an integer key that is no list.
std::uint64_t integer(const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::Reflection& reflection = *message.GetReflection();
  return field.cpp_type() == pb::FieldDescriptor::CPPTYPE_UINT64 ? reflection.GetUInt64(message, &field)
                                                                 : reflection.GetUInt32(message, &field);
}

/// A list of masks: "0x11,0x22", "none".
std::string list_text(const pb::Message& message, const pb::FieldDescriptor& field) {
  std::ostringstream text;
  const auto& values = message.GetReflection()->GetRepeatedFieldRef<std::uint64_t>(message, &field);
  for (const std::uint64_t value : values) text << (text.tellp() > 0 ? "," : "") << "0x" << std::hex << value;
  return values.empty() ? "none" : text.str();
}

std::string value_text(const pb::Message& message, const pb::FieldDescriptor& field) {
  if (field.is_repeated()) return list_text(message, field);
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM) {
    return message.GetReflection()->GetEnum(message, &field)->name();
  }
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL) {
    return message.GetReflection()->GetBool(message, &field) ? "true" : "false";
  }
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
    return "'" + message.GetReflection()->GetString(message, &field) + "'";
  }
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL) {
    return message.GetReflection()->GetBool(message, &field) ? "true" : "false";
  }
  return std::to_string(integer(message, field));
}

std::string range_text(const pb::FieldDescriptor& field, const config::Key& key) {
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) return "text";
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL) return "true or false";
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM) {
    std::string names;
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      names += (i == 0 ? "" : ", ") + field.enum_type()->value(i)->name();
    }
    return names;
  }
  if (field.is_repeated()) return "a list";
  std::string text = std::to_string(key.min()) + (key.max() == 0 ? " up" : " to " + std::to_string(key.max()));
  if (key.power_of_two()) text += ", a power of two";
  return key.unit().empty() ? text : text + " " + key.unit();
}

}  // namespace

void check_key_ranges(const pb::Message& message, const std::string& path) {
  for_each_key(
      message, path,
      [](const pb::Message& owner, const pb::FieldDescriptor& field, const std::string& name, const config::Key& key) {
        if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM || field.is_repeated()) return;
        if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) return;
        if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL) return;
        const std::uint64_t value = integer(owner, field);
        const bool fits = value >= key.min() && (key.max() == 0 || value <= key.max()) &&
                          (!key.power_of_two() || std::has_single_bit(value));
        if (!fits) throw ConfigError(name, std::to_string(value) + " is outside " + range_text(field, key));
      });
}

std::vector<std::string> describe_key_rules(const pb::Message& message, const std::string& path) {
  std::vector<std::string> lines;
  for_each_key(
      message, path,
      [&](const pb::Message& owner, const pb::FieldDescriptor& field, const std::string& name, const config::Key& key) {
        lines.push_back(name + " = " + value_text(owner, field) + "  [" + range_text(field, key) + "]  " + key.doc());
      });
  return lines;
}

}  // namespace dixion
