// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <systemc>

#include "host/plic.h"
#include "models/common/interrupt_sink.h"

namespace dixion::host {

/// The PLIC's source lines. Levels are collected and decided one delta cycle later in index order, so that lines which
/// change at the same time give the same result whatever order the kernel runs their owners in.
class InterruptLines final : public sc_core::sc_module, public InterruptSink {
 public:
  InterruptLines(const sc_core::sc_module_name& name, Plic& plic);

  void set_level(unsigned line, bool level) override;

 private:
  void decide();

  Plic& plic_;
  std::vector<bool> levels_;
  sc_core::sc_event changed_;
};

}  // namespace dixion::host
