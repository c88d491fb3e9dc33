// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/kernel_time.h"
#include "platform/dram/dram_target.h"

namespace dixion {

namespace {

constexpr const char* kClocks = "dram_cycles";

void add_requester(StatisticsList& list, const std::string& name, const std::string& who,
                   const dram::SourceCounters& counters) {
  list.push_back({name + ".bursts", "bursts", "bursts of " + who, counters.reads + counters.writes});
  list.push_back({name + ".row_hits", "bursts", "bursts of " + who + " that found their row open", counters.hits});
  list.push_back(
      {name + ".row_opened", "bursts", "bursts of " + who + " that found their bank closed", counters.opened});
  list.push_back(
      {name + ".row_conflicts", "bursts", "bursts of " + who + " that closed another row first", counters.conflicts});
  Statistic latency{name + ".burst_latency", "bursts", "bursts of " + who + ", by the dram_cycles in the controller",
                    0};
  for (unsigned bucket = 0; bucket < dram::kLatencyBuckets; ++bucket) {
    if (counters.latency[bucket] == 0) continue;
    const bool last = bucket == dram::kLatencyBuckets - 1;  // holds all that take longer
    latency.value += counters.latency[bucket];
    latency.buckets.push_back({last ? ~std::uint64_t{0} : std::uint64_t{1} << bucket, counters.latency[bucket]});
  }
  list.push_back(latency);
}

}  // namespace

StatisticsList DramTarget::statistics(const std::string& prefix) {
  const Cycles now = clock_.cycle(ticks_now());
  const dram::CoreStatistics all = core_.settle(now);
  schedule();
  StatisticsList list = traffic_.statistics(prefix);
  const dram::CommandCounters& commands = all.commands;
  const std::uint64_t total = now * core_.map().channels();
  const std::uint64_t busy = (commands.reads + commands.writes) * core_.config().preset.timing.burst;
  list.push_back({prefix + ".activates", "commands", "rows opened", commands.activates});
  list.push_back({prefix + ".precharges", "commands", "rows closed", commands.precharges});
  list.push_back({prefix + ".reads", "commands", "read bursts", commands.reads});
  list.push_back({prefix + ".writes", "commands", "write bursts", commands.writes});
  list.push_back({prefix + ".refreshes", "commands", "refreshes of all banks of a channel", commands.refreshes});
  list.push_back({prefix + ".bank_refreshes", "commands", "refreshes of single banks", commands.bank_refreshes});
  list.push_back({prefix + ".cycles", kClocks, "clocks of all channels", total});
  list.push_back({prefix + ".busy_cycles", kClocks, "clocks in which data passed, over all channels", busy});
  list.push_back(
      {prefix + ".active_cycles", kClocks, "clocks with a row open, over all channels", commands.active_cycles});
  for (unsigned i = 0; i < kRequesters; ++i) {
    const RequesterText text = requester_text(static_cast<Requester>(i));
    add_requester(list, prefix + "." + text.name, text.who, all.requester[i]);
  }
  const StatisticsList waiting = waiting_.statistics(prefix);
  list.insert(list.end(), waiting.begin(), waiting.end());
  return list;
}

}  // namespace dixion
