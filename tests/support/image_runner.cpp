// SPDX-License-Identifier: Apache-2.0
#include "tests/support/image_runner.h"

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/abi/generated/commands.h"
#include "models/abi/tag.h"

namespace dixion::reference {
namespace {

template <typename T>
std::vector<T> records(const std::vector<std::uint8_t>& image, std::uint64_t offset, std::uint32_t count) {
  if (offset > image.size() || count > (image.size() - offset) / sizeof(T))
    throw std::runtime_error("image: a table ends outside");
  std::vector<T> result(count);
  if (count > 0) std::memcpy(result.data(), image.data() + offset, count * sizeof(T));
  return result;
}

std::size_t width_of(std::uint8_t format) {
  switch (format) {
    case DIXION_FORMAT_INT8:
      return 1;
    case DIXION_FORMAT_INT12:
    case DIXION_FORMAT_INT16:
      return 2;
    case DIXION_FORMAT_INT32:
    case DIXION_FORMAT_UINT32:
      return 4;
    case DIXION_FORMAT_REQUANT:
      return 8;
    default:
      throw std::runtime_error("image: format " + std::to_string(format));
  }
}

unsigned bits_of(std::uint8_t format) {
  return format == DIXION_FORMAT_INT12 ? 12 : static_cast<unsigned>(8 * width_of(format));
}

std::int32_t read_element(const std::uint8_t* at, std::uint8_t format) {
  if (width_of(format) == 1) return static_cast<std::int8_t>(*at);
  if (width_of(format) == 2) {
    std::int16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    if (format == DIXION_FORMAT_INT16) return value;
    const int low = value & 0xfff;
    return low < 0x800 ? low : low - 0x1000;
  }
  std::int32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// Calls visit(address, position in row-major order) for every element.
template <typename Visit>
void for_each_element(const dixion_image_tensor_t& tensor, std::uint64_t address, Visit visit) {
  std::array<std::uint32_t, 4> index{};
  for (std::size_t position = 0;; ++position) {
    std::uint64_t at = address;
    for (std::size_t d = 0; d < tensor.rank; ++d) at += index[d] * tensor.stride[d];
    visit(at, position);
    std::size_t d = tensor.rank;
    while (d > 0 && ++index[d - 1] == tensor.extent[d - 1]) index[--d] = 0;
    if (d == 0) return;
  }
}

/// Row of the flattened [batch, tokens] that an element of [T, D], [batch, T, D] or [batch, heads, T, D] belongs to.
std::int32_t row_of(const dixion_image_tensor_t& tensor, std::size_t position) {
  const std::size_t tokens = tensor.extent[tensor.rank - 2], line = position / tensor.extent[tensor.rank - 1];
  const std::size_t lines = tensor.rank == 4 ? tensor.extent[1] * tokens : tokens;
  return static_cast<std::int32_t>(line / lines * tokens + line % tokens);
}

Requant pair(std::uint32_t multiplier, std::uint32_t shift) {
  return {static_cast<std::int32_t>(multiplier), static_cast<std::int32_t>(shift)};
}

/// [D] -> [1, 1, D], [batch, D] -> [batch, 1, D]
Tensor per_row(Tensor vector) {
  vector.extent = {1, vector.extent[2], 1, vector.extent[3]};
  return vector;
}

Tensor gather(const Tensor& src, const Tensor& list, std::size_t rows) {
  const std::size_t row = src.size() / rows;
  Tensor result({list.size(), row});
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto from = src.values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(list.values[i]) * row);
    std::copy(from, from + static_cast<std::ptrdiff_t>(row),
              result.values.begin() + static_cast<std::ptrdiff_t>(i * row));
  }
  return result;
}

/// Place of the result among the operands.
std::size_t result_operand(std::uint8_t opcode) {
  switch (opcode) {
    case DIXION_OPCODE_NOISE:
    case DIXION_OPCODE_DMA_FILL:
      return 0;
    case DIXION_OPCODE_DMA_GATHER:
    case DIXION_OPCODE_ADD:
    case DIXION_OPCODE_ROTARY:
    case DIXION_OPCODE_TOKEN_DECISION:
      return 2;
    case DIXION_OPCODE_ATTENTION:
    case DIXION_OPCODE_ATTENTION_MARK:
    case DIXION_OPCODE_NORM_MODULATE:
    case DIXION_OPCODE_GATED_RESIDUAL:
    case DIXION_OPCODE_GROUP_NORM:
    case DIXION_OPCODE_MODULATE:
      return 3;
    case DIXION_OPCODE_MATMUL_ROWS:
      return 5;
    case DIXION_OPCODE_MATMUL:
    case DIXION_OPCODE_PREDICT:
    case DIXION_OPCODE_ATTENTION_MASKED:
    case DIXION_OPCODE_SAMPLER_UPDATE:
      return 4;
    case DIXION_OPCODE_MATMUL_PARTIAL:
    case DIXION_OPCODE_MATMUL_RESUME:
      return 5;
    case DIXION_OPCODE_MATMUL_MASKED:
      return 6;
    default:
      return 1;
  }
}

/// Factors of attention with a mask.
Requant score_of(const dixion_image_operator_t& op) {
  return {static_cast<std::int32_t>(op.immediates[0]), static_cast<std::int32_t>(op.immediates[2] & 0xff)};
}
Requant output_of(const dixion_image_operator_t& op) {
  return {static_cast<std::int32_t>(op.immediates[1]), static_cast<std::int32_t>(op.immediates[2] >> 8 & 0xff)};
}
TileSize tile_of(const dixion_image_operator_t& op) {
  return {std::max(1U, op.immediates[2] >> 16 & 0xff), std::max(1U, op.immediates[2] >> 24)};
}

}  // namespace

ImageRunner::ImageRunner(std::vector<std::uint8_t> image) : memory_(std::move(image)) {
  header_ = records<dixion_image_header_t>(memory_, 0, 1)[0];
  if (header_.magic != DIXION_IMAGE_MAGIC || header_.version != DIXION_IMAGE_VERSION ||
      header_.size != memory_.size()) {
    throw std::runtime_error("image: wrong magic, version or size");
  }
  operators_ = records<dixion_image_operator_t>(memory_, header_.operators_offset, header_.operator_count);
  tensors_ = records<dixion_image_tensor_t>(memory_, header_.tensors_offset, header_.tensor_count);
  for (const dixion_image_tensor_t& tensor : tensors_) {
    const bool scratch = tensor.parent == DIXION_IMAGE_NONE && tensor.lifetime != DIXION_LIFETIME_DATA;
    base_.push_back(scratch ? memory_.size() : tensor.offset);
    if (scratch) memory_.resize(memory_.size() + (tensor.size + 63) / 64 * 64);
  }
  if (memory_.size() - header_.size != header_.scratch_size) throw std::runtime_error("image: wrong scratch size");
}

Tensor ImageRunner::run(const Observer& observer) {
  for (const std::uint8_t phase : {DIXION_PHASE_ONCE, DIXION_PHASE_STEP, DIXION_PHASE_FINISH}) {
    const std::uint32_t rounds = phase == DIXION_PHASE_STEP ? header_.steps : 1;
    for (std::uint32_t round = 0; round < rounds; ++round) {
      for (std::uint32_t number = 0; number < operators_.size(); ++number) {
        if (operators_[number].phase != phase || !runs(operators_[number], round)) continue;
        execute(number, phase == DIXION_PHASE_STEP ? round : DIXION_TAG_STEP_NONE, observer);
      }
    }
  }
  return load(header_.output_tensor);
}

Tensor ImageRunner::run_from(const Tensor& noise, const Observer& observer) {
  recorded_noise_ = &noise;
  Tensor result = run(observer);
  recorded_noise_ = nullptr;
  return result;
}

bool ImageRunner::runs(const dixion_image_operator_t& op, std::uint32_t step) const {
  if (op.phase != DIXION_PHASE_STEP || op.step_kinds == 0) return true;
  const auto reuses = [&](const dixion_image_reuse_t& settings) {
    if (settings.first_steps == 0 || step < settings.first_steps) return false;
    if (settings.last_dense != 0 && step == header_.steps - 1) return false;
    return settings.dense_every == 0 || (step + 1 - settings.first_steps) % settings.dense_every != 0;
  };
  const bool refreshes = header_.ctr.first_steps != 0 && !reuses(header_.ctr);
  const std::uint32_t kind = (reuses(header_.st) ? DIXION_STEP_KIND_ST : 0) +
                             (reuses(header_.ctr) ? DIXION_STEP_KIND_CTR : 0) +
                             (reuses(header_.ffn) && !refreshes ? DIXION_STEP_KIND_FFN : 0);
  return (op.step_kinds >> kind & 1) != 0;
}

void ImageRunner::execute(std::uint32_t number, std::uint32_t step, const Observer& observer) {
  const dixion_image_operator_t& op = operators_[number];
  if (op.opcode == DIXION_OPCODE_CONMERGE_BUILD) return;  // a schedule changes no result
  listed_.reset();
  if (op.operands[11] != DIXION_IMAGE_NONE) {
    // All rows are computed, those that are not listed are thrown away.
    const Tensor list = load(op.operands[11]);
    listed_.emplace(list.values.begin() + 4, list.values.begin() + 4 + list.values.at(0));
  }
  find_columns(op);
  const bool replaced = op.opcode == DIXION_OPCODE_NOISE && recorded_noise_ != nullptr;
  const Tensor result = replaced ? *recorded_noise_ : compute(op, step == DIXION_TAG_STEP_NONE ? 0 : step);
  saturations_ += result.saturated;
  store(op.operands[result_operand(op.opcode)], result);
  by_columns_.reset();
  if (observer) observer(step, number, result);
}

void ImageRunner::find_columns(const dixion_image_operator_t& op) {
  const auto columns = [&](std::size_t i) { return std::size_t{tensors_.at(op.operands[i]).extent[2]}; };
  switch (op.opcode) {
    case DIXION_OPCODE_MATMUL_MASKED:
      if ((op.immediates[3] & 0x100) == 0) return;
      by_columns_ = {{op.operands[6]}, load(op.operands[4]), columns(6) / op.immediates[2], op.immediates[3] >> 16};
      return;
    case DIXION_OPCODE_MATMUL_RESUME:
      if (op.immediates[3] == 0) return;
      by_columns_ = {{op.operands[0]}, load(op.operands[3]), columns(0), op.immediates[2]};
      return;
    case DIXION_OPCODE_GELU:
    case DIXION_OPCODE_GELU_TANH:
    case DIXION_OPCODE_GEGLU:
      if (op.operands[2] == DIXION_IMAGE_NONE) return;
      by_columns_ = {{op.operands[0], op.operands[1]}, load(op.operands[2]), columns(1), op.immediates[3] >> 16};
      return;
    default:
      return;
  }
}

template <typename Visit>
void ImageRunner::for_each_stored(std::uint32_t tensor, std::uint32_t step, Visit visit) const {
  const dixion_image_tensor_t& record = tensors_.at(tensor);
  const std::uint64_t start = address(tensor, step);
  if (!by_columns_ || !by_columns_->tensors.contains(tensor)) return for_each_element(record, start, visit);
  const std::size_t rows = record.extent[1], columns = record.extent[2], width = width_of(record.format);
  for (const HiddenPlace& place : hidden_places(by_columns_->mask, columns, by_columns_->bits, by_columns_->width)) {
    const std::size_t position = (place.sample * rows + place.token) * columns + place.column;
    visit(start + place.sample * record.stride[0] + place.position * width, position);
  }
}

Tensor ImageRunner::compute(const dixion_image_operator_t& op, std::uint32_t step) {
  const auto in = [&](std::size_t i) { return load(op.operands[i], step); };
  const auto has = [&](std::size_t i) { return op.operands[i] != DIXION_IMAGE_NONE; };
  const auto bias = [&] { return has(2) ? in(2).values : std::vector<std::int32_t>(); };
  const Requant first = pair(op.immediates[0], op.immediates[1]);
  const Requant second = pair(op.immediates[2], op.immediates[3] & 0xff);
  const dixion_image_tensor_t& dst = tensors_.at(op.operands[result_operand(op.opcode)]);
  const unsigned bits = bits_of(dst.format);
  switch (op.opcode) {
    case DIXION_OPCODE_DMA_COPY:
      return in(0);
    case DIXION_OPCODE_DMA_FILL: {
      Tensor result = load(op.operands[0]);
      std::fill(result.values.begin(), result.values.end(), static_cast<std::int32_t>(op.immediates[0]));
      return result;
    }
    case DIXION_OPCODE_TOKEN_DECISION:
      return token_decision(in(0), in(1), in(2), op.immediates[0], op.immediates[1], op.immediates[2]);
    case DIXION_OPCODE_DMA_GATHER:
      return gather(in(0), in(1), tensors_.at(op.operands[0]).extent[0]);
    case DIXION_OPCODE_DMA_IM2COL: {
      const auto halves = [&](std::size_t i) {
        return std::array<std::size_t, 2>{op.immediates[i] & 0xffff, op.immediates[i] >> 16};
      };
      return im2col(in(0), {halves(0), halves(1), halves(2)});
    }
    case DIXION_OPCODE_DMA_RESIZE:
      return resize(in(0), dst.extent[1], dst.extent[2]);
    case DIXION_OPCODE_MATMUL:
      return matrix_product(in(0), in(1), bias(), factors(op.operands[3], first), bits);
    case DIXION_OPCODE_MATMUL_PARTIAL: {
      Tensor partial;
      Tensor result = product_partial(in(0), in(1), bias(), factors(op.operands[3], first), in(4), bits, partial);
      store(op.operands[6], partial);
      return result;
    }
    case DIXION_OPCODE_MATMUL_RESUME:
      return product_resume(in(0), in(1), factors(op.operands[2], first), in(3), in(4), bits);
    case DIXION_OPCODE_MATMUL_MASKED:
      return product_masked(in(0), in(1), bias(), factors(op.operands[3], first), in(4), op.immediates[2], bits);
    case DIXION_OPCODE_MASK_THRESHOLD:
      return mask_threshold(in(0), op.immediates[0]);
    case DIXION_OPCODE_ATTENTION:
      return attention(in(0), in(1), in(2), first, second);
    case DIXION_OPCODE_ATTENTION_MARK: {
      Tensor mask;
      Tensor result =
          attention_mark(in(0), in(1), in(2), score_of(op), output_of(op), op.immediates[3], mask, tile_of(op));
      store(op.operands[4], mask);
      return result;
    }
    case DIXION_OPCODE_ATTENTION_MASKED:
      return attention_masked(in(0), in(1), in(2), in(3), score_of(op), output_of(op), tile_of(op));
    case DIXION_OPCODE_MATMUL_ROWS:
      return matrix_product_rows(in(0), in(1), bias(), factors(op.operands[3], first), bits, in(4), in(5));
    case DIXION_OPCODE_PREDICT: {
      Tensor rows;
      StoredKeys stored;
      if (listed_) stored = {in(6), {listed_->begin(), listed_->end()}};
      Tensor mask = predict(in(0), in(1), bias(), factors(op.operands[3], first),
                            {op.immediates[0], op.immediates[1], op.immediates[2], (op.immediates[3] & 1) != 0}, rows,
                            listed_ ? &stored : nullptr);
      const auto listed = std::exchange(listed_, std::nullopt);  // a word has bits of many tokens
      store(op.operands[5], rows);
      listed_ = listed;
      return mask;
    }
    case DIXION_OPCODE_NORM_MODULATE: {
      const Tensor shift = has(1) ? per_row(in(1)) : Tensor();
      const Tensor scale = has(2) ? per_row(in(2)) : Tensor();
      return norm_modulate(in(0), has(1) ? &shift : nullptr, has(2) ? &scale : nullptr, first, op.immediates[2]);
    }
    case DIXION_OPCODE_GROUP_NORM: {
      const Tensor shift = has(1) ? per_row(in(1)) : Tensor();
      const Tensor scale = has(2) ? per_row(in(2)) : Tensor();
      return group_norm(in(0), has(1) ? &shift : nullptr, has(2) ? &scale : nullptr, first, op.immediates[2],
                        op.immediates[3]);
    }
    case DIXION_OPCODE_GELU:
      return activation(Activation::kGelu, in(0), first, second, bits);
    case DIXION_OPCODE_GELU_TANH:
      return activation(Activation::kGeluTanh, in(0), first, second, bits);
    case DIXION_OPCODE_SILU:
      return activation(Activation::kSilu, in(0), first, second, bits);
    case DIXION_OPCODE_RELU:
      return activation(Activation::kRelu, in(0), first, second, bits);
    case DIXION_OPCODE_GEGLU:
      return geglu(in(0), first, second, bits);
    case DIXION_OPCODE_MODULATE: {
      const Tensor shift = has(1) ? per_row(in(1)) : Tensor();
      const Tensor scale = has(2) ? per_row(in(2)) : Tensor();
      return modulate(in(0), has(1) ? &shift : nullptr, has(2) ? &scale : nullptr, first, second, bits);
    }
    case DIXION_OPCODE_ROTARY:
      return rotary(in(0), in(1), first);
    case DIXION_OPCODE_ADD:
      return add(in(0), in(1), first);
    case DIXION_OPCODE_GATED_RESIDUAL:
      return gated_residual(in(0), in(1), in(2), first);
    case DIXION_OPCODE_CONVERT:
      return convert(in(0), first, bits);
    case DIXION_OPCODE_SAMPLER_UPDATE: {
      const std::vector<std::int32_t> c = in(3).values;
      const Tensor uncond = has(2) ? in(2) : Tensor();
      return sampler_update(in(0), in(1), has(2) ? &uncond : nullptr,
                            {c.at(0), c.at(1), c.at(2), c.at(3), c.at(4), c.at(5)});
    }
    case DIXION_OPCODE_NOISE:
      return noise(dst.extent[0], dst.extent[1], std::uint64_t{op.immediates[1]} << 32 | op.immediates[0],
                   op.immediates[2], op.immediates[3]);
    default:
      throw std::runtime_error("image: opcode " + std::to_string(op.opcode));
  }
}

std::vector<Requant> ImageRunner::factors(std::uint32_t table, Requant without) const {
  if (table == DIXION_IMAGE_NONE) return {without};
  std::vector<Requant> result;
  for_each_element(tensors_.at(table), address(table, 0), [&](std::uint64_t at, std::size_t) {
    result.push_back(
        {read_element(&memory_.at(at), DIXION_FORMAT_INT32), read_element(&memory_.at(at + 4), DIXION_FORMAT_INT32)});
  });
  return result;
}

std::uint64_t ImageRunner::address(std::uint32_t tensor, std::uint32_t step) const {
  const dixion_image_tensor_t& record = tensors_.at(tensor);
  const std::uint64_t start =
      record.parent == DIXION_IMAGE_NONE ? base_[tensor] : base_.at(record.parent) + record.offset;
  return start + step * record.step_stride;
}

Tensor ImageRunner::load(std::uint32_t tensor, std::uint32_t step) const {
  const dixion_image_tensor_t& record = tensors_.at(tensor);
  Tensor result(std::vector<std::size_t>(record.extent, record.extent + record.rank));
  for_each_stored(tensor, step, [&](std::uint64_t at, std::size_t position) {
    result.values[position] = read_element(&memory_.at(at), record.format);
  });
  return result;
}

void ImageRunner::store(std::uint32_t tensor, const Tensor& values) {
  const dixion_image_tensor_t& record = tensors_.at(tensor);
  for_each_stored(tensor, 0, [&](std::uint64_t at, std::size_t position) {
    if (listed_ && !listed_->contains(row_of(record, position))) return;
    std::memcpy(&memory_.at(at), &values.values.at(position), width_of(record.format));
  });
}

}  // namespace dixion::reference
