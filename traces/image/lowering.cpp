// SPDX-License-Identifier: Apache-2.0
#include "traces/image/lowering.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "models/common/check.h"
#include "traces/image/fixed_point.h"

namespace dixion {
namespace {

constexpr std::size_t kMostTensors = 65535;  // descriptors have 16-bit numbers, 0 means none

template <typename T>
std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

const char* stored_type(dixion_format format) {
  switch (format) {
    case DIXION_FORMAT_INT8:
      return "I8";
    case DIXION_FORMAT_INT12:
    case DIXION_FORMAT_INT16:
      return "I16";
    case DIXION_FORMAT_UINT32:
      return "U32";
    default:
      return "I32";
  }
}

/// Leading extents of 1 say nothing about the content.
std::vector<std::uint64_t> significant(std::vector<std::uint64_t> shape) {
  shape.erase(shape.begin(),
              std::find_if(shape.begin(), shape.end(), [](std::uint64_t extent) { return extent != 1; }));
  return shape;
}

class Lowering {
 public:
  Lowering(const workload::Workload& workload, const RunPlan& plan, const WeightSource& weights, const Graph& graph)
      : workload_(workload), plan_(plan), weights_(weights), graph_(graph) {}

  ImageParts lower() {
    parts_.steps = plan_.steps;
    parts_.samples = plan_.samples;
    parts_.branches = plan_.branches;
    if (const workload::SoftmaxThresholding& st = workload_.techniques().st(); st.enabled()) {
      parts_.st.first_steps = static_cast<std::uint16_t>(std::max(1U, st.first_steps()));
      parts_.st.dense_every = static_cast<std::uint16_t>(st.mask_every());
    }
    if (const workload::FfnReuse& ffn = workload_.techniques().ffn_reuse(); ffn.enabled()) {
      parts_.ffn.first_steps = static_cast<std::uint16_t>(std::max(1U, ffn.first_steps()));
      parts_.ffn.dense_every = static_cast<std::uint16_t>(ffn.dense_every());
    }
    if (const workload::CachedTokenReuse& ctr = workload_.techniques().ctr(); ctr.enabled()) {
      parts_.ctr.first_steps = static_cast<std::uint16_t>(std::max(1U, ctr.first_steps()));
      parts_.ctr.dense_every = static_cast<std::uint16_t>(ctr.refresh_every());
      parts_.ctr.last_dense = ctr.last_dense() ? 1 : 0;
    }
    for (const GraphTensor& tensor : graph_.tensors) add_tensor(tensor);
    for (const GraphOperator& op : graph_.operators) add_operator(op);
    if (parts_.tensors.size() > kMostTensors) {
      throw ConfigError("workload " + workload_.name(), "needs " + std::to_string(parts_.tensors.size()) +
                                                            " tensors; at most " + std::to_string(kMostTensors) +
                                                            " can be named");
    }
    for (ImageTensor& tensor : parts_.tensors) inherit_step_stride(tensor.record);
    for (const dixion_image_operator_t& op : parts_.operators) mark_resident(op);
    return std::move(parts_);
  }

 private:
  void add_tensor(const GraphTensor& tensor) {
    ImageTensor image;
    image.record.offset = tensor.offset;
    image.record.size = tensor.span();
    std::copy(tensor.stride.begin(), tensor.stride.end(), image.record.stride);
    std::transform(tensor.shape.begin(), tensor.shape.end(), image.record.extent,
                   [&](std::uint64_t extent) { return checked_extent(tensor, extent); });
    image.record.parent = tensor.parent == kNoTensor ? DIXION_IMAGE_NONE : static_cast<std::uint32_t>(tensor.parent);
    image.record.format = static_cast<std::uint8_t>(tensor.format);
    image.record.rank = static_cast<std::uint8_t>(tensor.shape.size());
    image.record.lifetime = static_cast<std::uint8_t>(tensor.lifetime);
    image.record.resident = tensor.resident ? 1 : 0;
    if (tensor.lifetime == DIXION_LIFETIME_DATA && tensor.parent == kNoTensor) fill(tensor, image);
    if (tensor.lifetime == DIXION_LIFETIME_OUTPUT && tensor.parent == kNoTensor) {
      parts_.output_tensor = static_cast<std::uint32_t>(parts_.tensors.size());
    }
    parts_.tensors.push_back(std::move(image));
  }

  std::uint32_t checked_extent(const GraphTensor& tensor, std::uint64_t extent) const {
    if (extent >= std::uint64_t{1} << 31)
      throw ConfigError(user_of(tensor), "extent " + std::to_string(extent) + " is 2^31 or more");
    return static_cast<std::uint32_t>(extent);
  }

  [[nodiscard]] std::string user_of(const GraphTensor& tensor) const {
    return "workload " + workload_.name() + ", tensor '" + tensor.name + "'";
  }

  void expect_shape(const GraphTensor& tensor, const std::vector<std::uint64_t>& expected,
                    const std::string& what) const {
    if (significant(tensor.shape) != significant(expected)) {
      throw ConfigError(user_of(tensor),
                        "is " + shape_text(tensor.shape) + ", but " + what + " is " + shape_text(expected));
    }
  }

  void fill(const GraphTensor& tensor, ImageTensor& image) {
    const std::string user = user_of(tensor);
    switch (tensor.content) {
      case workload::CLASS_LIST:
        expect_shape(tensor, {plan_.row_classes.size()}, "the list of classes (samples * branches)");
        expect_format(tensor, DIXION_FORMAT_UINT32);
        image.data = bytes_of(plan_.row_classes);
        return;
      case workload::TIME_CODE:
        return fill_time_codes(tensor, image);
      case workload::SAMPLER_CONSTANTS: {
        expect_shape(tensor, {6}, "the row of constants");
        expect_format(tensor, DIXION_FORMAT_INT32);
        for (const auto& row : sampler_constants(workload_, plan_, weights_)) {
          const auto bytes = bytes_of(std::vector<std::int32_t>(row.begin(), row.end()));
          image.data.insert(image.data.end(), bytes.begin(), bytes.end());
        }
        return make_step_table(image);
      }
      default: {
        StoredTensor stored = weights_.tensor(tensor.file, stored_type(tensor.format), tensor.shape, user);
        expect_shape(tensor, stored.shape, "'" + stored.name + "' of " + weights_.where());
        check_range(tensor, stored, user);
        image.data = std::move(stored.bytes);
      }
    }
  }

  void expect_format(const GraphTensor& tensor, dixion_format expected) const {
    if (tensor.format != expected)
      throw ConfigError(user_of(tensor), "is " + format_text(tensor.format) + ", expected " + format_text(expected));
  }

  static void check_range(const GraphTensor& tensor, const StoredTensor& stored, const std::string& user) {
    if (tensor.format != DIXION_FORMAT_INT12) return;
    for (const std::int16_t value : stored.values<std::int16_t>()) {
      if (value < -2048 || value > 2047)
        throw ConfigError(user, "'" + stored.name + "' holds " + std::to_string(value) + ", which is no INT12");
    }
  }

  void fill_time_codes(const GraphTensor& tensor, ImageTensor& image) {
    const std::string user = user_of(tensor);
    const std::uint64_t train_steps = workload_.sampler().train_steps();
    std::string name = workload_.sampler().time_codes();
    if (name.empty()) name = "time_codes";
    const StoredTensor stored =
        weights_.tensor(name, stored_type(tensor.format), {train_steps, tensor.shape.back()}, user);
    check_range(tensor, stored, user);
    if (stored.shape.size() != 2 || stored.shape[0] != train_steps) {
      throw ConfigError(user, "'" + stored.name + "' is " + stored.describe() + ", expected a row for each of " +
                                  std::to_string(train_steps) + " steps");
    }
    expect_shape(tensor, {1, stored.shape[1]}, "a row of '" + stored.name + "'");
    const std::uint64_t row = image.record.size;
    for (const std::uint32_t step : plan_.visited_steps) {
      if (!weights_.has_content()) break;
      const auto begin = stored.bytes.begin() + static_cast<std::ptrdiff_t>(step * row);
      image.data.insert(image.data.end(), begin, begin + static_cast<std::ptrdiff_t>(row));
    }
    make_step_table(image);
  }

  /// The tensor is one row of data; the next step's row follows.
  void make_step_table(ImageTensor& image) const {
    image.record.step_stride = image.record.size;
    image.record.size *= plan_.steps;
  }

  void inherit_step_stride(dixion_image_tensor_t& record) const {
    if (record.parent != DIXION_IMAGE_NONE) record.step_stride = parts_.tensors[record.parent].record.step_stride;
  }

  void mark_resident(const dixion_image_operator_t& op) {
    if (op.phase != DIXION_PHASE_STEP) return;
    for (const std::uint32_t operand : op.operands) {
      if (operand == DIXION_IMAGE_NONE) continue;
      const std::uint32_t parent = parts_.tensors[operand].record.parent;
      dixion_image_tensor_t& record = parts_.tensors[parent == DIXION_IMAGE_NONE ? operand : parent].record;
      if (record.lifetime == DIXION_LIFETIME_DATA && record.step_stride == 0) record.resident = 1;
    }
  }

  void add_operator(const GraphOperator& op) {
    dixion_image_operator_t record{};
    std::fill(std::begin(record.operands), std::end(record.operands), DIXION_IMAGE_NONE);
    for (std::size_t i = 0; i < op.operands.size(); ++i) {
      if (op.operands[i] != kNoTensor) record.operands[i] = static_cast<std::uint32_t>(op.operands[i]);
    }
    if (!op.linear.empty()) add_linear(op, record);
    if (op.is(DIXION_OPCODE_PREDICT)) add_predicted(op, record);
    const auto immediates = immediates_of(workload_, graph_, op);
    std::copy(immediates.begin(), immediates.end(), record.immediates);
    record.opcode = op.opcode->value;
    record.phase = static_cast<std::uint8_t>(op.phase);
    record.split = op.split;
    record.layer = op.layer;
    record.step_kinds = op.step_kinds;
    parts_.operators.push_back(record);
  }

  /// Tensors of a linear layer in the image.
  struct Layer {
    std::uint32_t weight = DIXION_IMAGE_NONE, bias = DIXION_IMAGE_NONE, requant = DIXION_IMAGE_NONE;
  };

  /// Weight, bias in accumulator units and one factor per column, from the stem's tensors.
  void add_linear(const GraphOperator& op, dixion_image_operator_t& record) {
    const GraphTensor& src = *graph_.operand(op, "src");
    const GraphTensor& dst = *graph_.operand(op, "dst");
    const Layer layer = layer_of(op, op.linear, src, dst.shape.back(), dst.scale, "dst " + dst.describe());
    for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
      const std::string name = op.opcode->operands[i].name;
      if (name == "weight") record.operands[i] = layer.weight;
      if (name == "bias") record.operands[i] = layer.bias;
      if (name == "requant") record.operands[i] = layer.requant;
    }
  }

  /// Layer `stem` from `src` to `columns` results of `scale`, called `result` in messages. Made once.
  Layer layer_of(const GraphOperator& op, const std::string& stem, const GraphTensor& src, std::uint64_t columns,
                 double scale, const std::string& result) {
    const auto [place, added] = layers_.try_emplace({stem, src.scale, scale}, Layer{});
    if (!added) return place->second;
    LinearWeights layer = weights_.linear(stem, columns, src.shape.back(), op.user);
    if (const std::vector<std::uint64_t> expected{columns, src.shape.back()}; layer.weight.shape != expected) {
      throw ConfigError(op.user, "'" + layer.weight.name + "' is " + layer.weight.describe() + ", but src " +
                                     src.describe() + " and " + result + " need " + shape_text(expected));
    }
    std::vector<std::int32_t> bias_units;
    std::vector<std::int32_t> factors;
    for (std::uint64_t n = 0; n < layer.scales.size(); ++n) {
      const double product = src.scale * static_cast<double>(layer.scales[n]);
      if (layer.has_bias) bias_units.push_back(saturated(static_cast<double>(layer.bias[n]) / product));
      const Factor factor = factor_of(product / scale, op.user);
      factors.insert(factors.end(), {factor.multiplier, factor.shift});
    }
    Layer& tensors = place->second;
    tensors.weight = shared_weight(std::move(layer.weight));
    if (layer.has_bias) tensors.bias = add_data(DIXION_FORMAT_INT32, {columns}, bytes_of(bias_units));
    tensors.requant = add_data(DIXION_FORMAT_REQUANT, {columns}, bytes_of(factors));
    return tensors;
  }

  /// Rows of Q and K for PREDICT.
  void add_predicted(const GraphOperator& op, dixion_image_operator_t& record) {
    const GraphTensor& src = *graph_.operand(op, "src");
    std::vector<Layer> layers;
    for (const PredictedLayer& part : op.predict.layers) {
      layers.push_back(layer_of(op, part.linear, src, part.all_rows, part.scale, "'" + part.linear + "'"));
    }
    const std::uint64_t rows = op.predict.layers[0].rows;
    if (layers.size() == 1) {
      record.operands[1] = first_rows(layers[0].weight, rows);
      record.operands[2] = first_rows(layers[0].bias, rows);
      record.operands[3] = first_rows(layers[0].requant, rows);
      return;
    }
    record.operands[1] = joined(layers[0].weight, layers[1].weight);
    record.operands[2] = joined_bias(layers[0].bias, layers[1].bias, rows);
    record.operands[3] = joined(layers[0].requant, layers[1].requant);
  }

  /// A view of the first rows of a DATA tensor, made once.
  std::uint32_t first_rows(std::uint32_t tensor, std::uint64_t rows) {
    if (tensor == DIXION_IMAGE_NONE || parts_.tensors[tensor].record.extent[0] == rows) return tensor;
    const auto [place, added] = first_rows_.try_emplace({tensor, rows}, 0);
    if (added) {
      ImageTensor view;
      view.record = parts_.tensors[tensor].record;
      view.record.offset = 0;
      view.record.extent[0] = static_cast<std::uint32_t>(rows);
      view.record.size = rows * view.record.stride[0];
      view.record.parent = tensor;
      place->second = static_cast<std::uint32_t>(parts_.tensors.size());
      parts_.tensors.push_back(std::move(view));
    }
    return place->second;
  }

  /// The rows of both, one behind the other, made once.
  std::uint32_t joined(std::uint32_t first, std::uint32_t second) {
    const auto [place, added] = joined_.try_emplace({first, second}, 0);
    if (!added) return place->second;
    const ImageTensor& a = parts_.tensors[first];
    const ImageTensor& b = parts_.tensors[second];
    std::vector<std::uint64_t> shape(a.record.extent, a.record.extent + a.record.rank);
    shape[0] += b.record.extent[0];
    std::vector<std::uint8_t> bytes = a.data;
    bytes.insert(bytes.end(), b.data.begin(), b.data.end());
    return place->second = add_data(static_cast<dixion_format>(a.record.format), shape, std::move(bytes));
  }

  std::uint32_t joined_bias(std::uint32_t first, std::uint32_t second, std::uint64_t rows) {
    if (first == DIXION_IMAGE_NONE && second == DIXION_IMAGE_NONE) return DIXION_IMAGE_NONE;
    const auto or_zeros = [&](std::uint32_t bias) {
      if (bias != DIXION_IMAGE_NONE) return bias;
      if (zeros_.try_emplace(rows, DIXION_IMAGE_NONE).second)
        zeros_[rows] = add_data(DIXION_FORMAT_INT32, {rows}, std::vector<std::uint8_t>(4 * rows));
      return zeros_[rows];
    };
    return joined(or_zeros(first), or_zeros(second));
  }

  std::uint32_t shared_weight(StoredTensor weight) {
    const auto [place, added] = weights_in_image_.try_emplace(weight.name, 0);
    if (added) place->second = add_data(DIXION_FORMAT_INT8, weight.shape, std::move(weight.bytes));
    return place->second;
  }

  std::uint32_t add_data(dixion_format format, const std::vector<std::uint64_t>& shape,
                         std::vector<std::uint8_t> data) {
    ImageTensor image;
    std::uint64_t bytes = element_size(format);
    for (std::size_t i = shape.size(); i-- > 0;) {
      image.record.extent[i] = static_cast<std::uint32_t>(shape[i]);
      image.record.stride[i] = bytes;
      bytes *= shape[i];
    }
    image.record.size = bytes;
    image.record.parent = DIXION_IMAGE_NONE;
    image.record.format = static_cast<std::uint8_t>(format);
    image.record.rank = static_cast<std::uint8_t>(shape.size());
    image.record.lifetime = DIXION_LIFETIME_DATA;
    image.data = std::move(data);
    parts_.tensors.push_back(std::move(image));
    return static_cast<std::uint32_t>(parts_.tensors.size() - 1);
  }

  const workload::Workload& workload_;
  const RunPlan& plan_;
  const WeightSource& weights_;
  const Graph& graph_;
  ImageParts parts_;
  std::map<std::string, std::uint32_t> weights_in_image_;
  std::map<std::tuple<std::string, double, double>, Layer> layers_;  // by stem and the scales of src and dst
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> first_rows_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> joined_;
  std::map<std::uint64_t, std::uint32_t> zeros_;  // INT32 tensors by their length
};

}  // namespace

ImageParts lower(const workload::Workload& workload, const RunPlan& plan, const WeightSource& weights,
                 const Graph& graph) {
  return Lowering(workload, plan, weights, graph).lower();
}

}  // namespace dixion
