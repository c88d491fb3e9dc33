// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/core.h"

#include <algorithm>

#include "models/common/check.h"
#include "platform/dram/core_job.h"

namespace dixion::dram {

namespace {

constexpr Cycles kFar = Core::kNothing / 4;
constexpr Cycles kLongestLook = 16'777'216;
constexpr std::uint64_t kRunsCounted = 4'096;

__extension__ using Wide = unsigned __int128;

}  // namespace

void validate(const CoreConfig& config) {
  validate(config.preset);
  const AddressMap map(config.preset.geometry, config.mapping);
  const auto refuse = [](const std::string& key, const std::string& reason) {
    throw ConfigError("dram " + key, reason);
  };
  const unsigned window = config.controller.window;
  if (window == 0 || window > kMaxWindow) refuse("window", std::to_string(window) + " is outside 1 to 64");
  if (config.controller.starvation_limit == 0) refuse("starvation_limit", "must be at least 1");
  if (config.capacity_bytes == 0 || config.capacity_bytes > map.capacity_bytes()) {
    refuse("capacity_bytes", std::to_string(config.capacity_bytes) + " is outside 1 to " +
                                 std::to_string(map.capacity_bytes()) + ", what " + std::to_string(map.channels()) +
                                 " channels of " + config.preset.name + " hold");
  }
}

Core::Core(const CoreConfig& config)
    : config_((validate(config), config)),
      map_(config.preset.geometry, config.mapping),
      memory_(
          config.preset.geometry.banks(), config.preset.geometry.bank_groups,
          config.controller.refresh == RefreshMode::kPerBank
              ? config.preset.geometry.banks() / config.preset.geometry.banks_per_refresh
              : 1,
          config.controller.refresh == RefreshMode::kPerBank ? config.preset.refi_bank() : config.preset.timing.refi) {
  lanes_.push_back(std::make_unique<Lane>(Channel(config_.preset, config_.controller, map_, &memory_)));
  for (unsigned i = 0; i < map_.channels(); ++i) lanes_.front()->members.push_back(i);
  lane_of_.assign(map_.channels(), lanes_.front().get());
}

Core::~Core() = default;

// To `to` and no further, if that is still possible, with all that came to an end until then taken note of.
void Core::bring(Lane& lane, Cycles to) {
  if (lane.ahead && lane.channel.state().now > to) {
    lane.channel.restore(lane.saved);
    lane.look = Lane::kShortestLook;
  }
  lane.ahead = false;
  lane.known = false;
  if (lane.channel.state().now < to) lane.channel.run(to, false);
  lane.channel.drop_entered_requests();
  harvest(lane, to);
}

void Core::take_served(Lane& lane) {
  for (const Channel::Served& served : lane.channel.served()) part_done(served.request, served.finish, 1);
  lane.channel.served().clear();
}

void Core::harvest(Lane& lane, Cycles to) {
  take_served(lane);
  for (unsigned slot = 0; slot < kMaxStreams; ++slot) {
    const StreamSlot& stream = lane.channel.state().stream[slot];
    if (!stream.used || !stream.finished || stream.finish > to) continue;
    const Id id = lane.owner[slot];
    const Cycles finish = stream.finish;
    ended_[static_cast<unsigned>(jobs_.at(id)->requester)].add(lane.channel.remove_stream(slot), lane.members.size());
    part_done(id, finish, lane.members.size());
  }
  while (!lane.waiting.empty()) {
    const Lane::Waiting next = lane.waiting.front();
    const std::size_t before = lane.waiting.size();
    lane.waiting.pop_front();
    begin_part(lane, next.id, next.cursor);
    if (lane.waiting.size() == before) {  // put back: no slot
      std::rotate(lane.waiting.rbegin(), lane.waiting.rbegin() + 1, lane.waiting.rend());
      break;
    }
  }
}

void Core::part_done(Id id, Cycles finish, std::uint64_t parts) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;  // nobody waits any more
  Job& job = *found->second;
  job.finish = std::max(job.finish, finish);
  job.parts -= parts;
  if (job.parts == 0 && !job.silent) finishes_.emplace(job.finish, id);
}

void Core::begin_part(Lane& lane, Id id, const StreamCursor& cursor) {
  const Job& job = *jobs_.at(id);
  const unsigned slot = lane.channel.add_stream(cursor, job.write, job.pace_64ths);
  if (slot == kMaxStreams) {
    lane.waiting.push_back({id, cursor});
  } else {
    lane.owner[slot] = id;
  }
}

// The requester takes its bytes evenly: what the channel with most of them holds, spread over its own duration. One
// that could take what all channels give together is never late.
std::uint32_t Core::pace(const StreamRequest& request, const StreamPlan& plan) const {
  const std::uint64_t clock = config_.preset.clock_hz;
  const Wide rate = request.max_bytes_per_second;
  const Wide slowest = Wide{config_.preset.timing.ccd_s} * 64;
  const Wide atom_of_each = Wide{map_.channels()} * map_.atom_bytes();
  if (rate == 0 || rate * config_.preset.timing.ccd_s >= atom_of_each * clock) return 0;
  std::uint64_t runs = 1;
  for (unsigned i = 0; i < plan.rank; ++i) runs *= plan.count[i];
  Wide most = 0;
  for (unsigned channel = 0; channel < map_.channels(); ++channel) {
    StreamCursor walk(plan, channel);
    std::uint64_t atoms = 0;
    while (!walk.exhausted && walk.runs < kRunsCounted) {
      atoms += walk.end - walk.local;
      walk.local = walk.end - 1;
      walk.advance();
    }
    const std::uint64_t counted = std::min(std::max<std::uint64_t>(walk.runs + (walk.exhausted ? 1 : 0), 1), runs);
    most = std::max(most, Wide{atoms} * runs / counted);
  }
  const Wide distance = most == 0 ? Wide{0} : Wide{request.bytes} * clock * 64 / (rate * most);
  return distance <= slowest ? 0 : static_cast<std::uint32_t>(std::min(distance, Wide{1} << 31));
}

Core::Id Core::add_stream(Cycles at, const StreamRequest& request) {
  DIXION_CHECK(request.bytes != 0 && request.shape.run_bytes != 0, "a stream of nothing");
  now_ = std::max(now_, at);
  const Id id = next_id_++;
  auto job = std::make_unique<Job>();
  job->plan = std::make_unique<StreamPlan>(map_, request.address, request.shape, request.bytes);
  job->write = request.write;
  job->requester = request.requester;
  job->pace_64ths = pace(request, *job->plan);
  job->finish = at;
  if (request.max_bytes_per_second != 0) {
    const Wide cycles = Wide{request.bytes} * config_.preset.clock_hz;
    job->finish += static_cast<Cycles>((cycles + request.max_bytes_per_second - 1) / request.max_bytes_per_second);
  }
  Job& entered = *jobs_.emplace(id, std::move(job)).first->second;
  entered.parts = 1;  // until all channels know of it
  for (const std::unique_ptr<Lane>& lane : lanes_) bring(*lane, at);
  join();
  const std::size_t lanes = lanes_.size();  // those split off have been served
  for (std::size_t i = 0; i < lanes; ++i) begin_parts(*lanes_[i], id, entered);
  part_done(id, at, 1);
  return id;
}

Core::Id Core::enter_access(Cycles at, std::uint64_t address, std::uint64_t bytes, bool write, Requester requester) {
  DIXION_CHECK(bytes != 0, "an access to nothing");
  now_ = std::max(now_, at);
  const Id id = next_id_++;
  auto job = std::make_unique<Job>();
  job->write = write;
  job->requester = requester;
  const std::uint64_t first = address / map_.atom_bytes();
  const std::uint64_t last = (address + bytes - 1) / map_.atom_bytes();
  job->parts = last - first + 1;
  jobs_.emplace(id, std::move(job));
  Lane* brought = nullptr;
  for (std::uint64_t atom = first; atom <= last; ++atom) {
    const unsigned channel = map_.channel(atom);
    if (lane_of_[channel] != brought) {
      bring(*lane_of_[channel], at);
      brought = &alone(channel);
    }
    brought->channel.add_request(
        {static_cast<std::uint32_t>(id), map_.locate(map_.local(atom, channel)), at, write, requester});
  }
  return id;
}

Core::Id Core::add_access(Cycles at, std::uint64_t address, std::uint64_t bytes, bool write, Requester requester) {
  return enter_access(at, address, bytes, write, requester);
}

Cycles Core::run_access(Cycles at, std::uint64_t address, std::uint64_t bytes, bool write, Requester requester) {
  const Id id = enter_access(at, address, bytes, write, requester);
  Job& job = *jobs_.at(id);
  job.silent = true;
  const std::uint64_t last = (address + bytes - 1) / map_.atom_bytes();
  for (std::uint64_t atom = address / map_.atom_bytes(); atom <= last && job.parts != 0; ++atom) {
    Lane& lane = *lane_of_[map_.channel(atom)];
    while (job.parts != 0 && lane.channel.serves_accesses()) {
      lane.channel.run(kFar, true);
      take_served(lane);
    }
  }
  const Cycles finish = job.finish;
  jobs_.erase(id);
  return finish;
}

void Core::predict(Lane& lane) {
  lane.known = true;
  lane.stop = kNothing;
  for (const StreamSlot& stream : lane.channel.state().stream) {
    if (stream.used && stream.finished) lane.stop = std::min(lane.stop, stream.finish);
  }
  if (lane.stop != kNothing || !lane.channel.busy()) return;
  lane.saved = lane.channel.state();
  lane.ahead = true;
  const Cycles until = std::max(lane.channel.state().now, now_) + lane.look;
  if (!lane.channel.run(until, true)) {
    lane.stop = until;
    lane.look = std::min(lane.look * 2, kLongestLook);
    return;
  }
  for (const StreamSlot& stream : lane.channel.state().stream) {
    if (stream.used && stream.finished) lane.stop = std::min(lane.stop, stream.finish);
  }
  for (const Channel::Served& served : lane.channel.served()) lane.stop = std::min(lane.stop, served.finish);
}

Cycles Core::next_event() {
  while (!finishes_.empty() && !jobs_.contains(finishes_.top().second)) finishes_.pop();
  Cycles next = finishes_.empty() ? kNothing : finishes_.top().first;
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    if (!lane->known) predict(*lane);
    next = std::min(next, lane->stop);
  }
  return next;
}

void Core::advance(Cycles to) {
  now_ = std::max(now_, to);
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    if (!lane->known) predict(*lane);
    while (lane->stop <= to) {
      lane->ahead = false;
      lane->channel.drop_entered_requests();
      harvest(*lane, to);
      predict(*lane);
    }
  }
  while (!finishes_.empty() && finishes_.top().first <= to) finishes_.pop();
}

bool Core::done(Id id) const {
  const Job& job = *jobs_.at(id);
  return job.parts == 0 && job.finish <= now_;
}

Cycles Core::finish(Id id) const { return jobs_.at(id)->finish; }

void Core::remove(Cycles at, Id id) {
  if (jobs_.at(id)->parts != 0) {
    for (const std::unique_ptr<Lane>& lane : lanes_) {
      bring(*lane, at);
      std::erase_if(lane->waiting, [id](const Lane::Waiting& waiting) { return waiting.id == id; });
      for (unsigned slot = 0; slot < kMaxStreams; ++slot) {
        if (!lane->channel.state().stream[slot].used || lane->owner[slot] != id) continue;
        ended_[static_cast<unsigned>(jobs_.at(id)->requester)].add(lane->channel.remove_stream(slot),
                                                                   lane->members.size());
      }
    }
  }
  jobs_.erase(id);
}

CoreStatistics Core::settle(Cycles to) {
  now_ = std::max(now_, to);
  CoreStatistics sum;
  sum.commands = joined_commands_;
  for (const std::unique_ptr<Lane>& lane : lanes_) {
    bring(*lane, to);
    const ChannelState& state = lane->channel.state();
    const std::uint64_t times = lane->members.size();
    sum.commands.add(state.commands, times);
    for (unsigned i = 0; i < kRequesters; ++i) sum.requester[i].add(state.requests[i], times);
    for (unsigned slot = 0; slot < kMaxStreams; ++slot) {
      const StreamSlot& stream = state.stream[slot];
      if (!stream.used) continue;
      sum.requester[static_cast<unsigned>(jobs_.at(lane->owner[slot])->requester)].add(stream.counters, times);
    }
  }
  // What ended while settling counts once.
  for (unsigned i = 0; i < kRequesters; ++i) {
    sum.requester[i] += ended_[i];
    sum.requester[i] += joined_requests_[i];
  }
  return sum;
}

}  // namespace dixion::dram
