// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm>

namespace dixion {

/// Attaches an extension that someone else owns for as long as this lives, also when the process is killed meanwhile:
/// the payload must not delete it.
template <typename Extension>
class AttachedExtension {
 public:
  AttachedExtension(tlm::tlm_generic_payload& txn, Extension& extension) : txn_(txn), extension_(extension) {
    txn_.set_extension(&extension_);
  }
  ~AttachedExtension() { txn_.clear_extension(&extension_); }
  AttachedExtension(const AttachedExtension&) = delete;
  AttachedExtension& operator=(const AttachedExtension&) = delete;

 private:
  tlm::tlm_generic_payload& txn_;
  Extension& extension_;
};

}  // namespace dixion
