// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>
#include <tlm>

#include "models/interconnect/requester.h"

namespace dixion {

/// Says who an ordinary access is for, by b_transport or in four phases; ignorable (IEEE 1666-2011 section 14.2.2).
/// The initiator attaches it, or a bus for initiators that do not.
struct RequesterExtension final : tlm::tlm_extension<RequesterExtension> {
  Requester requester = Requester::kOther;

  [[nodiscard]] tlm::tlm_extension_base* clone() const override { return new RequesterExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const RequesterExtension&>(other);
  }
};

/// Who an ordinary access is for, as far as it says.
[[nodiscard]] inline Requester requester_of(const tlm::tlm_generic_payload& txn) {
  const auto* extension = txn.get_extension<RequesterExtension>();
  return extension == nullptr ? Requester::kOther : extension->requester;
}

}  // namespace dixion
