// SPDX-License-Identifier: Apache-2.0
/// A memory that is as awkward as the standard allows: denies or takes back direct access, splits, delays, lets later
/// accesses overtake earlier ones, takes one at a time, fails. Checks what docs/integration.md promises of each access.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "models/interconnect/requester_extension.h"
#include "models/interconnect/stream_extension.h"

namespace dixion::test {

class ForeignMemory final : public sc_core::sc_module {
 public:
  enum class Dmi : std::uint8_t { kDenied, kReadOnly, kGranted };

  struct Options {
    std::uint64_t bytes = 1 << 20;
    Dmi dmi = Dmi::kDenied;
    bool streams = false;    ///< understands the stream extension
    std::uint64_t beat = 0;  ///< takes `latency` per so many bytes; 0: per access
    std::uint64_t latency_ns = 80;
    bool annotates = false;      ///< adds the time to the delay; else waits in the call
    bool overtakes = false;      ///< every other access takes four times as long
    bool one_at_a_time = false;  ///< later accesses wait until earlier ones are through
    std::uint64_t burst_limit = 256;
    std::uint64_t error_start = 0;  ///< accesses that touch [error_start, error_end) get `error`
    std::uint64_t error_end = 0;
    tlm::tlm_response_status error = tlm::TLM_GENERIC_ERROR_RESPONSE;
  };

  ForeignMemory(const sc_core::sc_module_name& name, const Options& options)
      : sc_module(name), options_(options), store_(1, std::vector<unsigned char>(options.bytes)) {
    store_.reserve(kStores);
    port.register_b_transport(this, &ForeignMemory::b_transport);
    port.register_transport_dbg(this, &ForeignMemory::transport_dbg);
    port.register_get_direct_mem_ptr(this, &ForeignMemory::get_direct_mem_ptr);
  }

  tlm_utils::simple_target_socket<ForeignMemory, 64> port{"port"};

  [[nodiscard]] unsigned char* data() { return store_.back().data(); }

  /// The contents move to other storage; who still uses the old pointer reads nonsense and writes into nothing.
  void move_away() {
    if (store_.size() == kStores) return;
    store_.push_back(store_.back());
    std::fill(store_[store_.size() - 2].begin(), store_[store_.size() - 2].end(), kStale);
    port->invalidate_direct_mem_ptr(0, options_.bytes - 1);
  }
  /// Nobody wrote through a pointer that was taken back.
  [[nodiscard]] bool old_storage_untouched() const {
    for (std::size_t i = 0; i + 1 < store_.size(); ++i) {
      for (const unsigned char byte : store_[i]) {
        if (byte != kStale) return false;
      }
    }
    return true;
  }
  [[nodiscard]] std::size_t moves() const { return store_.size() - 1; }

  struct StreamSeen {
    Requester requester;
    std::uint64_t command_id;
    bool write;
  };
  std::set<Requester> requesters;       ///< of ordinary accesses
  std::vector<StreamSeen> streams;      ///< those with time, not the questions before them
  std::vector<std::string> violations;  ///< of the contract
  unsigned accesses = 0;
  std::uint64_t longest = 0;  ///< bytes of one access
  unsigned overtaken = 0;     ///< accesses that ended after one that came later
  unsigned in_flight = 0;
  unsigned most_in_flight = 0;

 private:
  static constexpr std::size_t kStores = 64;
  static constexpr unsigned char kStale = 0xee;

  void check(const tlm::tlm_generic_payload& txn) {
    const auto expect = [&](bool holds, const char* rule) {
      if (!holds) violations.emplace_back(rule);
    };
    const std::uint64_t first = txn.get_address(), length = txn.get_data_length(), limit = options_.burst_limit;
    expect(txn.get_command() != tlm::TLM_IGNORE_COMMAND, "IGNORE to a target that acknowledged no stream");
    expect(length <= limit, "a burst is longer than burst_bytes");
    expect(first / limit == (first + length - 1) / limit, "a burst crosses a boundary of burst_bytes");
    expect(txn.get_streaming_width() == length, "streaming width is not the length");
    expect(txn.get_byte_enable_ptr() == nullptr, "byte enables are used");
  }

  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
    auto* extension = txn.get_extension<StreamExtension>();
    if (options_.streams && extension != nullptr) return stream(txn, *extension);
    check(txn);
    requesters.insert(requester_of(txn));
    const unsigned number = accesses++;
    longest = std::max<std::uint64_t>(longest, txn.get_data_length());
    most_in_flight = std::max(most_in_flight, ++in_flight);
    pass_time(txn.get_data_length(), number, delay);
    if (number < newest_ended_) ++overtaken;
    newest_ended_ = std::max(newest_ended_, number);
    answer(txn);
    --in_flight;
    free_.notify();
  }

  void pass_time(std::uint64_t length, unsigned number, sc_core::sc_time& delay) {
    while (options_.one_at_a_time && busy_) wait(free_);
    busy_ = true;
    const std::uint64_t beats = options_.beat == 0 ? 1 : (length + options_.beat - 1) / options_.beat;
    const std::uint64_t slow = options_.overtakes && number % 2 == 0 ? 4 : 1;
    const sc_core::sc_time time(static_cast<double>(beats * slow * options_.latency_ns), sc_core::SC_NS);
    if (options_.annotates) {
      delay += time;
    } else {
      wait(delay + time);
      delay = sc_core::SC_ZERO_TIME;
    }
    busy_ = false;
  }

  void answer(tlm::tlm_generic_payload& txn) {
    const std::uint64_t first = txn.get_address(), length = txn.get_data_length();
    if (first >= options_.bytes || length > options_.bytes - first) {
      txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (first < options_.error_end && first + length > options_.error_start) {
      txn.set_response_status(options_.error);
      return;
    }
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), data() + first, length);
    if (txn.is_write()) std::memcpy(data() + first, txn.get_data_ptr(), length);
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  void stream(tlm::tlm_generic_payload& txn, StreamExtension& extension) {
    extension.acknowledged = true;
    if (txn.get_command() != tlm::TLM_IGNORE_COMMAND) return answer(txn);  // the question whether it understands
    streams.push_back(
        {extension.requester, extension.command_id, extension.direction == StreamExtension::Direction::kWrite});
    wait(sc_core::sc_time(static_cast<double>(options_.latency_ns), sc_core::SC_NS));
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  unsigned transport_dbg(tlm::tlm_generic_payload& txn) {
    const std::uint64_t first = txn.get_address();
    if (first >= options_.bytes) return 0;
    const auto length = static_cast<unsigned>(std::min<std::uint64_t>(txn.get_data_length(), options_.bytes - first));
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), data() + first, length);
    if (txn.is_write()) std::memcpy(data() + first, txn.get_data_ptr(), length);
    return length;
  }

  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
    if (options_.dmi == Dmi::kDenied || txn.get_address() >= options_.bytes) return false;
    if (options_.dmi == Dmi::kReadOnly && txn.is_write()) return false;
    dmi.set_dmi_ptr(data());
    dmi.set_start_address(0);
    dmi.set_end_address(options_.bytes - 1);
    if (options_.dmi == Dmi::kReadOnly) {
      dmi.allow_read();
    } else {
      dmi.allow_read_write();
    }
    return true;
  }

  Options options_;
  std::vector<std::vector<unsigned char>> store_;
  sc_core::sc_event free_;
  bool busy_ = false;
  unsigned newest_ended_ = 0;
};

}  // namespace dixion::test
