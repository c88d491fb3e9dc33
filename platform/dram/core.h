// SPDX-License-Identifier: Apache-2.0
/// A DRAM of several channels without a simulation kernel: streams and ordinary accesses go in at a time, finish times
/// come out. Time is in command clocks.
///
/// Latency lies in front: what arrives at cycle t is given to its channels at t, and is finished when its last burst
/// has passed the data bus, counted from the column command. Whoever adds read or write latency (cl, cwl) adds it
/// before.
///
/// Channels run ahead as long as nothing arrives, to know when the next finish comes; an arrival takes them back. So
/// results depend on what arrives and when, not on when it is asked.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <queue>
#include <unordered_map>
#include <vector>

#include "models/interconnect/requester.h"
#include "platform/dram/lane.h"

namespace dixion::dram {

struct CoreConfig {
  Preset preset;
  MappingConfig mapping;
  ControllerConfig controller;
  std::uint64_t capacity_bytes = 256ULL << 20;  ///< addressable; at most what the channels hold
};

/// Throws ConfigError ("dram window", "dram mapping", "dram preset NAME", ...) for what cannot be.
void validate(const CoreConfig& config);

struct StreamRequest {
  std::uint64_t address = 0;
  StreamShape shape;
  std::uint64_t bytes = 0;  ///< over all passes
  bool write = false;
  std::uint64_t max_bytes_per_second = 0;  ///< what the requester can take; 0: no limit
  Requester requester = Requester::kOther;
};

/// All channels together, as of the last settle().
struct CoreStatistics {
  CommandCounters commands;
  std::array<SourceCounters, kRequesters> requester;
};

class Core {
 public:
  using Id = std::uint64_t;

  explicit Core(const CoreConfig& config);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  /// `at` never runs backwards over all calls of all functions. Addresses must lie below the capacity; bytes above 0.
  Id add_stream(Cycles at, const StreamRequest& request);
  Id add_access(Cycles at, std::uint64_t address, std::uint64_t bytes, bool write, Requester requester);
  /// An access from arrival to finish in one call: its channels run on to the finish, and what arrives before that time
  /// later is taken as arriving then. Without contention the same time as add_access().
  Cycles run_access(Cycles at, std::uint64_t address, std::uint64_t bytes, bool write, Requester requester);

  /// Next time at which advance() is to be called; kNothing if all is done.
  [[nodiscard]] Cycles next_event();
  void advance(Cycles to);
  /// As of the last advance.
  [[nodiscard]] bool done(Id id) const;
  [[nodiscard]] Cycles finish(Id id) const;  ///< of one that is done
  /// Finished or not; its bursts that wait already are still served.
  void remove(Cycles at, Id id);

  /// Brings all channels to `to` and sums up.
  CoreStatistics settle(Cycles to);
  [[nodiscard]] const AddressMap& map() const { return map_; }
  [[nodiscard]] const CoreConfig& config() const { return config_; }

  static constexpr Cycles kNothing = ~Cycles{0};

 private:
  struct Job;
  void bring(Lane& lane, Cycles to);
  void predict(Lane& lane);
  void harvest(Lane& lane, Cycles to);
  void take_served(Lane& lane);
  void part_done(Id id, Cycles finish, std::uint64_t parts);
  void begin_part(Lane& lane, Id id, const StreamCursor& cursor);
  void begin_parts(Lane& lane, Id id, Job& job);
  Lane& split(Lane& lane, std::vector<unsigned> members);
  Lane& alone(unsigned channel);
  void join();
  [[nodiscard]] std::uint32_t pace(const StreamRequest& request, const StreamPlan& plan) const;
  Id enter_access(Cycles at, std::uint64_t address, std::uint64_t bytes, bool write, Requester requester);

  CoreConfig config_;
  AddressMap map_;
  FastForward memory_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Lane*> lane_of_;  // by channel
  std::unordered_map<Id, std::unique_ptr<Job>> jobs_;
  using Finish = std::pair<Cycles, Id>;
  std::priority_queue<Finish, std::vector<Finish>, std::greater<>> finishes_;  // jobs with all parts through
  std::array<SourceCounters, kRequesters> ended_;  // of streams that are over, and what joined lanes had on their own
  std::array<SourceCounters, kRequesters> joined_requests_;
  CommandCounters joined_commands_;
  Cycles now_ = 0;
  std::uint32_t next_id_ = 0;
};

}  // namespace dixion::dram
