// SPDX-License-Identifier: Apache-2.0
#include "traces/image/technique.h"

#include <charconv>

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

const abi::OpcodeInfo* opcode_info(dixion_opcode wanted) {
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value == wanted) return &info;
  }
  DIXION_CHECK(false, "unknown opcode " + std::to_string(wanted));
}

int operand_of(const GraphOperator& op, const std::string& name) {
  for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
    if (op.opcode->operands[i].name == name) return op.operands[i];
  }
  return kNoTensor;
}

void set_operand(GraphOperator& op, const std::string& name, int tensor) {
  for (std::size_t i = 0; i < op.opcode->operands.size(); ++i) {
    if (op.opcode->operands[i].name != name) continue;
    op.operands[i] = tensor;
    return;
  }
  DIXION_CHECK(false, std::string(op.opcode->name) + " has no operand " + name);
}

GraphOperator as_opcode(const GraphOperator& op, dixion_opcode opcode) {
  GraphOperator result = op;
  result.opcode = opcode_info(opcode);
  result.operands.fill(kNoTensor);
  for (std::size_t i = 0; i < result.opcode->operands.size(); ++i)
    result.operands[i] = operand_of(op, result.opcode->operands[i].name);
  return result;
}

GraphTensor dense_tensor(const std::string& name, std::vector<std::uint64_t> shape, dixion_format format,
                         double scale) {
  GraphTensor tensor;
  tensor.name = name;
  tensor.shape = std::move(shape);
  tensor.format = format;
  tensor.lifetime = DIXION_LIFETIME_RUN;
  tensor.scale = scale;
  tensor.stride.resize(tensor.shape.size());
  std::uint64_t bytes = element_size(format);
  for (std::size_t i = tensor.shape.size(); i-- > 0; bytes *= tensor.shape[i]) tensor.stride[i] = bytes;
  return tensor;
}

int add_run_tensor(Graph& graph, const std::string& name, std::vector<std::uint64_t> shape, dixion_format format) {
  graph.tensors.push_back(dense_tensor(name, std::move(shape), format));
  return static_cast<int>(graph.tensors.size() - 1);
}

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

void require_layers(const std::string& text, const std::set<unsigned>& found, const std::string& key,
                    const std::string& what) {
  if (text.empty()) return;
  for (const unsigned layer : layers_of(text, key)) {
    if (!found.contains(layer)) throw ConfigError(key, "layer " + std::to_string(layer) + " has no " + what);
  }
}

void require_operator_limit(std::size_t operators, const std::string& key) {
  if (operators <= std::size_t{1} << DIXION_TAG_OPERATOR_BITS) return;
  throw ConfigError(
      key, "are too many: a workload has at most " + std::to_string(1U << DIXION_TAG_OPERATOR_BITS) + " operators");
}

}  // namespace dixion
