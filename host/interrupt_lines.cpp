// SPDX-License-Identifier: Apache-2.0
#include "host/interrupt_lines.h"

#include <string>

#include "models/common/check.h"

namespace dixion::host {

InterruptLines::InterruptLines(const sc_core::sc_module_name& name, Plic& plic)
    : sc_module(name), plic_(plic), levels_(Plic::kSources) {
  SC_HAS_PROCESS(InterruptLines);
  SC_METHOD(decide);
  sensitive << changed_;
  dont_initialize();
}

void InterruptLines::set_level(unsigned line, bool level) {
  DIXION_CHECK(line > 0 && line < Plic::kSources, "interrupt line " + std::to_string(line));
  if (levels_[line] == level) return;
  levels_[line] = level;
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void InterruptLines::decide() {
  for (unsigned line = 1; line < Plic::kSources; ++line) plic_.set_level(line, levels_[line]);
  plic_.update();
}

}  // namespace dixion::host
