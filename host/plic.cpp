// SPDX-License-Identifier: Apache-2.0
#include "host/plic.h"

#include <utility>

#include "models/abi/generated/plic_registers.h"

namespace dixion::host {
namespace {

constexpr std::uint32_t kMaxPriority = 7;
constexpr std::uint64_t kEnableStride = DIXION_PLIC_ENABLE0(1) - DIXION_PLIC_ENABLE0(0);
constexpr std::uint64_t kContextStride = DIXION_PLIC_THRESHOLD(1) - DIXION_PLIC_THRESHOLD(0);
constexpr std::uint64_t kClaimOffset = DIXION_PLIC_CLAIM(0) - DIXION_PLIC_THRESHOLD(0);

enum class Register : std::uint8_t { kPriority, kPending, kEnable, kThreshold, kClaim };

struct Place {
  Register which = Register::kPriority;
  std::size_t context = 0;
  std::size_t index = 0;  // source, or the first source of a word of bits
  DeviceStatus status = DeviceStatus::kNoRegister;
};

Place locate(std::uint64_t offset, unsigned size, std::size_t contexts) {
  Place place;
  if (offset < DIXION_PLIC_PRIORITY(Plic::kSources)) {
    place = {Register::kPriority, 0, offset / 4, DeviceStatus::kOk};
  } else if (offset >= DIXION_PLIC_PENDING(0) && offset < DIXION_PLIC_PENDING(Plic::kSources / 32)) {
    place = {Register::kPending, 0, (offset - DIXION_PLIC_PENDING(0)) * 8, DeviceStatus::kOk};
  } else if (offset >= DIXION_PLIC_ENABLE0(0) && offset < DIXION_PLIC_ENABLE0(contexts)) {
    const std::uint64_t within = (offset - DIXION_PLIC_ENABLE0(0)) % kEnableStride;
    place = {Register::kEnable, (offset - DIXION_PLIC_ENABLE0(0)) / kEnableStride, within * 8,
             within < Plic::kSources / 8 ? DeviceStatus::kOk : DeviceStatus::kNoRegister};
  } else if (offset >= DIXION_PLIC_THRESHOLD(0) && offset < DIXION_PLIC_THRESHOLD(contexts)) {
    const std::uint64_t within = (offset - DIXION_PLIC_THRESHOLD(0)) % kContextStride;
    place = {within < kClaimOffset ? Register::kThreshold : Register::kClaim,
             (offset - DIXION_PLIC_THRESHOLD(0)) / kContextStride, 0,
             within < kClaimOffset + 4 ? DeviceStatus::kOk : DeviceStatus::kNoRegister};
  }
  if (place.status == DeviceStatus::kOk && (size != 4 || offset % 4 != 0)) place.status = DeviceStatus::kSize;
  return place;
}

}  // namespace

Plic::Plic(unsigned harts, std::function<void(unsigned, bool)> output)
    : sources_(kSources), contexts_(2 * harts), output_(std::move(output)) {}

unsigned Plic::best(const Context& context) const {
  unsigned winner = 0;  // source 0 has priority 0, which never interrupts
  for (unsigned source = 1; source < kSources; ++source) {
    const Source& candidate = sources_[source];
    // Equal priorities: the lowest number wins.
    if (candidate.pending && context.enable[source] && candidate.priority > sources_[winner].priority) winner = source;
  }
  return winner;
}

void Plic::update() {
  for (Source& source : sources_) source.pending = source.pending || (source.level && !source.claimed);
  for (unsigned i = 0; i < contexts_.size(); ++i) {
    Context& context = contexts_[i];
    const bool level = sources_[best(context)].priority > context.threshold;
    if (level == context.output) continue;
    context.output = level;
    output_(i, level);
  }
}

// The threshold does not hold back a claim (specification, section 9).
unsigned Plic::claim(Context& context) {
  const unsigned source = best(context);
  if (source != 0) {
    sources_[source].pending = false;
    sources_[source].claimed = true;
  }
  return source;
}

// A completion of a source that is not enabled for the context is ignored (specification, section 10).
void Plic::complete(const Context& context, std::uint64_t source) {
  if (source != 0 && source < kSources && context.enable[source]) sources_[source].claimed = false;
}

DeviceStatus Plic::peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const {
  const Place place = locate(offset, size, contexts_.size());
  if (place.status != DeviceStatus::kOk) return place.status;
  value = 0;
  switch (place.which) {
    case Register::kPriority:
      value = sources_[place.index].priority;
      break;
    case Register::kThreshold:
      value = contexts_[place.context].threshold;
      break;
    case Register::kClaim:
      value = best(contexts_[place.context]);
      break;
    default:
      for (std::size_t bit = 0; bit < 32; ++bit) {
        const std::size_t source = place.index + bit;
        const bool set =
            place.which == Register::kPending ? sources_[source].pending : contexts_[place.context].enable[source];
        value |= static_cast<std::uint64_t>(set) << bit;
      }
  }
  return DeviceStatus::kOk;
}

DeviceStatus Plic::read(std::uint64_t offset, unsigned size, std::uint64_t& value) {
  const Place place = locate(offset, size, contexts_.size());
  if (place.status != DeviceStatus::kOk || place.which != Register::kClaim) return peek(offset, size, value);
  value = claim(contexts_[place.context]);
  update();
  return DeviceStatus::kOk;
}

DeviceStatus Plic::write(std::uint64_t offset, unsigned size, std::uint64_t value) {
  const Place place = locate(offset, size, contexts_.size());
  if (place.status != DeviceStatus::kOk) return place.status;
  switch (place.which) {
    case Register::kPriority:
      if (place.index != 0) sources_[place.index].priority = static_cast<std::uint32_t>(value) & kMaxPriority;
      break;
    case Register::kPending:
      return DeviceStatus::kReadOnly;
    case Register::kEnable:
      for (std::size_t bit = 0; bit < 32; ++bit) {
        if (place.index + bit != 0) contexts_[place.context].enable[place.index + bit] = ((value >> bit) & 1U) != 0;
      }
      break;
    case Register::kThreshold:
      contexts_[place.context].threshold = static_cast<std::uint32_t>(value) & kMaxPriority;
      break;
    case Register::kClaim:
      complete(contexts_[place.context], value);
      break;
  }
  update();
  return DeviceStatus::kOk;
}

std::vector<SourceStatus> Plic::status() const {
  std::vector<SourceStatus> list;
  for (unsigned i = 1; i < kSources; ++i) {
    const Source& source = sources_[i];
    if (!source.level && !source.pending && !source.claimed) continue;
    SourceStatus entry{i, source.level, source.pending, source.claimed, source.priority, 0};
    for (std::size_t hart = 0; hart < contexts_.size() / 2; ++hart) {
      entry.enabled_harts |= static_cast<std::uint64_t>(contexts_[2 * hart].enable[i]) << hart;
    }
    list.push_back(entry);
  }
  return list;
}

}  // namespace dixion::host
