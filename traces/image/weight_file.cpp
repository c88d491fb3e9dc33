// SPDX-License-Identifier: Apache-2.0
#include "traces/image/weight_file.h"

#include <cmath>
#include <limits>

#include <google/protobuf/struct.pb.h>

#include "traces/proto/text_config.h"

namespace dixion {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr std::size_t kLengthBytes = 8;
constexpr double kLargestCount = 9007199254740992.0;  // 2^53: what JSON numbers hold exactly

Struct parse_object(const std::string& text, const std::string& source) {
  Struct object;
  parse_json(text, source, object);
  return object;
}

std::uint64_t type_bytes(const std::string& type) {
  static const std::map<std::string, std::uint64_t> kBytes = {
      {"BOOL", 1}, {"I8", 1},  {"U8", 1},  {"I16", 2}, {"U16", 2}, {"F16", 2}, {"BF16", 2},
      {"I32", 4},  {"U32", 4}, {"F32", 4}, {"I64", 8}, {"U64", 8}, {"F64", 8}};
  const auto found = kBytes.find(type);
  return found == kBytes.end() ? 0 : found->second;
}

/// A member that must be a list of whole numbers.
std::vector<std::uint64_t> counts(const Struct& entry, const std::string& member, const std::string& where) {
  const auto found = entry.fields().find(member);
  if (found == entry.fields().end() || !found->second.has_list_value()) {
    throw ConfigError(where, "has no list '" + member + "'");
  }
  std::vector<std::uint64_t> result;
  for (const Value& value : found->second.list_value().values()) {
    const double number = value.number_value();
    if (!value.has_number_value() || number < 0 || number > kLargestCount || number != std::floor(number)) {
      throw ConfigError(where, "'" + member + "' must hold whole numbers");
    }
    result.push_back(static_cast<std::uint64_t>(number));
  }
  return result;
}

/// Bytes the shape needs, or the largest number if that overflows.
std::uint64_t shape_bytes(const std::vector<std::uint64_t>& shape, std::uint64_t element) {
  std::uint64_t bytes = element;
  for (const std::uint64_t extent : shape) {
    if (__builtin_mul_overflow(bytes, extent, &bytes)) return std::numeric_limits<std::uint64_t>::max();
  }
  return bytes;
}

StoredTensor parse_tensor(const std::string& name, const Value& value, const std::string& content, std::size_t data,
                          const std::string& where) {
  if (!value.has_struct_value()) throw ConfigError(where, "is no object");
  const Struct& entry = value.struct_value();
  const auto type = entry.fields().find("dtype");
  StoredTensor tensor{name, type == entry.fields().end() ? "" : type->second.string_value(), {}, {}};
  const std::uint64_t element = type_bytes(tensor.type);
  if (element == 0) throw ConfigError(where, "has the unknown dtype '" + tensor.type + "'");
  tensor.shape = counts(entry, "shape", where);
  const auto range = counts(entry, "data_offsets", where);
  if (range.size() != 2 || range[0] > range[1]) throw ConfigError(where, "'data_offsets' must be [begin, end]");
  if (range[1] > content.size() - data) {
    throw ConfigError(where, "ends at byte " + std::to_string(range[1]) + " of the data, but the file holds only " +
                                 std::to_string(content.size() - data) + "; is it truncated?");
  }
  if (const std::uint64_t expected = shape_bytes(tensor.shape, element); expected != range[1] - range[0]) {
    throw ConfigError(where, "is " + tensor.describe() + ", which takes " + std::to_string(expected) +
                                 " bytes, but has " + std::to_string(range[1] - range[0]));
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data()) + data;
  tensor.bytes.assign(bytes + range[0], bytes + range[1]);
  return tensor;
}

}  // namespace

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

std::uint64_t StoredTensor::elements() const { return shape_bytes(shape, 1); }

std::string StoredTensor::describe() const { return type + " " + shape_text(shape); }

WeightFile WeightFile::read(const std::filesystem::path& path) {
  WeightFile file;
  file.path_ = path.string();
  const std::string content = read_file(path);
  std::uint64_t header = 0;
  if (content.size() >= kLengthBytes) std::memcpy(&header, content.data(), kLengthBytes);
  if (content.size() < kLengthBytes || header > content.size() - kLengthBytes) {
    throw ConfigError(file.path_, "is no safetensors file: it has " + std::to_string(content.size()) +
                                      " bytes, its header should have " + std::to_string(header));
  }
  const Struct object = parse_object(content.substr(kLengthBytes, header), file.path_);
  for (const auto& [name, value] : object.fields()) {
    if (name == "__metadata__") continue;
    const std::string where = file.path_ + ": tensor '" + name + "'";
    file.tensors_.emplace(name, parse_tensor(name, value, content, kLengthBytes + header, where));
  }
  return file;
}

const StoredTensor* WeightFile::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

const StoredTensor& WeightFile::at(const std::string& name, const std::string& type, const std::string& user) const {
  const StoredTensor* tensor = find(name);
  if (tensor == nullptr) {
    std::vector<std::string> names;
    for (const auto& [known, unused] : tensors_) names.push_back(known);
    const auto near = nearest_names(name, names);
    throw ConfigError(user, path_ + " holds no tensor '" + name + "'" + (near.empty() ? "" : suggestion(name, names)));
  }
  if (tensor->type != type) {
    throw ConfigError(user, path_ + ": tensor '" + name + "' is " + tensor->describe() + ", expected " + type);
  }
  return *tensor;
}

std::map<std::string, double> read_scales(const std::filesystem::path& path) {
  const Struct object = parse_object(read_file(path), path.string());
  std::map<std::string, double> scales;
  for (const auto& [name, value] : object.fields()) {
    const double number = value.number_value();
    if (!value.has_number_value() || !(number > 0) || !std::isfinite(number)) {
      throw ConfigError(path.string() + ": '" + name + "'", "must be a positive number");
    }
    scales.emplace(name, number);
  }
  return scales;
}

}  // namespace dixion
