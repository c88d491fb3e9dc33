// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <systemc>
#include <tlm>

namespace dixion {

/// Performs an ordinary transaction on `size` bytes at `data` (transaction addresses from 0) and sets its response:
/// address error outside, burst error for a streaming width below the length, otherwise OK. Byte enables are obeyed;
/// TLM_IGNORE_COMMAND moves nothing.
void access_memory(tlm::tlm_generic_payload& txn, unsigned char* data, std::uint64_t size);

/// The same for transport_dbg: as many bytes as lie inside; byte enables are ignored, as the standard says.
unsigned debug_memory(tlm::tlm_generic_payload& txn, unsigned char* data, std::uint64_t size);

}  // namespace dixion
