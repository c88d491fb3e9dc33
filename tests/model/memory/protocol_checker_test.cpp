// SPDX-License-Identifier: Apache-2.0
#include "tests/model/memory/bench.h"
#include "tests/support/tlm_protocol_checker.h"

namespace dixion::test {
namespace {

/// A target that misbehaves as told.
class RudeTarget final : public sc_core::sc_module {
 public:
  explicit RudeTarget(const sc_core::sc_module_name& name) : sc_module(name) {
    port.register_b_transport(this, &RudeTarget::b_transport);
    port.register_transport_dbg(this, &RudeTarget::transport_dbg);
    port.register_get_direct_mem_ptr(this, &RudeTarget::get_direct_mem_ptr);
  }
  tlm_utils::simple_target_socket<RudeTarget, 64> port{"port"};

  std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> on_transport = [](auto& txn, auto&) {
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  std::function<unsigned(tlm::tlm_generic_payload&)> on_debug = [](auto& txn) { return txn.get_data_length(); };
  std::function<bool(tlm::tlm_dmi&)> on_dmi = [](tlm::tlm_dmi&) { return false; };

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) { on_transport(txn, delay); }
  unsigned transport_dbg(tlm::tlm_generic_payload& txn) { return on_debug(txn); }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) { return on_dmi(dmi); }
};

struct ProtocolChecker : public testing::Test {
  ProtocolChecker() {
    initiator.socket.bind(checker.in);
    checker.out.bind(target.port);
  }
  using Change = std::function<void(tlm::tlm_generic_payload&)>;
  /// One WRITE of 4 bytes, changed before it is sent.
  void send(const Change& change) {
    scripts.add("sender", [this, change] {
      tlm::tlm_generic_payload txn;
      TestInitiator::set_up(txn, tlm::TLM_WRITE_COMMAND, 0x100, data, 4);
      change(txn);
      sc_core::sc_time delay(10, sc_core::SC_NS);
      initiator.socket->b_transport(txn, delay);
    });
    scripts.run();
  }
  void expect_one(const std::string& words) {
    ASSERT_EQ(checker.violations().size(), 1U);
    EXPECT_NE(checker.violations()[0].find(words), std::string::npos) << checker.violations()[0];
  }

  TestInitiator initiator{"initiator"};
  TlmProtocolChecker checker{"checker"};
  RudeTarget target{"target"};
  Scripts scripts;
  unsigned char data[8] = {};
};

TEST_F(ProtocolChecker, CorrectWriteIsClean) {
  send([](auto&) {});
  expect_clean(checker);
}

TEST_F(ProtocolChecker, NullDataPointer) {
  send([](auto& txn) { txn.set_data_ptr(nullptr); });
  expect_one("data pointer");
}

TEST_F(ProtocolChecker, LengthOfZero) {
  send([](auto& txn) { txn.set_data_length(0); });
  expect_one("data length");
}

TEST_F(ProtocolChecker, StreamingWidthOfZero) {
  send([](auto& txn) { txn.set_streaming_width(0); });
  expect_one("streaming width");
}

TEST_F(ProtocolChecker, ByteEnablesWithoutLength) {
  send([this](auto& txn) { txn.set_byte_enable_ptr(data); });
  expect_one("byte enables");
}

TEST_F(ProtocolChecker, DmiHintLeftSet) {
  send([](auto& txn) { txn.set_dmi_allowed(true); });
  expect_one("DMI hint");
}

TEST_F(ProtocolChecker, ResponseLeftOver) {
  send([](auto& txn) { txn.set_response_status(tlm::TLM_OK_RESPONSE); });
  expect_one("not INCOMPLETE before");
}

TEST_F(ProtocolChecker, OptionLeftOver) {
  send([](auto& txn) { txn.set_gp_option(tlm::TLM_FULL_PAYLOAD); });
  expect_one("MIN_PAYLOAD");
}

TEST_F(ProtocolChecker, TargetThatDoesNotAnswer) {
  target.on_transport = [](auto&, auto&) {};
  send([](auto&) {});
  expect_one("left the response INCOMPLETE");
}

TEST_F(ProtocolChecker, TargetThatShortensTheDelay) {
  target.on_transport = [](auto& txn, auto& delay) {
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
    delay = sc_core::SC_ZERO_TIME;
  };
  send([](auto&) {});
  expect_one("ran backwards");
}

TEST_F(ProtocolChecker, TargetThatWaitsOutTheDelayIsClean) {
  target.on_transport = [](auto& txn, auto& delay) {
    sc_core::wait(delay);
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
    delay = sc_core::SC_ZERO_TIME;
  };
  send([](auto&) {});
  expect_clean(checker);
}

TEST_F(ProtocolChecker, TargetThatChangesTheLength) {
  target.on_transport = [](auto& txn, auto&) {
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
    txn.set_data_length(2);
  };
  send([](auto&) {});
  expect_one("changed in flight");
}

TEST_F(ProtocolChecker, TargetThatChangesWrittenData) {
  target.on_transport = [](auto& txn, auto&) {
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
    txn.get_data_ptr()[3] = 1;
  };
  send([](auto&) {});
  expect_one("data of a WRITE");
}

TEST_F(ProtocolChecker, CallFromOutsideAThread) {
  initiator.write(0, data, 4);
  expect_one("thread");
}

TEST_F(ProtocolChecker, DebugAccessThatCountsTooMuch) {
  target.on_debug = [](auto& txn) { return txn.get_data_length() + 1; };
  initiator.debug(tlm::TLM_READ_COMMAND, 0, data, 4);
  expect_one("more bytes");
}

TEST_F(ProtocolChecker, DebugAccessThatTakesTime) {
  target.on_debug = [](auto&) {
    sc_core::wait(1, sc_core::SC_NS);
    return 4U;
  };
  scripts.add("debugger", [this] { initiator.debug(tlm::TLM_READ_COMMAND, 0, data, 4); });
  scripts.run();
  expect_one("took time");
}

TEST_F(ProtocolChecker, DmiDescriptorUsedTwice) {
  tlm::tlm_dmi dmi;
  dmi.allow_read_write();
  initiator.dmi(0, dmi);
  expect_one("not reset");
}

TEST_F(ProtocolChecker, DmiGrantWithoutPointer) {
  target.on_dmi = [](tlm::tlm_dmi& dmi) {
    dmi.allow_read();
    return true;
  };
  tlm::tlm_dmi dmi;
  initiator.dmi(0, dmi);
  expect_one("without a pointer");
}

TEST_F(ProtocolChecker, DmiGrantElsewhere) {
  target.on_dmi = [this](tlm::tlm_dmi& dmi) {
    dmi.set_dmi_ptr(data);
    dmi.set_start_address(8);
    dmi.allow_read();
    return true;
  };
  tlm::tlm_dmi dmi;
  initiator.dmi(7, dmi);
  expect_one("does not hold the address");
}

TEST_F(ProtocolChecker, DmiGrantForTheOtherDirection) {
  target.on_dmi = [this](tlm::tlm_dmi& dmi) {
    dmi.set_dmi_ptr(data);
    dmi.allow_write();
    return true;
  };
  tlm::tlm_dmi dmi;
  initiator.dmi(0, dmi);
  expect_one("not for the command");
}

TEST_F(ProtocolChecker, InvalidationIsPassedOnAndItsRegionChecked) {
  target.port->invalidate_direct_mem_ptr(0x10, 0x1f);
  EXPECT_TRUE(checker.violations().empty());
  ASSERT_EQ(initiator.invalidated.size(), 1U);
  EXPECT_EQ(initiator.invalidated[0].first, 0x10U);
  target.port->invalidate_direct_mem_ptr(0x20, 0x1f);
  expect_one("ends before it starts");
}

}  // namespace
}  // namespace dixion::test
