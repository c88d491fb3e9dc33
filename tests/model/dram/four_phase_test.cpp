// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include <tlm_utils/peq_with_get.h>

#include "models/interconnect/requester_extension.h"
#include "platform/dram/dram_system.h"
#include "tests/model/memory/bench.h"

namespace dixion {
namespace {

DramSystemConfig config_with_outstanding(unsigned outstanding) {
  DramSystemConfig config;
  config.preset = "HBM2-2400";
  config.capacity_bytes = 1 << 26;
  config.outstanding = outstanding;
  return config;
}

/// A foreign initiator: sends requests without waiting for answers, as the base protocol allows; notes every phase.
class ForeignInitiator final : public sc_core::sc_module, public tlm::tlm_mm_interface {
 public:
  explicit ForeignInitiator(const sc_core::sc_module_name& name) : sc_module(name), answers_("answers") {
    socket.register_nb_transport_bw(this, &ForeignInitiator::nb_transport_bw);
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&answers_.get_event());
    sc_core::sc_spawn([this] { end(); }, "end", &options);
  }
  tlm_utils::simple_initiator_socket<ForeignInitiator, 64> socket{"socket"};

  struct Job {
    tlm::tlm_generic_payload txn;
    std::uint64_t data[8] = {};
    RequesterExtension requester;
    Ticks sent = 0;
    Ticks taken = 0;
    Ticks answered = 0;
    bool done = false;
  };
  /// From a thread: BEGIN_REQ, then until END_REQ.
  Job& send(tlm::tlm_command command, std::uint64_t address, unsigned length, std::uint64_t value = 0,
            Requester requester = Requester::kOther) {
    Job& job = *jobs.emplace_back(std::make_unique<Job>());
    std::fill(std::begin(job.data), std::end(job.data), value);
    job.txn.set_mm(this);
    job.txn.acquire();
    test::TestInitiator::set_up(job.txn, command, address, job.data, length);
    job.requester.requester = requester;
    if (requester != Requester::kOther) job.txn.set_extension(&job.requester);
    job.sent = ticks_now();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    EXPECT_EQ(socket->nb_transport_fw(job.txn, phase, delay), tlm::TLM_ACCEPTED);
    while (job.taken == 0) sc_core::wait(taken_);
    return job;
  }
  void wait_for_all() {
    while (std::any_of(jobs.begin(), jobs.end(), [](const auto& job) { return !job->done; })) sc_core::wait(done_);
  }
  void free(tlm::tlm_generic_payload* txn) override {
    ++freed;
    txn->clear_extension<RequesterExtension>();  // it belongs to the job
  }

  std::vector<std::unique_ptr<Job>> jobs;
  unsigned freed = 0;
  unsigned violations = 0;
  sc_core::sc_time thinking = sc_core::SC_ZERO_TIME;  ///< from BEGIN_RESP to END_RESP; 0: ended in the same call

 private:
  Job& job_of(tlm::tlm_generic_payload& txn) {
    for (const auto& job : jobs) {
      if (&job->txn == &txn) return *job;
    }
    throw std::logic_error("foreign payload");
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& txn, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    Job& job = job_of(txn);
    if (phase == tlm::END_REQ) {
      violations += job.taken != 0 ? 1 : 0;
      job.taken = std::max<Ticks>(ticks_now(), 1);
      taken_.notify();
      return tlm::TLM_ACCEPTED;
    }
    violations += phase != tlm::BEGIN_RESP || job.taken == 0 || job.done || answering_ ? 1 : 0;
    job.answered = ticks_now();
    if (thinking == sc_core::SC_ZERO_TIME) {
      finish(job);
      phase = tlm::END_RESP;
      delay = sc_core::SC_ZERO_TIME;
      return tlm::TLM_COMPLETED;
    }
    answering_ = true;
    answers_.notify(txn, thinking);
    return tlm::TLM_ACCEPTED;
  }
  void end() {
    while (tlm::tlm_generic_payload* txn = answers_.get_next_transaction()) {
      answering_ = false;
      finish(job_of(*txn));
      tlm::tlm_phase phase = tlm::END_RESP;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket->nb_transport_fw(*txn, phase, delay);
    }
  }
  void finish(Job& job) {
    job.done = true;
    job.txn.release();
    done_.notify();
  }
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> answers_;
  sc_core::sc_event taken_;
  sc_core::sc_event done_;
  bool answering_ = false;
};

struct FourPhase : public testing::Test {
  explicit FourPhase(unsigned outstanding = 64) : memory("dram", config_with_outstanding(outstanding)) {
    initiator.socket.bind(memory.port);
  }
  DramSystem memory;
  ForeignInitiator initiator{"initiator"};
  test::Scripts scripts;
};

// One after the other, so nothing contends: same data, same time by both ways of calling.
TEST_F(FourPhase, LooselyAndApproximatelyTimedGiveTheSame) {
  DramSystem other("other", config_with_outstanding(64));
  test::TestInitiator loose("loose");
  loose.socket.bind(other.port);
  std::uint64_t seed = 1;
  const auto random = [&seed](std::uint64_t bound) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % bound;
  };
  scripts.add("both", [&] {
    for (unsigned i = 0; i < 300; ++i) {
      const std::uint64_t address = random(1 << 15) * 8;
      const auto length = static_cast<unsigned>(8 * (1 + random(8)));
      const bool write = random(2) == 0;
      const tlm::tlm_command command = write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND;
      std::uint64_t data[8];
      std::fill(std::begin(data), std::end(data), i);
      const Ticks start = ticks_now();
      const test::TestInitiator::Answer answer = loose.access(command, address, data, length);
      const ForeignInitiator::Job& job = initiator.send(command, address, length, i);
      initiator.wait_for_all();
      ASSERT_EQ(job.txn.get_response_status(), answer.response);
      ASSERT_EQ(job.answered - start, answer.delay.value()) << i;
      ASSERT_TRUE(std::equal(data, data + length / 8, job.data)) << i;
      sc_core::wait(static_cast<double>(300 + random(2000)), sc_core::SC_NS);
    }
    EXPECT_EQ(std::memcmp(memory.data(), other.data(), memory.size()), 0);
  });
  scripts.run();
  EXPECT_EQ(initiator.violations, 0U);
  EXPECT_EQ(initiator.freed, 300U);
}

TEST_F(FourPhase, RequestsOverlapAndMayFinishOutOfOrder) {
  initiator.thinking = sc_core::sc_time(1, sc_core::SC_NS);
  scripts.add("foreign", [this] {
    memory.data()[64] = 42;
    // Two rows of one bank, and other channels.
    initiator.send(tlm::TLM_READ_COMMAND, 0, 8);
    initiator.send(tlm::TLM_READ_COMMAND, 4 * 16384, 8);
    initiator.send(tlm::TLM_READ_COMMAND, 256, 8);
    initiator.send(tlm::TLM_READ_COMMAND, 64, 8);
    initiator.wait_for_all();
  });
  scripts.run();
  EXPECT_EQ(initiator.violations, 0U);
  EXPECT_LT(initiator.jobs[3]->answered, initiator.jobs[1]->answered);
  EXPECT_EQ(initiator.jobs[3]->data[0] & 0xff, 42U);
  // 20 ns, cl 17, rcd 17, burst 2 clocks of 1/1.2 ns; cl is a duration of its own, arrivals are at edges.
  EXPECT_NEAR(static_cast<double>(initiator.jobs[0]->answered), 20'000 + 36 / 1.2 * 1000, 900);
}

// docs/memory.md: from BEGIN_REQ to the last byte, under the name that the payload's extension gives.
TEST_F(FourPhase, LatenciesAndRowHitsAreCountedForWhomTheExtensionNames) {
  scripts.add("foreign", [this] {
    initiator.send(tlm::TLM_READ_COMMAND, 0, 8, 0, Requester::kHart);
    initiator.wait_for_all();
    sc_core::wait(1, sc_core::SC_US);
    initiator.send(tlm::TLM_READ_COMMAND, 0, 8);  // finds the row open
    initiator.wait_for_all();
  });
  scripts.run();
  std::map<std::string, Statistic> all;
  for (const Statistic& each : memory.statistics("dram")) all.emplace(each.name, each);
  EXPECT_EQ(all.at("dram.hart.read_bytes").value, 8U);
  EXPECT_EQ(all.at("dram.hart.row_opened").value, 1U);
  EXPECT_EQ(all.at("dram.other.read_bytes").value, 8U);
  EXPECT_EQ(all.at("dram.other.row_hits").value, 1U);
  // 20 ns and cl 17, burst 2 clocks of 1/1.2 ns: 35.8 ns; with rcd 17 clocks: 50 ns.
  const Statistic& hart = all.at("dram.hart.access_latency");
  ASSERT_EQ(hart.buckets.size(), 1U);
  EXPECT_EQ(hart.value, 1U);
  EXPECT_EQ(hart.buckets[0].below, 64U);
  const Statistic& other = all.at("dram.other.access_latency");
  ASSERT_EQ(other.buckets.size(), 1U);
  EXPECT_EQ(other.value, 1U);
  EXPECT_EQ(other.buckets[0].below, 64U);
}

struct NarrowFourPhase : public FourPhase {
  NarrowFourPhase() : FourPhase(2) {}
};

TEST_F(NarrowFourPhase, NoMoreRequestsAreTakenThanMayBeOutstanding) {
  scripts.add("foreign", [this] {
    for (unsigned i = 0; i < 6; ++i) initiator.send(tlm::TLM_WRITE_COMMAND, 65536 * i, 64, i);
    initiator.wait_for_all();
  });
  scripts.run();
  EXPECT_EQ(initiator.violations, 0U);
  EXPECT_EQ(initiator.jobs[1]->taken, 1U);
  EXPECT_GE(initiator.jobs[2]->taken, initiator.jobs[0]->answered);
  // Latencies as the initiator sees them: the wait for END_REQ counts.
  std::map<std::uint64_t, std::uint64_t> buckets;
  for (const auto& job : initiator.jobs) ++buckets[std::bit_ceil((job->answered - job->sent) / 1000 + 1)];
  EXPECT_GT(initiator.jobs[2]->answered - initiator.jobs[2]->taken, 0U);
  for (const Statistic& each : memory.statistics("dram")) {
    if (each.name != "dram.other.access_latency") continue;
    ASSERT_EQ(each.buckets.size(), buckets.size());
    EXPECT_GT(each.buckets.size(), 1U);
    for (const Bucket& bucket : each.buckets) EXPECT_EQ(bucket.count, buckets[bucket.below]) << bucket.below;
  }
  EXPECT_EQ(memory.data()[65536 * 5], 5);
}

TEST_F(FourPhase, AddressBeyondTheEndIsAnErrorResponse) {
  scripts.add("foreign", [this] {
    const ForeignInitiator::Job& job = initiator.send(tlm::TLM_READ_COMMAND, 1 << 26, 8);
    initiator.wait_for_all();
    EXPECT_EQ(job.txn.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  scripts.run();
}

}  // namespace
}  // namespace dixion
