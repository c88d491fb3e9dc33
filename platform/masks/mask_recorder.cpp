// SPDX-License-Identifier: Apache-2.0
#include "platform/masks/mask_recorder.h"

#include <algorithm>
#include <cstring>

#include "models/common/check.h"
#include "models/common/mask_bits.h"
#include "models/common/tensor_io.h"

namespace dixion {

void MaskRecorder::event(const TraceEvent& event) {
  if (event.command == nullptr || first_mask_made(event.opcode) == nullptr) return;
  const Command& command = *event.command;
  const CommandKey key{command.queue, command.id, command.list_index};
  if (event.stage == Stage::kBegin) {
    running_[key] = ordinals_.next(event.opcode, event.tag);
  } else if (event.stage == Stage::kEnd) {
    const auto running = running_.find(key);
    DIXION_CHECK(running != running_.end(), "a command ended that did not begin");
    for (unsigned i = 0; i < command.info->operands.size() && event.demand != nullptr; ++i) {
      const MaskOperand* operand = mask_operand(event.opcode, i);
      if (operand != nullptr && operand->made() && command.operands[i]) record(command, *operand, running->second);
    }
    running_.erase(running);
  }
}

void MaskRecorder::record(const Command& command, const MaskOperand& operand, std::uint32_t ordinal) {
  MaskRequest request = request_of(command, operand);
  request.ordinal = ordinal;
  DIXION_CHECK(load_bytes(command.operands[operand.operand], memory_, bytes_), "a result lies in memory");
  std::vector<std::uint32_t> words(bytes_.size() / sizeof(std::uint32_t));
  std::memcpy(words.data(), bytes_.data(), bytes_.size());
  if (operand.kind == MaskKind::kTokens) {
    words = listed_tokens(words, request.rows, std::max(command.immediates[0], 1U), request.columns);
  }
  writer_.add(request, words);
}

std::vector<std::uint32_t> listed_tokens(const std::vector<std::uint32_t>& list, std::uint64_t samples,
                                         std::uint64_t branches, std::uint32_t tokens) {
  constexpr std::size_t kHead = 4;  // count, capacity, generation, 0
  std::vector<std::uint32_t> bits(samples * mask_words(tokens));
  for (std::size_t i = kHead; i < std::min<std::size_t>(list.size(), kHead + list[0]); ++i) {
    const std::uint64_t row = list[i] / tokens, token = list[i] % tokens;
    if (row % branches != 0 || row / branches >= samples) continue;
    bits[row / branches * mask_words(tokens) + token / kMaskWordBits] |= std::uint32_t{1} << token % kMaskWordBits;
  }
  return bits;
}

}  // namespace dixion
