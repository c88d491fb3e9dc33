// SPDX-License-Identifier: Apache-2.0
#include "models/common/mask_store.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "models/abi/tag.h"
#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "models/common/operands.h"
#include "models/common/view_rows.h"

namespace dixion {
namespace {

bool is_dma(const Command& command) { return command.info->unit == abi::Unit::kDma; }

bool same_place(const TensorView& a, const TensorView& b) {
  return a.address == b.address && a.rank == b.rank && a.extent == b.extent && a.stride == b.stride;
}

/// Surely no byte of `view` is left where `over` was written: strides that leave gaps are not looked at.
bool is_inside(const TensorView& view, const TensorView& over) {
  return over.span_bytes() == over.payload_bytes() && view.address >= over.address &&
         view.address + view.span_bytes() <= over.address + over.span_bytes();
}

/// Where the element of `from` lies that has the same indices as that of `to` at `address`; none if there is none.
std::optional<std::uint64_t> counterpart(const TensorView& to, const TensorView& from, std::uint64_t address) {
  std::vector<unsigned> order(to.rank);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](unsigned a, unsigned b) { return to.stride[a] > to.stride[b]; });
  std::uint64_t offset = address - to.address, result = from.address;
  for (const unsigned d : order) {
    const std::uint64_t index = to.stride[d] == 0 ? 0 : offset / to.stride[d];
    if (index >= to.extent[d]) return std::nullopt;
    offset -= index * to.stride[d];
    result += index * from.stride[d];
  }
  if (offset >= element_bytes(to.format)) return std::nullopt;
  return result + offset;
}

}  // namespace

/// Row by row what was made at the row's address.
class MaskStore::Pieces final : public MaskSource {
 public:
  Pieces(const MaskStore& store, const TensorView& view, const MaskRequest& otherwise)
      : store_(store), view_(view), otherwise_(otherwise) {}
  void row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const override {
    const std::uint64_t address = row_address(view_, number);
    const Row row = original(store_.at(address), address);
    source(row.made).row(row.made != nullptr ? row.number : number, columns, words);
  }
  // As the first row's; other parts of a mask look otherwise.
  [[nodiscard]] bool stored() const override { return source(first().made).stored(); }
  [[nodiscard]] std::uint64_t look() const override {
    const Row row = first();
    return source(row.made).look() + (row.number << 40);
  }

 private:
  [[nodiscard]] const MaskSource& source(const Made* made) const {
    std::unique_ptr<MaskSource>& source = sources_[made];
    if (!source) source = store_.supply_.mask(made != nullptr ? made->request : otherwise_);
    return *source;
  }
  [[nodiscard]] Row first() const { return original(store_.at(view_.address), view_.address); }

  const MaskStore& store_;
  TensorView view_;
  MaskRequest otherwise_;  // for rows that no command made
  mutable std::map<const Made*, std::unique_ptr<MaskSource>> sources_;
};

class MaskStore::Selected final : public MaskSource {
 public:
  Selected(std::unique_ptr<MaskSource> mask, const Command& whole, const Command& compact, unsigned operand,
           const std::vector<std::uint32_t>& rows)
      : mask_(std::move(mask)),
        tokens_are_columns_(mask_operand(whole.info->value, operand)->kind == MaskKind::kPredictedRows),
        groups_(tokens_are_columns_ || whole.operands[operand].rank == 4
                    ? whole.operands[operand].extent_from_end(tokens_are_columns_ ? 1 : 2)
                    : 1),
        all_(whole.operands[0].extent_from_end(1)),
        tokens_(compact.operands[0].extent_from_end(1)),
        rows_(rows) {}
  // [batch, heads, tokens, words] or [batch, tokens, words]; [batch, groups, words of tokens].
  void row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const override {
    if (tokens_are_columns_) {
      select_columns(number / groups_, number % groups_, columns, words);
      return;
    }
    const std::uint64_t sample = number / tokens_ / groups_, head = number / tokens_ % groups_;
    const std::uint64_t row = rows_[sample * tokens_ + number % tokens_];
    mask_->row((row / all_ * groups_ + head) * all_ + row % all_, columns, words);
  }
  [[nodiscard]] bool stored() const override { return mask_->stored(); }
  [[nodiscard]] std::uint64_t look() const override { return mask_->look(); }

 private:
  void select_columns(std::uint64_t sample, std::uint64_t group, std::size_t columns, std::uint32_t* words) const {
    std::fill_n(words, mask_words(columns), 0U);
    std::vector<std::uint32_t> whole(mask_words(all_));
    std::uint64_t read = all_ * rows_.size();  // no sample has this number
    for (std::size_t i = 0; i < columns; ++i) {
      const std::uint64_t row = rows_[sample * columns + i];
      if (row / all_ != read) mask_->row((read = row / all_) * groups_ + group, all_, whole.data());
      const std::uint64_t token = row % all_;
      words[i / kMaskWordBits] |= (whole[token / kMaskWordBits] >> token % kMaskWordBits & 1U) << i % kMaskWordBits;
    }
  }

  std::unique_ptr<MaskSource> mask_;
  bool tokens_are_columns_;
  std::uint64_t groups_, all_, tokens_;  // heads, or groups of columns; tokens of a sample, of a compact one
  const std::vector<std::uint32_t>& rows_;
};

void MaskStore::begin(const Command& command) {
  const MaskOperand* first = first_mask_made(command.info->value);
  if (first == nullptr) return;
  const auto number = static_cast<std::uint32_t>(sites_.size());
  const std::uint32_t layer = dixion_tag_layer(command.tag);
  const std::uint32_t site =
      sites_.try_emplace({layer, command.operands[first->operand].address}, number).first->second;
  running_[key_of(command)] = {ordinals_.next(command.info->value, command.tag), site};
}

void MaskStore::end(const Command& command, bool failed) {
  for (unsigned i = 0; i < command.info->operands.size() && !failed; ++i) {
    const TensorView& view = command.operands[i];
    if (!view || !command.info->operands[i].output) continue;
    const MaskOperand* operand = mask_operand(command.info->value, i);
    if (operand != nullptr && operand->made()) {
      insert({made_by(command, *operand), view, ++count_, nullptr});
    } else if (is_dma(command)) {
      end_of_dma(command, view);
    } else {
      forget(view);
    }
  }
  if (first_mask_made(command.info->value) != nullptr) running_.erase(key_of(command));
}

void MaskStore::forget(const TensorView& view) {
  for (const Made* made : made_in(view)) erase(*made);
}

void MaskStore::erase(const Made& made) {
  const auto [first, last] = made_.equal_range(made.view.address);
  made_.erase(std::find_if(first, last, [&](const auto& entry) { return &entry.second == &made; }));
}

void MaskStore::insert(Made made) {
  for (const Made* old : made_in(made.view)) {
    if (is_inside(old->view, made.view) || same_place(old->view, made.view)) erase(*old);
  }
  longest_ = std::max(longest_, made.view.span_bytes());
  made_.emplace(made.view.address, std::move(made));
}

CommandError MaskStore::check(const Command& command) const {
  constexpr unsigned kSrc = 0;
  const TensorView& view = command.operands[kSrc];
  if (!is_dma(command) || command.info->operands[kSrc].output) return {};
  const bool copies = command.info->value == DIXION_OPCODE_DMA_COPY;
  for (const Made* made : made_in(view)) {
    if (is_nobodys(*made)) continue;
    if (!copies && view.format == DIXION_FORMAT_UINT32)
      return bad_data(kSrc, view.address, "no mask: timing mode follows masks through DMA_COPY only");
    if (copies && made->request.kind == MaskKind::kTokens && made->copy == nullptr)
      return bad_data(kSrc, view.address, "no token list: timing mode copies no bytes");
  }
  return {};
}

void MaskStore::end_of_dma(const Command& command, const TensorView& to) {
  if (made_.empty()) return;
  auto copy = std::make_shared<Copy>();
  if (command.info->value == DIXION_OPCODE_DMA_COPY) {
    copy->from = command.operands[0];
    for (const Made* made : made_in(copy->from)) {
      if (!is_nobodys(*made)) copy->sources.push_back(*made);
    }
    // Back and forth, step by step: of the original, not of a chain of copies.
    if (copy->sources.size() == 1 && copy->sources[0].copy != nullptr &&
        same_place(copy->sources[0].view, copy->from)) {
      *copy = Copy(*copy->sources[0].copy);
    }
  }
  bool partly = false;
  for (const Made* made : made_in(to)) {
    if (is_inside(made->view, to)) {
      erase(*made);
    } else if (!is_nobodys(*made)) {
      partly = true;
    }
  }
  if (partly || !copy->sources.empty()) insert({{}, to, ++count_, std::move(copy)});
}

MaskRequest MaskStore::made_by(const Command& command, const MaskOperand& operand) const {
  MaskRequest request = request_of(command, operand);
  const auto running = running_.find(key_of(command));
  if (running != running_.end()) {
    request.ordinal = running->second.ordinal;
    request.site = running->second.site;
  }
  return request;
}

std::vector<const MaskStore::Made*> MaskStore::made_in(const TensorView& view) const {
  std::vector<const Made*> found;
  const std::uint64_t end = view.address + view.span_bytes();
  for (auto next = made_.lower_bound(end); next != made_.begin();) {
    const Made& made = (--next)->second;
    if (next->first + longest_ <= view.address) break;
    if (next->first + made.view.span_bytes() > view.address) found.push_back(&made);
  }
  return found;
}

const MaskStore::Made* MaskStore::at(std::uint64_t address) const {
  const Made* last = nullptr;
  for (auto found = made_.upper_bound(address); found != made_.begin();) {
    const Made& made = (--found)->second;
    if (address - found->first >= longest_) break;
    if (has_row(made, address) && (last == nullptr || made.number > last->number)) last = &made;
  }
  return last;
}

bool MaskStore::has_row(const Made& made, std::uint64_t address) {
  if (address - made.view.address >= made.view.span_bytes()) return false;
  return made.copy == nullptr || counterpart(made.view, made.copy->from, address);
}

MaskStore::Row MaskStore::original(const Made* made, std::uint64_t address) {
  while (made != nullptr && made->copy != nullptr) {
    address = *counterpart(made->view, made->copy->from, address);
    const Made* last = nullptr;
    for (const Made& source : made->copy->sources) {
      if (has_row(source, address) && (last == nullptr || source.number > last->number)) last = &source;
    }
    made = last;
  }
  return made == nullptr ? Row{} : Row{made, row_number(made->view, address)};
}

std::unique_ptr<MaskSource> MaskStore::mask(const Command& command, unsigned operand) const {
  if (selection_ == nullptr) return whole_mask(command, operand);
  const Command& whole = selection_->whole_;
  std::unique_ptr<MaskSource> mask = whole_mask(whole, operand);
  if (whole.operands[operand].address == command.operands[operand].address) return mask;
  return std::make_unique<Selected>(std::move(mask), whole, command, operand, selection_->rows_);
}

std::unique_ptr<MaskSource> MaskStore::whole_mask(const Command& command, unsigned operand) const {
  const MaskOperand* entry = mask_operand(command.info->value, operand);
  DIXION_CHECK(entry != nullptr, std::string(command.info->name) + " has no mask there");
  if (entry->made()) return supply_.mask(made_by(command, *entry));
  const TensorView& view = command.operands[operand];
  // One mask, the last of its range and all of it: the usual case.
  const auto next = made_.upper_bound(view.address);
  const Made* made = at(view.address);
  if (made != nullptr && made->copy == nullptr && same_place(made->view, view) &&
      next == made_.lower_bound(view.address + view.span_bytes())) {
    return supply_.mask(made->request);
  }
  MaskRequest nobody = request_of(command, *entry);
  nobody.tag = dixion_tag(0, dixion_tag_layer(command.tag), dixion_tag_operator(command.tag));
  return std::make_unique<Pieces>(*this, view, nobody);
}

}  // namespace dixion
