// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "firmware/runtime/image_format.h"
#include "tests/support/reference/hidden_layout.h"
#include "tests/support/reference/operators.h"

namespace dixion::reference {

/// Runs a packed workload on the scalar reference: the operators of the image one after another on a flat memory,
/// once, then all steps, then finish. Independent of engines, firmware and packer: shares the image's format only.
class ImageRunner {
 public:
  /// Called after each operator: its step (DIXION_TAG_STEP_NONE outside steps), its number in the image, its result.
  using Observer = std::function<void(std::uint32_t step, std::uint32_t number, const Tensor& result)>;

  /// Throws std::runtime_error if magic, version or size are wrong or a record points outside.
  explicit ImageRunner(std::vector<std::uint8_t> image);

  /// Runs everything from the start; returns the OUTPUT tensor.
  Tensor run(const Observer& observer = {});
  /// Like run, but the noise operator's result is replaced by `noise`, for comparing with recorded noise.
  Tensor run_from(const Tensor& noise, const Observer& observer = {});

  [[nodiscard]] const dixion_image_header_t& header() const { return header_; }
  [[nodiscard]] const dixion_image_operator_t& operator_record(std::uint32_t number) const {
    return operators_.at(number);
  }
  [[nodiscard]] const dixion_image_tensor_t& tensor_record(std::uint32_t number) const { return tensors_.at(number); }
  /// Content of a tensor as it stands after the last run; `step` picks the row of a step table.
  [[nodiscard]] Tensor load(std::uint32_t tensor, std::uint32_t step = 0) const;
  /// Of a table, or the factor that serves all columns without one.
  [[nodiscard]] std::vector<Requant> factors(std::uint32_t table, Requant without) const;
  /// Saturations that changed a value, in all runs so far; with row lists also those of rows that are not listed.
  [[nodiscard]] Saturations saturations() const { return saturations_; }

 private:
  void execute(std::uint32_t number, std::uint32_t step, const Observer& observer);
  /// Whether the operator runs in this step: what techniques reuse then.
  [[nodiscard]] bool runs(const dixion_image_operator_t& op, std::uint32_t step) const;
  [[nodiscard]] Tensor compute(const dixion_image_operator_t& op, std::uint32_t step);
  /// Sets by_columns_ for an operator whose operands, some of them, lie by tiles' columns.
  void find_columns(const dixion_image_operator_t& op);
  /// Calls visit(address, position in row-major order) for every element that has a place in memory.
  template <typename Visit>
  void for_each_stored(std::uint32_t tensor, std::uint32_t step, Visit visit) const;
  void store(std::uint32_t tensor, const Tensor& values);
  [[nodiscard]] std::uint64_t address(std::uint32_t tensor, std::uint32_t step) const;

  dixion_image_header_t header_{};
  std::vector<dixion_image_operator_t> operators_;
  std::vector<dixion_image_tensor_t> tensors_;
  std::vector<std::uint64_t> base_;   ///< of tensors that are no views, in memory_
  std::vector<std::uint8_t> memory_;  ///< the image, then scratch
  const Tensor* recorded_noise_ = nullptr;
  std::optional<std::set<std::int32_t>> listed_;  ///< rows that the operator at work may write; nothing: all
  struct Columns {
    std::set<std::uint32_t> tensors;
    Tensor mask;
    std::size_t bits, width;
  };
  std::optional<Columns> by_columns_;  ///< of the operator at work
  Saturations saturations_ = 0;
};

}  // namespace dixion::reference
