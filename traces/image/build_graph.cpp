// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include <google/protobuf/descriptor.h>

#include "traces/image/fixed_point.h"
#include "traces/image/graph.h"
#include "traces/proto/text_config.h"

namespace dixion {
namespace {

namespace pb = google::protobuf;

constexpr std::int64_t kMostElements = std::int64_t{1} << 36;
constexpr std::int64_t kMostLayers = DIXION_TAG_LAYER_NONE;
constexpr int kFirstOperandField = 16;  // in message Operator
constexpr double kRandomActivationScale = 1.0 / 256;

static_assert(static_cast<int>(workload::INT8) == DIXION_FORMAT_INT8 &&
              static_cast<int>(workload::UINT32) == DIXION_FORMAT_UINT32);
static_assert(static_cast<int>(workload::STEP) + 1 == DIXION_LIFETIME_STEP &&
              static_cast<int>(workload::OUTPUT) + 1 == DIXION_LIFETIME_OUTPUT);
static_assert(static_cast<int>(workload::ONCE) - 1 == DIXION_PHASE_ONCE &&
              static_cast<int>(workload::FINISH) - 1 == DIXION_PHASE_FINISH);
static_assert(static_cast<int>(workload::ROWS) == DIXION_SPLIT_ROWS &&
              static_cast<int>(workload::HEADS) == DIXION_SPLIT_HEADS &&
              static_cast<int>(workload::AUTO) == DIXION_IMAGE_SPLIT_AUTO);

/// One repetition of a section: replaces "{variable}" and knows its value in expressions.
struct Repetition {
  std::string pattern;  ///< "{layer}", or empty
  std::string value;
  Symbols symbols;
  std::uint8_t layer = DIXION_TAG_LAYER_NONE;

  [[nodiscard]] std::string name(std::string text) const {
    if (pattern.empty()) return text;
    for (std::size_t at = text.find(pattern); at != std::string::npos; at = text.find(pattern, at + value.size())) {
      text.replace(at, pattern.size(), value);
    }
    return text;
  }
};

/// Passes of techniques put these in place of others; nobody writes them into a workload.
bool made_by_techniques(const abi::OpcodeInfo& opcode) {
  switch (opcode.value) {
    case DIXION_OPCODE_ATTENTION_MARK:
    case DIXION_OPCODE_ATTENTION_MASKED:
    case DIXION_OPCODE_MATMUL_PARTIAL:
    case DIXION_OPCODE_MATMUL_RESUME:
    case DIXION_OPCODE_MATMUL_MASKED:
    case DIXION_OPCODE_MATMUL_ROWS:
      return true;
    default:
      return opcode.unit == abi::Unit::kSparsity || opcode.unit == abi::Unit::kPrediction;
  }
}

class Builder {
 public:
  Builder(const workload::Workload& workload, const RunPlan& plan, const std::map<std::string, double>& scales)
      : workload_(workload), scales_(scales), guided_(plan.branches == 2), prefix_("workload " + workload.name()) {
    symbols_ = {{"samples", plan.samples}, {"branches", plan.branches}, {"steps", plan.steps}};
  }

  Graph build() {
    for (const workload::Symbol& symbol : workload_.symbols()) {
      const std::string user = prefix_ + ", symbol '" + symbol.name() + "'";
      if (!symbols_.emplace(symbol.name(), evaluate(symbol.value(), symbols_, user)).second) {
        throw ConfigError(user, "is defined twice");
      }
    }
    for (const workload::Tensor& tensor : workload_.tensors()) add_tensor(tensor, {"", "", symbols_});
    for (const workload::Section& section : workload_.sections()) expand(section);
    std::stable_sort(graph_.operators.begin(), graph_.operators.end(),
                     [](const GraphOperator& a, const GraphOperator& b) { return a.phase < b.phase; });
    return std::move(graph_);
  }

 private:
  void expand(const workload::Section& section) {
    const std::string user =
        prefix_ + ", section with '" + (section.operators().empty() ? "" : section.operators(0).name()) + "'";
    if (section.phase() == workload::NO_PHASE) throw ConfigError(user, "needs a phase: ONCE, EACH_STEP or FINISH");
    const std::int64_t count = section.repeat().empty() ? 1 : evaluate(section.repeat(), symbols_, user);
    std::int64_t& layers = layers_[section.phase()];
    if (count < 0 || count + layers > kMostLayers) {
      throw ConfigError(user, "repeats " + std::to_string(count) + " times; a network has at most " +
                                  std::to_string(kMostLayers) + " layers");
    }
    if (section.repeat().empty() != section.variable().empty())
      throw ConfigError(user, "'repeat' and 'variable' belong together");
    for (std::int64_t i = 0; i < count; ++i) {
      Repetition repetition{"", std::to_string(i), symbols_};
      if (!section.variable().empty()) {
        repetition.pattern = "{" + section.variable() + "}";
        repetition.layer = static_cast<std::uint8_t>(layers++);
        if (!repetition.symbols.emplace(section.variable(), i).second) {
          throw ConfigError(user, "variable '" + section.variable() + "' is a symbol already");
        }
      }
      for (const workload::Tensor& tensor : section.tensors()) add_tensor(tensor, repetition);
      for (const workload::Operator& op : section.operators()) add_operator(op, section.phase(), repetition);
    }
  }

  void add_tensor(const workload::Tensor& given, const Repetition& repetition) {
    GraphTensor tensor;
    tensor.name = repetition.name(given.name());
    const std::string user = prefix_ + ", tensor '" + tensor.name + "'";
    if (tensor.name.empty()) throw ConfigError(user, "has no name");
    if (!indices_.emplace(tensor.name, kNoTensor).second) throw ConfigError(user, "is defined twice");
    if (given.guided() && !guided_) return;  // known, but absent
    std::int64_t elements = 1;
    for (const std::string& extent : given.shape()) {
      const std::int64_t value = evaluate(repetition.name(extent), repetition.symbols, user);
      if (value < 1 || value > kMostElements / elements)
        throw ConfigError(user, "extent '" + extent + "' is " + std::to_string(value));
      elements *= value;
      tensor.shape.push_back(static_cast<std::uint64_t>(value));
    }
    if (tensor.shape.empty() || tensor.shape.size() > DIXION_MAX_RANK) {
      throw ConfigError(user, "has " + std::to_string(tensor.shape.size()) + " dimensions; expected 1 to 4");
    }
    tensor.format = static_cast<dixion_format>(given.format());
    tensor.file = repetition.name(given.file());
    tensor.content = given.content();
    tensor.lifetime = static_cast<dixion_lifetime>(static_cast<int>(given.lifetime()) + 1);
    if (given.has_view()) {
      place_view(given.view(), repetition, user, tensor);
    } else {
      if (tensor.format == DIXION_FORMAT_NONE) throw ConfigError(user, "has no format");
      tensor.stride = row_major(tensor);
    }
    if (!tensor.file.empty() || tensor.content != workload::WRITTEN) {
      if (!tensor.file.empty() && tensor.content != workload::WRITTEN)
        throw ConfigError(user, "has both 'file' and 'content'");
      if (given.lifetime() != workload::STEP || given.has_view())
        throw ConfigError(user, "is constant; it takes neither lifetime nor view");
      tensor.lifetime = DIXION_LIFETIME_DATA;
    }
    tensor.scale = scale_of(given, repetition, tensor, user);
    indices_[tensor.name] = static_cast<int>(graph_.tensors.size());
    graph_.tensors.push_back(std::move(tensor));
  }

  static std::vector<std::uint64_t> row_major(const GraphTensor& tensor) {
    std::vector<std::uint64_t> stride(tensor.shape.size());
    std::uint64_t bytes = element_size(tensor.format);
    for (std::size_t i = stride.size(); i-- > 0;) {
      stride[i] = bytes;
      bytes *= tensor.shape[i];
    }
    return stride;
  }

  void place_view(const workload::View& view, const Repetition& repetition, const std::string& user,
                  GraphTensor& tensor) {
    tensor.parent = find(repetition.name(view.of()), user);
    if (tensor.parent == kNoTensor)
      throw ConfigError(user, "shows '" + view.of() + "', which exists only with guidance");
    const GraphTensor& parent = graph_.tensors[static_cast<std::size_t>(tensor.parent)];
    if (parent.parent != kNoTensor) throw ConfigError(user, "shows '" + parent.name + "', which is a view itself");
    if (tensor.format != DIXION_FORMAT_NONE && tensor.format != parent.format) {
      throw ConfigError(user, "has another format than " + parent.describe());
    }
    tensor.format = parent.format;
    tensor.lifetime = parent.lifetime;
    const std::uint64_t element = element_size(tensor.format);
    const auto size = [&](const std::string& text) {
      const std::int64_t value = evaluate(repetition.name(text), repetition.symbols, user);
      if (value < 0 || value > kMostElements) throw ConfigError(user, "'" + text + "' is " + std::to_string(value));
      return static_cast<std::uint64_t>(value) * element;
    };
    tensor.offset = view.offset().empty() ? 0 : size(view.offset());
    tensor.stride = row_major(tensor);
    if (!view.stride().empty()) {
      if (static_cast<std::size_t>(view.stride_size()) != tensor.shape.size())
        throw ConfigError(user, "needs one stride per dimension");
      std::transform(view.stride().begin(), view.stride().end(), tensor.stride.begin(), size);
    }
    // Bounds on extents and strides keep the span of four dimensions below 2^64 only in 128 bits.
    unsigned __int128 end = tensor.offset + element;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
      end += static_cast<unsigned __int128>(tensor.shape[i] - 1) * tensor.stride[i];
    }
    if (end > parent.span())
      throw ConfigError(user, shape_text(tensor.shape) + " does not lie inside " + parent.describe());
  }

  double scale_of(const workload::Tensor& given, const Repetition& repetition, const GraphTensor& tensor,
                  const std::string& user) {
    if (given.scale() != 0) {
      if (!(given.scale() > 0) || !std::isfinite(given.scale()) || !given.scale_of().empty()) {
        throw ConfigError(user, "needs one positive scale");
      }
      return given.scale();
    }
    if (!given.scale_of().empty()) return calibrated(repetition.name(given.scale_of()), user);
    if (tensor.parent != kNoTensor) return graph_.tensors[static_cast<std::size_t>(tensor.parent)].scale;
    if (tensor.format == DIXION_FORMAT_INT32) return kQ16;
    if (tensor.format == DIXION_FORMAT_UINT32) return 1.0;
    if (workload_.has_random_weights()) return random_scale();
    return 0;  // a buffer that views show with scales of their own; check_operator finds other uses
  }

  double random_scale() const {
    const double scale = workload_.random_weights().activation_scale();
    if (!(scale >= 0) || !std::isfinite(scale))
      throw ConfigError("workload.random_weights.activation_scale", "must be a positive number");
    return scale == 0 ? kRandomActivationScale : scale;
  }

  double calibrated(const std::string& name, const std::string& user) const {
    const auto found = scales_.find(name);
    if (found != scales_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [other, unused] : scales_) known.push_back(other);
    const auto near = nearest_names(name, known);
    throw ConfigError(user,
                      "scale '" + name + "' is not in the scales file" + (near.empty() ? "" : suggestion(name, known)));
  }

  /// Index of a tensor, kNoTensor if it exists only with guidance and there is none. Throws for unknown names.
  int find(const std::string& name, const std::string& user) const {
    const auto found = indices_.find(name);
    if (found != indices_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [other, unused] : indices_) known.push_back(other);
    const auto near = nearest_names(name, known);
    throw ConfigError(user, "undefined tensor '" + name + "'" + (near.empty() ? "" : suggestion(name, known)));
  }

  void add_operator(const workload::Operator& given, workload::Phase phase, const Repetition& repetition) {
    GraphOperator op;
    op.name = repetition.name(given.name());
    op.user = prefix_ + ", operator '" + op.name + "'";
    op.opcode = find_opcode(given.type(), op.user);
    op.phase = static_cast<dixion_phase>(static_cast<int>(phase) - 1);
    op.split = static_cast<std::uint8_t>(given.split());
    op.layer = repetition.layer;
    op.linear = repetition.name(given.linear());
    op.epsilon = given.epsilon();
    op.groups = given.groups();
    op.operands.fill(kNoTensor);
    if (!op.linear.empty() && !op.is(DIXION_OPCODE_MATMUL)) throw ConfigError(op.user, "only MATMUL takes 'linear'");
    if (op.epsilon != 0 && !op.is(DIXION_OPCODE_NORM_MODULATE) && !op.is(DIXION_OPCODE_GROUP_NORM))
      throw ConfigError(op.user, "only NORM_MODULATE and GROUP_NORM take 'epsilon'");
    if (op.groups != 0 && !op.is(DIXION_OPCODE_GROUP_NORM))
      throw ConfigError(op.user, "only GROUP_NORM takes 'groups'");
    set_window(given, op);
    find_operands(given, repetition, op);
    if (graph_.operators.size() >= std::size_t{1} << DIXION_TAG_OPERATOR_BITS) {
      throw ConfigError(op.user,
                        "is one too many; a workload has at most " + std::to_string(1U << DIXION_TAG_OPERATOR_BITS));
    }
    graph_.operators.push_back(std::move(op));
  }

  static void set_window(const workload::Operator& given, GraphOperator& op) {
    if (given.has_window() != op.is(DIXION_OPCODE_DMA_IM2COL)) {
      throw ConfigError(op.user, given.has_window() ? "only DMA_IM2COL takes 'window'" : "DMA_IM2COL needs 'window'");
    }
    op.window = given.window();
    if (op.window.stride_y() == 0) op.window.set_stride_y(1);
    if (op.window.stride_x() == 0) op.window.set_stride_x(1);
  }

  static const abi::OpcodeInfo* find_opcode(const std::string& type, const std::string& user) {
    std::vector<std::string> known;
    for (const abi::OpcodeInfo& opcode : abi::kOpcodes) {
      if (opcode.unit == abi::Unit::kControl || opcode.value == DIXION_OPCODE_DMA_FILL) continue;
      if (made_by_techniques(opcode)) continue;
      if (opcode.name == type) return &opcode;
      known.emplace_back(opcode.name);
    }
    throw ConfigError(user, "unknown operator type '" + type + "'" + suggestion(type, known));
  }

  void find_operands(const workload::Operator& given, const Repetition& repetition, GraphOperator& op) const {
    const pb::Descriptor& descriptor = *given.GetDescriptor();
    std::vector<std::string> known;
    for (const abi::OperandInfo& operand : op.opcode->operands) known.emplace_back(operand.name);
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const pb::FieldDescriptor& field = *descriptor.field(i);
      if (field.number() < kFirstOperandField) continue;
      const std::string name = repetition.name(given.GetReflection()->GetString(given, &field));
      if (name.empty()) continue;
      const auto place = std::find(known.begin(), known.end(), field.name());
      if (place == known.end()) {
        throw ConfigError(
            op.user, std::string(op.opcode->name) + " has no operand '" + field.name() + "'" + suggestion("", known));
      }
      op.operands[static_cast<std::size_t>(place - known.begin())] = find(name, op.user);
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
      const bool from_file = !op.linear.empty() && known[i] == "weight";
      if (from_file && op.operands[i] != kNoTensor) throw ConfigError(op.user, "has both 'linear' and 'weight'");
      if (op.operands[i] == kNoTensor && !op.opcode->operands[i].optional && !from_file) {
        throw ConfigError(op.user, std::string(op.opcode->name) + " needs operand '" + known[i] + "'");
      }
    }
  }

  const workload::Workload& workload_;
  const std::map<std::string, double>& scales_;
  const bool guided_;
  const std::string prefix_;
  Symbols symbols_;
  std::map<std::string, int> indices_;
  std::map<int, std::int64_t> layers_;  // by phase: a layer may have work once and in every step
  Graph graph_;
};

}  // namespace

Graph build_graph(const workload::Workload& workload, const RunPlan& plan,
                  const std::map<std::string, double>& scales) {
  return Builder(workload, plan, scales).build();
}

}  // namespace dixion
