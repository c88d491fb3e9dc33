// SPDX-License-Identifier: Apache-2.0
#include "host/host_status.h"

#include <array>
#include <sstream>
#include <utility>

namespace dixion::host {
namespace {

constexpr std::array<std::pair<unsigned, const char*>, 3> kLocalInterrupts = {
    {{3, "software"}, {7, "timer"}, {11, "external"}}};

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string describe_hart(const HartStatus& hart) {
  std::ostringstream line;
  line << "hart " << hart.hart << ": ";
  switch (hart.activity) {
    case HartActivity::kRunning:
      line << "running";
      break;
    case HartActivity::kWaiting:
      line << "waits in wfi";
      break;
    case HartActivity::kStopped:
      line << "stopped";
      break;
  }
  line << " at pc 0x" << std::hex << hart.pc << std::dec;
  std::vector<std::string> enabled;
  std::vector<std::string> masked;
  for (const auto& [bit, name] : kLocalInterrupts) {
    if (((hart.mie >> bit) & 1U) != 0) enabled.emplace_back(name);
    if (((hart.mip & ~hart.mie) >> bit & 1U) != 0) masked.emplace_back(name);
  }
  line << (enabled.empty() ? "; no interrupt enabled in mie" : "; enabled in mie: " + join(enabled));
  if (!hart.interrupts_enabled) line << "; mstatus.MIE is 0";
  line << (hart.timer_armed ? "; timer armed" : "; no timer armed");
  if (!masked.empty()) line << "; pending but masked by mie: " << join(masked);
  return line.str();
}

std::string describe_source(const SourceStatus& source) {
  std::ostringstream line;
  line << "interrupt " << source.source << ": line " << (source.level ? "high" : "low");
  if (source.pending) line << ", pending at the PLIC";
  if (source.claimed) line << ", claimed and not completed";
  if (source.pending && source.priority == 0) line << ", masked: priority 0";
  if (source.pending && source.enabled_harts == 0) line << ", masked: enabled for no hart";
  return line.str();
}

}  // namespace

std::vector<std::string> describe(const HostStatus& status) {
  std::vector<std::string> lines;
  for (const HartStatus& hart : status.harts) lines.push_back(describe_hart(hart));
  for (const SourceStatus& source : status.sources) lines.push_back(describe_source(source));
  return lines;
}

}  // namespace dixion::host
