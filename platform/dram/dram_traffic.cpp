// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/dram_traffic.h"

namespace dixion {

StatisticsList DramTraffic::statistics(const std::string& prefix) const {
  StatisticsList list;
  for (unsigned i = 0; i < kRequesters; ++i) {
    const RequesterText text = requester_text(static_cast<Requester>(i));
    const std::string who = text.who;
    for (const bool write : {false, true}) {
      const Count& count = counts_[i][write ? 1 : 0];
      const std::string verb = write ? "write" : "read";
      const std::string name = prefix + "." + text.name + "." + verb;
      list.push_back({name + "_bytes", "bytes", "bytes moved by " + verb + " accesses of " + who, count.bytes});
      list.push_back({name + "_requests", "requests", verb + " accesses and streams of " + who, count.requests});
    }
  }
  return list;
}

}  // namespace dixion
