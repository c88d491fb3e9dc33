// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "host/device.h"
#include "host/host_status.h"

namespace dixion::host {

/// Platform-level interrupt controller (RISC-V PLIC specification 1.0): sources 1 to 95 with level gateways, priorities
/// 0 to 7. Context 2h is hart h's machine mode; context 2h + 1, its supervisor mode, has registers but no listener yet.
/// Omits: edge gateways.
class Plic final : public Device {
 public:
  static constexpr unsigned kSources = 96;  ///< with source 0, which does not exist

  /// `output(context, level)` is called when a context's line changes.
  Plic(unsigned harts, std::function<void(unsigned context, bool level)> output);

  DeviceStatus read(std::uint64_t offset, unsigned size, std::uint64_t& value) override;
  DeviceStatus write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
  DeviceStatus peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const override;

  /// Line of `source` (1 to 95). Takes effect with the next update().
  void set_level(unsigned source, bool level) { sources_[source].level = level; }
  /// Gateways look at their lines, in index order; then the outputs follow.
  void update();

  /// Sources with something to tell, ascending.
  [[nodiscard]] std::vector<SourceStatus> status() const;

 private:
  struct Source {
    bool level = false;
    bool pending = false;
    bool claimed = false;  // between claim and completion the gateway forwards nothing
    std::uint32_t priority = 0;
  };
  struct Context {
    std::vector<bool> enable = std::vector<bool>(kSources);
    std::uint32_t threshold = 0;
    bool output = false;
  };

  [[nodiscard]] unsigned best(const Context& context) const;  // source, 0 if none
  unsigned claim(Context& context);
  void complete(const Context& context, std::uint64_t source);

  std::vector<Source> sources_;
  std::vector<Context> contexts_;
  std::function<void(unsigned, bool)> output_;
};

}  // namespace dixion::host
