// SPDX-License-Identifier: Apache-2.0
#include "models/common/mask_store.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "models/abi/tag.h"
#include "models/common/check.h"
#include "models/common/mask_bits.h"

namespace dixion {
namespace {

/// Address of one row, counted over all dimensions but the last.
std::uint64_t row_address(const TensorView& view, std::uint64_t number) {
  std::uint64_t address = view.address;
  for (unsigned d = view.rank - 1U; d-- > 0; number /= view.extent[d]) {
    address += number % view.extent[d] * view.stride[d];
  }
  return address;
}

/// Number of the row at `address`, which is one of the view's; strides fall.
std::uint64_t row_number(const TensorView& view, std::uint64_t address) {
  std::uint64_t offset = address - view.address, number = 0;
  for (unsigned d = 0; d + 1U < view.rank; ++d) {
    const std::uint64_t index = view.stride[d] == 0 ? 0 : offset / view.stride[d];
    offset -= index * view.stride[d];
    number = number * view.extent[d] + index;
  }
  return number;
}

}  // namespace

/// Row by row what was made at the row's address.
class MaskStore::Pieces final : public MaskSource {
 public:
  Pieces(const MaskStore& store, const TensorView& view, const MaskRequest& otherwise)
      : store_(store), view_(view), otherwise_(otherwise) {}
  void row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const override {
    const std::uint64_t address = row_address(view_, number);
    const Made* made = store_.at(address);
    source(made).row(made != nullptr ? row_number(made->view, address) : number, columns, words);
  }
  // As the first row's; other parts of a mask look otherwise.
  [[nodiscard]] bool stored() const override { return source(first()).stored(); }
  [[nodiscard]] std::uint64_t look() const override {
    const std::uint64_t row = first() == nullptr ? 0 : row_number(first()->view, view_.address);
    return source(first()).look() + (row << 40);
  }

 private:
  [[nodiscard]] const MaskSource& source(const Made* made) const {
    std::unique_ptr<MaskSource>& source = sources_[made];
    if (!source) source = store_.supply_.mask(made != nullptr ? made->request : otherwise_);
    return *source;
  }
  [[nodiscard]] const Made* first() const { return store_.at(view_.address); }

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
  if (first_mask_made(command.info->value) == nullptr) return;
  for (unsigned i = 0; i < command.info->operands.size() && !failed; ++i) {
    const MaskOperand* operand = mask_operand(command.info->value, i);
    if (operand == nullptr || !operand->made() || !command.operands[i]) continue;
    const TensorView& view = command.operands[i];
    const std::uint64_t bytes = view.span_bytes();
    for (auto old = made_.lower_bound(view.address); old != made_.end() && old->first < view.address + bytes;) {
      const bool replaced = old->first - view.address + old->second.view.span_bytes() <= bytes;
      old = replaced ? made_.erase(old) : std::next(old);
    }
    made_.emplace(view.address, Made{made_by(command, *operand), view, ++count_});
    longest_ = std::max(longest_, bytes);
  }
  running_.erase(key_of(command));
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

const MaskStore::Made* MaskStore::at(std::uint64_t address) const {
  const Made* last = nullptr;
  for (auto found = made_.upper_bound(address); found != made_.begin();) {
    const Made& made = (--found)->second;
    if (address - found->first >= longest_) break;
    if (address - found->first < made.view.span_bytes() && (last == nullptr || made.number > last->number))
      last = &made;
  }
  return last;
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
  if (made != nullptr && made->view.address == view.address && made->view.extent == view.extent &&
      made->view.stride == view.stride && next == made_.lower_bound(view.address + view.span_bytes())) {
    return supply_.mask(made->request);
  }
  MaskRequest nobody = request_of(command, *entry);
  nobody.tag = dixion_tag(0, dixion_tag_layer(command.tag), dixion_tag_operator(command.tag));
  return std::make_unique<Pieces>(*this, view, nobody);
}

}  // namespace dixion
