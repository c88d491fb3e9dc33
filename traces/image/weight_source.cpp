// SPDX-License-Identifier: Apache-2.0
#include "traces/image/weight_source.h"

#include <algorithm>
#include <cmath>

#include "models/common/check.h"

namespace dixion {
namespace {

constexpr double kWeightDeviation = 73.6;  // of whole numbers that are uniform in -127...127
constexpr float kLargestBias = 0.02F;

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), started from a seed and a name.
class Stream {
 public:
  Stream(std::uint64_t seed, const std::string& name) : state_(seed) {
    for (const char c : name) state_ = mix(state_ ^ static_cast<unsigned char>(c));
  }
  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15U); }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

/// Fills with whole numbers, uniform in -limit...limit.
template <typename T>
void fill(Stream& stream, std::int64_t limit, StoredTensor& tensor) {
  const std::uint64_t count = tensor.elements();
  tensor.bytes.resize(count * sizeof(T));
  const auto width = static_cast<std::uint64_t>(2 * limit + 1);
  for (std::uint64_t i = 0; i < count; i += 2) {
    const std::uint64_t word = stream.next();
    for (std::uint64_t k = 0; k < 2 && i + k < count; ++k) {
      const std::uint64_t half = (word >> (32 * k)) & 0xffffffffU;
      const auto value = static_cast<T>(static_cast<std::int64_t>((half * width) >> 32) - limit);
      std::memcpy(tensor.bytes.data() + (i + k) * sizeof(T), &value, sizeof(T));
    }
  }
}

}  // namespace

StoredTensor StoredWeights::tensor(const std::string& name, const std::string& type,
                                   const std::vector<std::uint64_t>& /*shape*/, const std::string& user) const {
  return file_.at(name, type, user);
}

LinearWeights StoredWeights::linear(const std::string& stem, std::uint64_t columns, std::uint64_t /*depth*/,
                                    const std::string& user) const {
  LinearWeights layer;
  layer.weight = file_.at(stem + ".weight", "I8", user);
  layer.scales = per_column(stem + ".weight_scale", columns, user);
  if (!std::all_of(layer.scales.begin(), layer.scales.end(), [](float scale) { return scale > 0; })) {
    throw ConfigError(user, "'" + stem + ".weight_scale' must be positive");
  }
  layer.has_bias = file_.find(stem + ".bias") != nullptr;
  if (layer.has_bias) layer.bias = per_column(stem + ".bias", columns, user);
  return layer;
}

std::vector<float> StoredWeights::per_column(const std::string& name, std::uint64_t columns,
                                             const std::string& user) const {
  const StoredTensor& stored = file_.at(name, "F32", user);
  if (stored.shape != std::vector<std::uint64_t>{columns}) {
    throw ConfigError(user,
                      "'" + name + "' is " + stored.describe() + ", expected F32 [" + std::to_string(columns) + "]");
  }
  std::vector<float> values = stored.values<float>();
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    throw ConfigError(user, "'" + name + "' holds a number that is not finite");
  }
  return values;
}

StoredTensor RandomWeights::tensor(const std::string& name, const std::string& type,
                                   const std::vector<std::uint64_t>& shape, const std::string& user) const {
  StoredTensor tensor{name, type, shape, {}};
  if (!content_) return tensor;
  Stream stream(seed_, name);
  if (type == "I8") {
    fill<std::int8_t>(stream, 127, tensor);
  } else if (type == "I16") {
    fill<std::int16_t>(stream, 1023, tensor);
  } else if (type == "I32") {
    fill<std::int32_t>(stream, 32768, tensor);  // Q16: -0.5 to 0.5
  } else {
    throw ConfigError(user, "'" + name + "' of type " + type + " cannot be random");
  }
  return tensor;
}

LinearWeights RandomWeights::linear(const std::string& stem, std::uint64_t columns, std::uint64_t depth,
                                    const std::string& user) const {
  LinearWeights layer;
  layer.weight = tensor(stem + ".weight", "I8", {columns, depth}, user);
  layer.has_bias = true;
  if (!content_) return layer;
  const auto scale = static_cast<float>(1.0 / (kWeightDeviation * std::sqrt(static_cast<double>(depth))));
  layer.scales.assign(columns, scale);
  Stream stream(seed_, stem + ".bias");
  for (std::uint64_t i = 0; i < columns; ++i) {
    layer.bias.push_back(kLargestBias * (static_cast<float>(stream.next() >> 40) / 8388608.0F - 1.0F));
  }
  return layer;
}

}  // namespace dixion
