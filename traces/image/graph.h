// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "firmware/runtime/image_format.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/commands_table.h"
#include "models/abi/tag.h"
#include "models/common/mask_bits.h"
#include "traces/image/expression.h"
#include "traces/image/run_plan.h"
#include "traces/proto/workload.pb.h"

namespace dixion {

inline constexpr int kNoTensor = -1;

/// A tensor with every size known.
struct GraphTensor {
  std::string name;
  std::vector<std::uint64_t> shape;   ///< 1 to 4 extents
  std::vector<std::uint64_t> stride;  ///< bytes, one per extent
  std::uint64_t offset = 0;           ///< bytes from the parent's first element
  int parent = kNoTensor;
  dixion_format format = DIXION_FORMAT_NONE;
  dixion_lifetime lifetime = DIXION_LIFETIME_STEP;
  workload::Content content = workload::WRITTEN;
  std::string file;  ///< name in the weights file
  bool resident = false;  ///< RUN only: read in every step, worth a place in the global buffer
  double scale = 0;       ///< real value of one unit; 0: none, only views of it can be operands

  [[nodiscard]] std::uint64_t elements() const;
  /// Bytes from the first to behind the last element touched.
  [[nodiscard]] std::uint64_t span() const;
  /// "'x' INT32 [16, 256, 128]".
  [[nodiscard]] std::string describe() const;
};

/// Rows of a linear layer that PREDICT reads.
struct PredictedLayer {
  std::string linear;           ///< stem in the weights file
  std::uint64_t rows = 0;       ///< the first ones
  std::uint64_t all_rows = 0;   ///< of the layer
  double scale = 0;             ///< real value of one unit of its results
};

/// PREDICT only.
struct PredictSettings {
  std::uint32_t heads = 0, keep = 0, dominance = 0;  ///< dominance in units of a predicted score
  bool all_keys = false;                             ///< all rows of K and V count as needed
  std::vector<PredictedLayer> layers;                ///< of Q and K: one for both, or one for each
};

/// An operator with its operands found.
struct GraphOperator {
  std::string name;
  const abi::OpcodeInfo* opcode = nullptr;
  dixion_phase phase = DIXION_PHASE_ONCE;
  std::uint8_t split = DIXION_SPLIT_ROWS;  ///< or DIXION_IMAGE_SPLIT_AUTO
  std::uint8_t layer = 0;                  ///< for the tag
  std::uint32_t step_kinds = 0;            ///< as in the image: 0 means it runs in every step
  std::uint32_t threshold = 0;             ///< ATTENTION_MARK and TOKEN_DECISION only
  std::uint32_t share = 0;                 ///< TOKEN_DECISION only
  MaskTile mask_tile;                      ///< of attention with a mask
  /// Immediates as the passes of techniques set them: all of MASK_THRESHOLD and CONMERGE_BUILD, those from number 2 on
  /// of MATMUL_RESUME and MATMUL_MASKED, the high half of number 3 of GELU, GELU_TANH and GEGLU.
  std::array<std::uint32_t, 4> settings{};
  std::string linear;  ///< stem in the weights file, or empty
  double epsilon = 0;
  std::uint32_t groups = 0;
  workload::Window window;         ///< strides filled in
  PredictSettings predict;
  std::array<int, 12> operands{};  ///< tensors in the opcode's order, the last one a row list; or kNoTensor
  std::string user;                ///< stands in front of messages: "workload glyphs, operator 'qkv'"

  [[nodiscard]] bool is(dixion_opcode wanted) const { return opcode->value == wanted; }
};

struct Graph {
  std::vector<GraphTensor> tensors;
  std::vector<GraphOperator> operators;  ///< all of once, then step, then finish

  /// The operand called `name`, or null if it is absent.
  [[nodiscard]] const GraphTensor* operand(const GraphOperator& op, const std::string& name) const;
  /// Index of the tensor that owns the memory of tensor `index`.
  [[nodiscard]] int root(int index) const;
};

/// Expands repetitions, evaluates sizes, finds operands and scales. Throws ConfigError naming operator or tensor.
Graph build_graph(const workload::Workload& workload, const RunPlan& plan, const std::map<std::string, double>& scales);

/// Puts attention that makes masks and attention that reuses them in place of attention, as the workload's settings of
/// softmax thresholding say. Throws ConfigError "workload.techniques.st.<key>".
void apply_softmax_thresholding(const workload::Workload& workload, Graph& graph);

/// Puts feed-forward networks that keep partial sums and ones that add to them in place of MATMUL, GELU (or GEGLU),
/// MATMUL, as the workload's settings of FFN-Reuse say. Throws ConfigError "workload.techniques.ffn_reuse.<key>".
void apply_ffn_reuse(const workload::Workload& workload, Graph& graph);
/// Puts prediction, projections of what it says and masked attention in place of projections and self-attention, as
/// the workload's settings of eager prediction say. Throws ConfigError "workload.techniques.ep.<key>", or naming the
/// attention that it cannot be put on.
void apply_eager_prediction(const workload::Workload& workload, Graph& graph);
/// Makes operators on tokens compute listed ones only in steps that reuse, as the workload's settings of cached token reuse
/// say: comes last, all alternatives that others made get alternatives. Throws ConfigError "workload.techniques.ctr.<key>",
/// or at the operator that does not work on tokens one by one.
void apply_cached_token_reuse(const workload::Workload& workload, const RunPlan& plan, Graph& graph);

/// Checks every operator's shapes, formats and scales against its opcode, and that nothing is read before it is
/// written, written though constant, or used beyond its lifetime. Throws ConfigError naming operator and tensor.
void check_graph(const Graph& graph, const RunPlan& plan);

/// Those two checks by themselves.
void check_operator(const Graph& graph, const GraphOperator& op, const RunPlan& plan);
void check_data_flow(const Graph& graph);

/// Bytes of one element of a workload's formats.
std::uint64_t element_size(dixion_format format);
/// "INT12".
std::string format_text(dixion_format format);

}  // namespace dixion
