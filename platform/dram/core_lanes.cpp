// SPDX-License-Identifier: Apache-2.0
/// Which channels are simulated together.
#include <algorithm>

#include "platform/dram/core.h"
#include "platform/dram/core_job.h"

namespace dixion::dram {

namespace {

/// (a - b) * times, added to a sum; differences may be negative, sums are right modulo 2^64.
template <typename Counters>
void add_difference(Counters& sum, Counters a, const Counters& b, std::uint64_t times) {
  a -= b;
  sum.add(a, times);
}

}  // namespace

// Takes `members` out of `lane`, which stands and keeps others.
Lane& Core::split(Lane& lane, std::vector<unsigned> members) {
  lanes_.push_back(std::make_unique<Lane>(lane));
  Lane& apart = *lanes_.back();
  std::erase_if(lane.members, [&](unsigned member) { return std::ranges::find(members, member) != members.end(); });
  for (const unsigned member : members) lane_of_[member] = &apart;
  apart.members = std::move(members);
  return apart;
}

Lane& Core::alone(unsigned channel) {
  Lane& lane = *lane_of_[channel];
  return lane.members.size() == 1 ? lane : split(lane, {channel});
}

// All lanes stand. Those that have become equal go on as one; what they counted differently is put aside.
void Core::join() {
  if (lanes_.size() == 1) return;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = *lanes_[i];
    for (std::size_t j = lanes_.size() - 1; j > i; --j) {
      Lane& other = *lanes_[j];
      if (!lane.equals(other)) continue;
      const std::uint64_t times = other.members.size();
      const ChannelState& a = other.channel.state();
      const ChannelState& b = lane.channel.state();
      add_difference(joined_commands_, a.commands, b.commands, times);
      for (unsigned k = 0; k < kRequesters; ++k)
        add_difference(joined_requests_[k], a.requests[k], b.requests[k], times);
      for (unsigned slot = 0; slot < kMaxStreams; ++slot) {
        if (!a.stream[slot].used) continue;
        const Requester requester = jobs_.at(lane.owner[slot])->requester;
        add_difference(ended_[static_cast<unsigned>(requester)], a.stream[slot].counters, b.stream[slot].counters,
                       times);
      }
      for (const unsigned member : other.members) lane_of_[member] = &lane;
      lane.members.insert(lane.members.end(), other.members.begin(), other.members.end());
      lanes_.erase(lanes_.begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

// The stream begins in all channels of the lane, which is split by what they see of it.
void Core::begin_parts(Lane& lane, Id id, Job& job) {
  struct Group {
    StreamCursor cursor;
    std::vector<unsigned> members;
  };
  std::vector<Group> groups;
  for (const unsigned member : lane.members) {
    const StreamCursor cursor(*job.plan, member);
    const auto same = std::ranges::find_if(groups, [&](const Group& group) {
      if (cursor.exhausted || group.cursor.exhausted) return cursor.exhausted == group.cursor.exhausted;
      return job.plan->equal_passes() && cursor.local == group.cursor.local && cursor.end == group.cursor.end;
    });
    if (same != groups.end()) {
      same->members.push_back(member);
    } else {
      groups.push_back({cursor, {member}});
    }
  }
  // Before the first part begins: all groups start from the same state.
  std::vector<Lane*> parts;
  for (std::size_t i = 1; i < groups.size(); ++i) parts.push_back(&split(lane, std::move(groups[i].members)));
  parts.insert(parts.begin(), &lane);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].cursor.exhausted) continue;
    job.parts += parts[i]->members.size();
    begin_part(*parts[i], id, groups[i].cursor);
  }
}

}  // namespace dixion::dram
