// SPDX-License-Identifier: Apache-2.0
// Someone else's application: C++17, SystemC and dixion::dram, nothing more. A traffic generator writes, reads back,
// and sends a stream. Exit status 0 if bytes, times and statistics are right.
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/interconnect/requester_extension.h"
#include "models/interconnect/stream_extension.h"
#include "platform/dram/dram_system.h"

static_assert(__cplusplus < 202002L, "this application is C++17");

namespace {

constexpr std::uint64_t kStreamBytes = 1 << 20;

struct Generator : sc_core::sc_module {
  explicit Generator(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Generator);
    SC_THREAD(drive);
  }

  void access(tlm::tlm_command command, std::uint64_t address, std::uint64_t& value) {
    tlm::tlm_generic_payload txn;
    txn.set_command(command);
    txn.set_address(address);
    txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    txn.set_data_length(sizeof value);
    txn.set_streaming_width(sizeof value);
    dixion::RequesterExtension who;
    who.requester = dixion::Requester::kHart;
    txn.set_extension(&who);
    sc_core::sc_time delay;
    socket->b_transport(txn, delay);
    txn.clear_extension(&who);
    wait(delay);
    if (!txn.is_response_ok()) ++mistakes;
  }

  void drive() {
    std::uint64_t value = 0x0123456789abcdef;
    access(tlm::TLM_WRITE_COMMAND, 4096, value);
    value = 0;
    access(tlm::TLM_READ_COMMAND, 4096, value);
    if (value != 0x0123456789abcdef) ++mistakes;

    dixion::StreamExtension stream;
    stream.shape.run_bytes = stream.total_bytes = kStreamBytes;
    stream.requester = dixion::Requester::kDma;
    unsigned char beat[8] = {};
    tlm::tlm_generic_payload txn;
    txn.set_command(tlm::TLM_IGNORE_COMMAND);
    txn.set_data_ptr(beat);
    txn.set_data_length(sizeof beat);
    txn.set_streaming_width(sizeof beat);
    txn.set_extension(&stream);
    sc_core::sc_time delay;
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    socket->b_transport(txn, delay);
    txn.clear_extension(&stream);
    stream_time = sc_core::sc_time_stamp() - begin;
    if (!txn.is_response_ok() || !stream.acknowledged) ++mistakes;
    done = true;
  }

  tlm_utils::simple_initiator_socket<Generator, 64> socket{"socket"};
  sc_core::sc_time stream_time;
  int mistakes = 0;
  bool done = false;
};

bool refuses_bad_configuration() {
  dixion::DramSystemConfig config;
  config.preset = "SDR-133";
  try {
    dixion::DramSystem::validate(config);
  } catch (const std::runtime_error&) {
    return true;
  }
  return false;
}

}  // namespace

int sc_main(int, char**) {
  if (!refuses_bad_configuration()) return 1;
  dixion::DramSystemConfig config;
  config.preset = "HBM2-2000";
  config.channels = 8;
  dixion::DramSystem dram("dram", config);
  Generator generator("generator");
  generator.socket.bind(dram.port);
  sc_core::sc_start();
  std::uint64_t hart_requests = 0;
  for (const dixion::Statistic& each : dram.statistics("dram")) {
    if (each.name == "dram.hart.access_latency") hart_requests = each.value;
  }
  // 8 channels of 16 GB/s: 8,192 ns, and no more than latency and refresh beyond it.
  const double nanoseconds = generator.stream_time.to_seconds() * 1e9;
  std::printf("1 MiB in %.0f ns\n", nanoseconds);
  return generator.done && generator.mistakes == 0 && hart_requests == 2 && nanoseconds > 8192 && nanoseconds < 9500
             ? 0
             : 1;
}
