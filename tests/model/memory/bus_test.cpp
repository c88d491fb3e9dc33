// SPDX-License-Identifier: Apache-2.0
#include "platform/bus.h"

#include "models/common/check.h"
#include "models/interconnect/attached_extension.h"
#include "models/interconnect/requester_extension.h"
#include "tests/model/memory/bench.h"
#include "tests/support/simple_tlm_memory.h"

namespace dixion {
namespace {

using test::SimpleTlmMemory;
using test::TestInitiator;
using test::TlmProtocolChecker;

constexpr std::uint64_t kLow = 0x1000;
constexpr std::uint64_t kHigh = 0x8000'0000;

struct Recorder final : public GuestErrorSink, public BusObserver {
  void guest_error(const GuestError& error) override { errors.push_back(error); }
  void access(const BusAccess& access) override {
    windows.push_back(access.window != nullptr ? *access.window : "none");
    accesses.push_back(access);
  }
  std::vector<GuestError> errors;
  std::vector<BusAccess> accesses;
  std::vector<std::string> windows;
};

/// Two initiators, two memories of which the window "high" shows the first 256 bytes.
struct BusTest : public testing::Test {
  BusTest() {
    hart.socket.bind(from_hart.in);
    from_hart.out.bind(bus.from("hart"));
    accelerator.socket.bind(from_accelerator.in);
    from_accelerator.out.bind(bus.from("accelerator"));
    bus.window("low").bind(to_low.in);
    to_low.out.bind(low.port);
    bus.window("high").bind(to_high.in);
    to_high.out.bind(high.port);
  }
  void run(const std::function<void()>& script) {
    scripts.add("script", script);
    scripts.run();
    for (const auto* checker : {&from_hart, &from_accelerator, &to_low, &to_high}) {
      for (const std::string& violation : checker->violations()) ADD_FAILURE() << checker->name() << ": " << violation;
    }
  }

  Recorder recorder;
  TestInitiator hart{"hart"}, accelerator{"accelerator"};
  TlmProtocolChecker from_hart{"from_hart"}, from_accelerator{"from_accelerator"}, to_low{"to_low"}, to_high{"to_high"};
  Bus bus{"bus",
          {{"hart", Requester::kHart}, {"accelerator"}},
          {{"high", kHigh, 0x100}, {"low", kLow, 0x1000}},
          &recorder,
          &recorder};
  SimpleTlmMemory low{"low", {.bytes = 0x1000}};
  SimpleTlmMemory high{"high", {.bytes = 0x200, .latency = sc_core::sc_time(30, sc_core::SC_NS)}};
  test::Scripts scripts;
  std::uint32_t word = 0;
};

TEST_F(BusTest, AccessReachesItsTargetAtTheOffset) {
  run([this] {
    word = 0x12345678;
    EXPECT_EQ(hart.write(kHigh + 0x10, &word, 4).response, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(accelerator.write(kLow + 0x20, &word, 4).response, tlm::TLM_OK_RESPONSE);
    std::uint32_t back = 0;
    EXPECT_EQ(accelerator.read(kHigh + 0x10, &back, 4).response, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(back, word);
  });
  EXPECT_EQ(std::memcmp(high.data() + 0x10, &word, 4), 0);
  EXPECT_EQ(std::memcmp(low.data() + 0x20, &word, 4), 0);
  EXPECT_TRUE(recorder.errors.empty());
}

TEST_F(BusTest, AccessesThatDoNotSayWhoseTheyAreGetTheirInitiatorsRequester) {
  run([this] {
    (void)hart.read(kLow, &word, 4);
    EXPECT_EQ(low.last_requester(), Requester::kHart);
    (void)accelerator.read(kLow, &word, 4);
    EXPECT_EQ(low.last_requester(), Requester::kOther);
    tlm::tlm_generic_payload txn;
    TestInitiator::set_up(txn, tlm::TLM_READ_COMMAND, kLow, &word, 4);
    RequesterExtension extension;
    extension.requester = Requester::kRecords;
    const AttachedExtension attached(txn, extension);
    sc_core::sc_time delay;
    hart.socket->b_transport(txn, delay);
    EXPECT_EQ(low.last_requester(), Requester::kRecords);
    EXPECT_EQ(txn.get_extension<RequesterExtension>(), &extension);
  });
}

TEST_F(BusTest, BusAddsNoTime) {
  run([this] {
    EXPECT_EQ(hart.access(tlm::TLM_READ_COMMAND, kHigh, &word, 4, sc_core::sc_time(5, sc_core::SC_NS)).delay,
              sc_core::sc_time(35, sc_core::SC_NS));
  });
}

TEST_F(BusTest, UnmappedAddressIsAnErrorResponseAndAGuestError) {
  run([this] {
    EXPECT_EQ(hart.read(kHigh + 0x104, &word, 4).response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(hart.write(0, &word, 4).response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  ASSERT_EQ(recorder.errors.size(), 2U);
  EXPECT_EQ(recorder.errors[0].value, kHigh + 0x104);
  EXPECT_EQ(recorder.errors[0].subject, "read address");
  EXPECT_EQ(recorder.errors[0].expected, "an address inside a window; nearest is high [0x80000000, 0x800000ff]");
  EXPECT_EQ(recorder.errors[1].subject, "write address");
  EXPECT_EQ(recorder.errors[1].expected, "an address inside a window; nearest is low [0x1000, 0x1fff]");
}

TEST_F(BusTest, LastBytesOfAWindowAreInsideAndAcrossItsEndIsNot) {
  run([this] {
    EXPECT_EQ(hart.read(kHigh + 0xfc, &word, 4).response, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(hart.read(kHigh + 0xfd, &word, 4).response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(hart.read(kHigh - 1, &word, 4).response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(hart.read(~std::uint64_t{0} - 1, &word, 4).response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
}

TEST_F(BusTest, DebugAccessIsTranslatedAndNotReported) {
  word = 42;
  EXPECT_EQ(hart.debug(tlm::TLM_WRITE_COMMAND, kHigh + 8, &word, 4), 4U);
  EXPECT_EQ(high.data()[8], 42);
  EXPECT_EQ(hart.debug(tlm::TLM_READ_COMMAND, kHigh + 0x100, &word, 4), 0U);
  EXPECT_TRUE(recorder.errors.empty());
  EXPECT_TRUE(recorder.accesses.empty());
}

TEST_F(BusTest, DmiIsTranslatedAndCutToTheWindow) {
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(hart.dmi(kHigh + 0x40, dmi));
  EXPECT_EQ(dmi.get_start_address(), kHigh);
  EXPECT_EQ(dmi.get_end_address(), kHigh + 0xff);
  EXPECT_EQ(dmi.get_dmi_ptr(), high.data());
  EXPECT_EQ(dmi.get_read_latency(), sc_core::sc_time(30, sc_core::SC_NS));
}

TEST_F(BusTest, DeniedDmiSpeaksOfNoOtherWindow) {
  high.set_grant_dmi(false);
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(hart.dmi(kHigh + 0x40, dmi));
  EXPECT_EQ(dmi.get_start_address(), kHigh);
  EXPECT_EQ(dmi.get_end_address(), kHigh + 0xff);
  tlm::tlm_dmi nowhere;
  EXPECT_FALSE(hart.dmi(0x10, nowhere));
}

TEST_F(BusTest, InvalidationReachesAllInitiatorsTranslated) {
  high.invalidate(0x20, 0x2f);
  high.invalidate(0, ~std::uint64_t{0});
  high.invalidate(0x180, 0x1ff);  // not visible through the window
  using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  const Ranges expected{{kHigh + 0x20, kHigh + 0x2f}, {kHigh, kHigh + 0xff}};
  EXPECT_EQ(hart.invalidated, expected);
  EXPECT_EQ(accelerator.invalidated, expected);
}

TEST_F(BusTest, ObserverSeesWhoDidWhatWhere) {
  run([this] {
    word = 7;
    accelerator.write(kLow + 0x30, &word, 4);
    hart.read(0x10, &word, 4);
  });
  ASSERT_EQ(recorder.accesses.size(), 2U);
  EXPECT_EQ(recorder.windows, (std::vector<std::string>{"low", "none"}));
  EXPECT_EQ(recorder.accesses[0].initiator, 1U);
  EXPECT_TRUE(recorder.accesses[0].write);
  EXPECT_EQ(recorder.accesses[0].address, kLow + 0x30);
  EXPECT_EQ(recorder.accesses[0].offset, 0x30U);
  EXPECT_EQ(recorder.accesses[1].initiator, 0U);
  EXPECT_EQ(recorder.accesses[1].response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(BusWindows, OverlapAndEmptinessAreRefused) {
  EXPECT_NO_THROW(Bus::validate({{"a", 0, 0x100}, {"b", 0x100, 0x100}}));
  EXPECT_THROW(Bus::validate({{"b", 0xff, 0x100}, {"a", 0, 0x100}}), ConfigError);
  EXPECT_THROW(Bus::validate({{"a", 0, 0}}), ConfigError);
  EXPECT_NO_THROW(Bus::validate({{"a", ~std::uint64_t{0}, 1}}));
  EXPECT_THROW(Bus::validate({{"a", ~std::uint64_t{0}, 2}}), ConfigError);
}

}  // namespace
}  // namespace dixion
