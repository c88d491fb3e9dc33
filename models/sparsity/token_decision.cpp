// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/token_decision.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <span>

#include "models/common/command_check.h"
#include "models/common/mask_bits.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/sparsity/token_decision_timing.h"

namespace dixion {
namespace {

constexpr unsigned kLatent = 0, kPrevious = 1, kList = 2;      // operands
constexpr unsigned kBranches = 0, kThreshold = 1, kShare = 2;  // immediates
constexpr std::uint32_t kHeaderWords = 4;                      // count, capacity, generation, 0
constexpr std::uint32_t kGenerationWord = 2;
constexpr std::uint32_t kOne = 65536;  // share of all tokens
constexpr std::uint32_t kMostChannels = 8192;
constexpr std::uint32_t kMostBranches = 256;

/// Decisions made into this list so far.
bool load_generation(const Command& command, MemoryAccess& memory, std::uint32_t& generation) {
  const TensorView& list = command.operands[kList];
  return memory.read(list.address + kGenerationWord * list.stride[0], &generation, sizeof generation);
}

TokenSettings settings_of(const Command& command) {
  return {command.immediates[kThreshold], command.immediates[kShare]};
}

}  // namespace

TokenDecision::TokenDecision(const AcceleratorConfig& config, const MaskStore* masks)
    : config_(config),
      masks_(masks),
      rule_(make_token_rule("accelerator.token_rule", config.token_rule)),
      made_up_(config.mask_seed) {}

CommandError TokenDecision::check(const Command& command) {
  CommandCheck check(command);
  const TensorView& latent = command.operands[kLatent];
  for (const unsigned i : {kLatent, kPrevious}) check.format(i, {DIXION_FORMAT_INT32});
  check.rank(kLatent, 3, 3).same_shape(kPrevious, kLatent).extent_at_most(kLatent, 0, kMostChannels);
  check.format(kList, {DIXION_FORMAT_UINT32}).rank(kList, 1, 1);
  const std::uint32_t branches = command.immediates[kBranches], share = command.immediates[kShare];
  check.require(branches >= 1 && branches <= kMostBranches, DIXION_CAUSE_BAD_IMMEDIATE,
                DIXION_FIELD_IMMEDIATE0 + kBranches, branches, "1 to 256 branches");
  check.require(share <= kOne, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kShare, share,
                "a share of at most 65536");
  const std::uint64_t rows = std::uint64_t{latent.extent[0]} * latent.extent[1] * branches;
  const std::uint64_t words = command.operands[kList].extent[0];
  check.require(
      words >= rows + kHeaderWords, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + kList, words,
      "at least " + std::to_string(rows + kHeaderWords) + " words: the header and all tokens of all branches");
  return check.error();
}

Demand TokenDecision::demand(const Command& command) const {
  const TensorView& latent = command.operands[kLatent];
  Demand demand;
  demand.compute =
      token_decision_cycles(config_, latent.extent[0], latent.extent[1], latent.extent[2],
                            command.immediates[kShare] != 0, static_cast<unsigned>(std::popcount(command.cores)));
  demand.transfers = transfers_of(command);
  return demand;
}

CommandError TokenDecision::execute(const Command& command, MemoryAccess& memory, Result& result) const {
  const TensorView& latent = command.operands[kLatent];
  std::vector<std::int32_t> now, before;
  std::uint32_t generation = 0;
  if (!load_values(latent, memory, now)) return unreadable(command, kLatent);
  if (!load_values(command.operands[kPrevious], memory, before)) return unreadable(command, kPrevious);
  if (!load_generation(command, memory, generation)) return unreadable(command, kList);
  const std::size_t channels = latent.extent[2];
  std::vector<std::uint64_t> changes(now.size() / channels, 0);
  for (std::size_t i = 0; i < now.size(); ++i) {
    changes[i / channels] += static_cast<std::uint64_t>(std::abs(std::int64_t{now[i]} - before[i]));
  }
  return list(command, decide(command, changes, settings_of(command)), generation, result);
}

CommandError TokenDecision::plan(const Command& command, MemoryAccess& memory, Result& result) const {
  const TensorView& latent = command.operands[kLatent];
  std::uint32_t generation = 0;
  if (!load_generation(command, memory, generation)) return unreadable(command, kList);
  const std::unique_ptr<MaskSource> known = masks_ != nullptr ? masks_->mask(command, kList) : nullptr;
  if (known != nullptr) {
    std::vector<bool> active;
    std::vector<std::uint32_t> words(mask_words(latent.extent[1]));
    for (std::uint32_t sample = 0; sample < latent.extent[0]; ++sample) {
      known->row(sample, latent.extent[1], words.data());
      for (std::size_t t = 0; t < latent.extent[1]; ++t) {
        active.push_back((words[t / kMaskWordBits] >> t % kMaskWordBits & 1U) != 0);
      }
    }
    return list(command, active, generation, result);
  }
  TokenSettings settings = settings_of(command);
  if (config_.token_share > 0) settings = {0, static_cast<std::uint32_t>(std::lround(kOne * config_.token_share))};
  std::vector<std::uint64_t> changes;
  for (std::uint32_t sample = 0; sample < latent.extent[0]; ++sample) {
    const std::vector<std::uint64_t> made_up = made_up_.changes(sample, generation, latent.extent[1]);
    changes.insert(changes.end(), made_up.begin(), made_up.end());
  }
  return list(command, decide(command, changes, settings), generation, result);
}

std::vector<bool> TokenDecision::decide(const Command& command, const std::vector<std::uint64_t>& changes,
                                        const TokenSettings& settings) const {
  const TensorView& latent = command.operands[kLatent];
  const std::uint32_t tokens = latent.extent[1];
  std::vector<bool> active;
  for (std::uint32_t sample = 0; sample < latent.extent[0]; ++sample) {
    const std::span<const std::uint64_t> own(changes.data() + std::size_t{sample} * tokens, tokens);
    const std::vector<bool> decided = rule_->active(own, settings);
    active.insert(active.end(), decided.begin(), decided.end());
  }
  return active;
}

CommandError TokenDecision::list(const Command& command, const std::vector<bool>& active, std::uint32_t generation,
                                 Result& result) const {
  const TensorView& latent = command.operands[kLatent];
  const std::uint32_t tokens = latent.extent[1], branches = command.immediates[kBranches];
  std::vector<std::uint32_t> words{0, command.operands[kList].extent[0] - kHeaderWords, generation + 1, 0};
  for (std::uint32_t sample = 0; sample < latent.extent[0]; ++sample) {
    for (std::uint32_t branch = 0; branch < branches; ++branch) {
      for (std::uint32_t t = 0; t < tokens; ++t) {
        if (active[std::size_t{sample} * tokens + t]) words.push_back((sample * branches + branch) * tokens + t);
      }
    }
  }
  words[0] = static_cast<std::uint32_t>(words.size()) - kHeaderWords;

  TensorView written = command.operands[kList];
  written.extent[0] = static_cast<std::uint32_t>(words.size());
  std::memcpy(add_result(result, written).bytes.data(), words.data(), words.size() * sizeof(std::uint32_t));
  result.demand = demand(command);
  result.demand->transfers[kList].view = written;
  result.demand->mask.tokens = std::uint64_t{latent.extent[0]} * branches * tokens;
  result.demand->mask.active_tokens = words[0];
  return {};
}

}  // namespace dixion
