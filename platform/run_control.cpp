// SPDX-License-Identifier: Apache-2.0
#include "platform/run_control.h"

#include <chrono>
#include <csignal>
#include <utility>

#include "platform/time_units.h"

namespace dixion {

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

void on_signal(int number) {
  if (interrupted.exchange(true)) {  // the second one: no more patience
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

InterruptGuard::InterruptGuard() : previous_(std::signal(SIGINT, on_signal)) {}
InterruptGuard::~InterruptGuard() { std::signal(SIGINT, previous_); }
const std::atomic<bool>& InterruptGuard::flag() { return interrupted; }

class RunControl::Doorman final : public sc_core::sc_prim_channel {
 public:
  Doorman() : sc_prim_channel("doorman") {}
  void knock() { async_request_update(); }
  sc_core::sc_event knocked{"knocked"};

 private:
  void update() override { knocked.notify(sc_core::SC_ZERO_TIME); }
};

RunControl::RunControl(const sc_core::sc_module_name& name, std::optional<Ticks> limit)
    : sc_module(name), limit_(limit), doorman_(std::make_unique<Doorman>()) {
  SC_HAS_PROCESS(RunControl);
  SC_METHOD(on_limit);
  sensitive << limit_reached_;
  dont_initialize();
  SC_METHOD(on_interrupt);
  sensitive << doorman_->knocked;
  dont_initialize();
}

RunControl::~RunControl() {
  over_ = true;
  if (watcher_.joinable()) watcher_.join();
}

void RunControl::start_of_simulation() {
  if (limit_) limit_reached_.notify(sc_core::sc_time::from_value(*limit_));
  watcher_ = std::thread([this] {
    while (!over_ && !interrupted) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (interrupted) doorman_->knock();
  });
}

void RunControl::end(Verdict verdict) {
  if (verdict_) return;
  verdict_ = std::move(verdict);
  sc_core::sc_stop();
}

void RunControl::on_limit() {
  if (nothing_can_happen && !sc_core::sc_pending_activity() && nothing_can_happen()) return;  // the kernel starves now
  end({Outcome::kTimeLimit, "simulated time reached the limit of " + format_time(*limit_), 0, {}});
}

void RunControl::on_interrupt() { end({Outcome::kInterrupted, "by Ctrl-C", 0, {}}); }

}  // namespace dixion
