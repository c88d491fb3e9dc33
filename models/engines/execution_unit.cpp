// SPDX-License-Identifier: Apache-2.0
#include "models/engines/execution_unit.h"

#include <algorithm>
#include <array>
#include <bit>

#include "models/common/check.h"
#include "models/common/mask_store.h"
#include "models/common/row_roles.h"
#include "models/common/tensor_io.h"
#include "models/common/written_rows.h"
#include "models/engines/command_books.h"
#include "models/interconnect/kernel_time.h"

namespace dixion {
namespace {

constexpr int kWorkerStack = 512 * 1024;  // engines compute on it

CommandError bus_error(std::uint32_t field, std::uint64_t address) {
  return {DIXION_CAUSE_BUS_ERROR, field, address, "an address that memory answers"};
}

const WrittenRows::Listed* listed_rows(const Result& result) { return result.listed ? &*result.listed : nullptr; }

/// Of the output that holds `address`.
std::uint32_t field_of(const Command& command, std::uint64_t address) {
  for (unsigned i = 0; i < command.info->operands.size(); ++i) {
    const TensorView& view = command.operands[i];
    const bool holds = view && address - view.address < view.span_bytes();
    if (command.info->operands[i].output && holds) return DIXION_FIELD_OPERAND0 + i;
  }
  return DIXION_FIELD_NONE;
}

}  // namespace

/// Transfers of one direction and one memory, in operand order.
struct ExecutionUnit::Train {
  const Worker* worker = nullptr;
  std::vector<Transfer> transfers;
  bool running = false;
  Cycles through = 0;  // the first edge at which all of it has moved
  CommandError error;
  sc_core::sc_event begin;
  sc_core::sc_event done;
};

struct ExecutionUnit::Worker {
  bool occupied = false;
  sc_core::sc_event wake;
  Command command;
  Demand demand;
  Result result;
  CommandCost cost;
  std::array<Train, 4> trains;  // DRAM read, DRAM write, buffer read, buffer write

  static constexpr std::size_t kDramRead = 0;
  static constexpr std::size_t kBufferRead = 2;
  [[nodiscard]] static bool writes(std::size_t train) { return (train & 1U) != 0; }
};

ExecutionUnit::ExecutionUnit(const sc_core::sc_module_name& name, const ExecutionUnitConfig& config, Engine& engine,
                             MemoryPort& memory, TraceSink* trace_sink)
    : sc_module(name),
      config_(config),
      engine_(engine),
      memory_(memory),
      trace_(trace_sink),
      clock_(make_clock(config.clock_hz)),
      account_(config.lanes) {
  DIXION_CHECK(config.lanes >= 1 && config.lanes <= 64 && config.workers >= 1, "lanes or workers out of range");
  sc_core::sc_spawn_options worker_options;
  worker_options.set_stack_size(kWorkerStack);
  for (unsigned i = 0; i < config.workers; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    Worker& worker = *workers_.back();
    sc_core::sc_spawn([this, &worker] { run_worker(worker); }, sc_core::sc_gen_unique_name("worker"), &worker_options);
    for (Train& train : worker.trains) {
      train.worker = &worker;
      sc_core::sc_spawn([this, &train] { run_train(train); }, sc_core::sc_gen_unique_name("train"));
    }
  }
}

ExecutionUnit::~ExecutionUnit() = default;

bool ExecutionUnit::available() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return !worker->occupied; });
}

bool ExecutionUnit::busy() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->occupied; });
}

void ExecutionUnit::waits_for(const WaitingLanes& waiting) { account_.waits_for(clock_.cycle(ticks_now()), waiting); }

void ExecutionUnit::start(const Command& command) {
  const auto free =
      std::find_if(workers_.begin(), workers_.end(), [](const auto& worker) { return !worker->occupied; });
  DIXION_CHECK(free != workers_.end(), std::string(name()) + " was given a command while no worker is idle");
  Worker& worker = **free;
  worker.occupied = true;
  worker.command = command;
  worker.wake.notify(sc_core::SC_ZERO_TIME);
}

void ExecutionUnit::run_worker(Worker& worker) {
  for (;;) {
    wait(worker.wake);
    run_command(worker);
  }
}

void ExecutionUnit::run_command(Worker& worker) {
  const Command command = worker.command;
  const CoreMask all = config_.lanes == 64 ? ~CoreMask{0} : (CoreMask{1} << config_.lanes) - 1;
  const auto lanes = static_cast<unsigned>(std::popcount(command.cores & all));
  DIXION_CHECK(lanes > 0, std::string(name()) + " was given a command for none of its lanes");

  worker.demand = {};
  CommandCost& cost = worker.cost;
  cost = {};
  cost.start_cycle = wait_for_edge(clock_);
  cost.lanes = lanes;
  cost.stalls = account_.begin(cost.start_cycle, lanes);
  trace(Stage::kBegin, command, nullptr);
  CommandBooks books(cost.start_cycle, lanes, cost);

  if (config_.masks != nullptr) config_.masks->begin(command);
  CommandError error = prepare(worker);
  // On a burst route operands take their time here.
  books.stall(clock_.next_cycle(ticks_now()), StallReason::kDram);
  if (!error) error = move_and_compute(worker, books);
  wait_for_edge(clock_);
  if (!error) error = store_results(worker);
  if (config_.masks != nullptr) config_.masks->end(command, static_cast<bool>(error));
  if (config_.written != nullptr && !error) config_.written->end(command, listed_rows(worker.result));
  // On a burst route storing takes time.
  cost.end_cycle = wait_for_edge(clock_);
  books.stall(cost.end_cycle, StallReason::kOutput);

  cost.saturations = error ? 0 : worker.result.saturations;
  if (error) {
    cost.macs = 0;
    cost.mask = {};
  }
  account_.end(cost, static_cast<bool>(error));
  const CommandCost final_cost = cost;
  trace(Stage::kEnd, command, &final_cost, error ? nullptr : &worker.demand);
  worker.result = {};
  worker.occupied = false;
  // The listener may start the next command on this worker.
  DIXION_CHECK(listener_ != nullptr, std::string(name()) + " has no listener");
  listener_->command_done(command, error, final_cost);
}

CommandError ExecutionUnit::prepare(Worker& worker) {
  if (CommandError error = engine_.check(worker.command)) return error;
  if (config_.masks != nullptr) {
    if (CommandError error = config_.masks->check(worker.command)) return error;
  }
  if (CommandError error = execute(worker)) return error;
  CommandCost& cost = worker.cost;
  cost.macs = worker.demand.macs;
  cost.mask = worker.demand.mask;
  for (const Transfer& transfer : worker.demand.transfers) {
    const std::uint64_t bytes = transfer.view.payload_bytes() * transfer.passes;
    if (MemoryPort::in_buffer(transfer.view.address)) {
      (transfer.write ? cost.buffer_write_bytes : cost.buffer_read_bytes) += bytes;
    } else {
      (transfer.write ? cost.dram_write_bytes : cost.dram_read_bytes) += bytes;
    }
  }
  return {};
}

CommandError ExecutionUnit::execute(Worker& worker) {
  // An engine keeps scratch data; on a burst route its reads wait, and another worker must not come in between.
  while (engine_in_use_) wait(engine_free_);
  engine_in_use_ = true;
  const Command& command = worker.command;
  CommandError error = config_.compute_values
                           ? engine_.execute(command, memory_.bytes(config_.requester), worker.result)
                           : engine_.plan(command, memory_.bytes(config_.requester), worker.result);
  if (!error) worker.demand = worker.result.demand ? *worker.result.demand : engine_.demand(command);
  if (!error && !config_.compute_values) error = touch(worker, false);
  if (!error && config_.written != nullptr) error = config_.written->check(command, listed_rows(worker.result));
  engine_in_use_ = false;
  engine_free_.notify();
  return error;
}

CommandError ExecutionUnit::touch(const Worker& worker, bool write) {
  for (const Transfer& transfer : worker.demand.transfers) {
    if (transfer.write != write || is_real(worker, transfer) || memory_.touch(transfer.view, write, config_.requester))
      continue;
    return bus_error(DIXION_FIELD_OPERAND0 + transfer.operand, transfer.view.address);
  }
  return {};
}

bool ExecutionUnit::is_real(const Worker& worker, const Transfer& transfer) {
  if (!transfer.write) return transfer.operand == kRowListOperand;
  const auto& tensors = worker.result.tensors;
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const Result::Tensor& tensor) { return tensor.view.address == transfer.view.address; });
}

void ExecutionUnit::load_trains(Worker& worker) {
  for (Train& train : worker.trains) {
    train.transfers.clear();
    train.error = {};
    train.through = 0;
  }
  for (const Transfer& transfer : worker.demand.transfers) {
    const std::size_t memory = MemoryPort::in_buffer(transfer.view.address) ? 2 : 0;
    worker.trains[memory + (transfer.write ? 1 : 0)].transfers.push_back(transfer);
  }
}

CommandError ExecutionUnit::move_and_compute(Worker& worker, CommandBooks& books) {
  load_trains(worker);
  const auto depart = [&worker](bool write) {
    for (std::size_t i = 0; i < worker.trains.size(); ++i) {
      Train& train = worker.trains[i];
      if (Worker::writes(i) != write || train.transfers.empty()) continue;
      train.running = true;
      train.begin.notify();
    }
  };
  const sc_core::sc_time fill = fill_time(worker);
  const Cycles first = clock_.next_cycle(ticks_now() + fill.value());
  depart(false);
  books.stall(first, StallReason::kFill);
  wait_until(clock_.edge(first));
  depart(true);
  books.compute(first + worker.demand.compute, worker.demand.operand_bank_cycles);
  wait_until(clock_.edge(first + worker.demand.compute));
  for (Train& train : worker.trains) {
    while (train.running) wait(train.done);
  }
  const Cycles moved = wait_for_edge(clock_);
  books.stall(worker.trains[Worker::kDramRead].through, StallReason::kDram);
  books.stall(worker.trains[Worker::kBufferRead].through, StallReason::kGlobalBuffer);
  books.stall(moved, StallReason::kOutput);
  for (const Train& train : worker.trains) {
    if (train.error) return train.error;
  }
  books.stall(moved + worker.demand.drain, StallReason::kDrain);
  wait_until(clock_.edge(moved + worker.demand.drain));
  return {};
}

sc_core::sc_time ExecutionUnit::fill_time(const Worker& worker) {
  sc_core::sc_time longest = sc_core::SC_ZERO_TIME;
  for (const Transfer& transfer : worker.demand.transfers) {
    if (!transfer.write) longest = std::max(longest, memory_.first_byte_latency(transfer.view, false));
  }
  return longest;
}

void ExecutionUnit::run_train(Train& train) {
  for (;;) {
    while (!train.running) wait(train.begin);
    const Command& command = train.worker->command;
    const auto lanes = static_cast<std::uint64_t>(std::popcount(command.cores));
    MemoryPort::StreamRequest request;
    request.requester = config_.requester;
    request.command_id = command.id;
    request.max_bytes_per_second = lanes * config_.lane_bytes_per_cycle * config_.clock_hz;
    for (const Transfer& transfer : train.transfers) {
      request.view = transfer.view;
      request.passes = transfer.passes;
      request.write = transfer.write;
      if (!memory_.stream(request)) {
        train.error = bus_error(DIXION_FIELD_OPERAND0 + transfer.operand, transfer.view.address);
        break;
      }
      request.back_to_back = true;
    }
    train.running = false;
    train.through = clock_.next_cycle(ticks_now());
    train.done.notify();
  }
}

CommandError ExecutionUnit::store_results(Worker& worker) {
  for (const Result::Tensor& tensor : worker.result.tensors) {
    if (store(tensor, memory_.bytes(config_.requester))) continue;
    return bus_error(field_of(worker.command, tensor.view.address), tensor.view.address);
  }
  return config_.compute_values ? CommandError{} : touch(worker, true);
}

void ExecutionUnit::trace(Stage stage, const Command& command, const CommandCost* cost, const Demand* demand) {
  if (trace_ == nullptr) return;
  TraceEvent event{stage, ticks_now(), command.id, command.tag, command.queue};
  event.opcode = command.info != nullptr ? command.info->value : std::uint8_t{0};
  event.cost = cost;
  event.demand = demand;
  event.command = &command;
  trace_->event(event);
}

StatisticsList ExecutionUnit::statistics(const std::string& prefix) const {
  return account_.statistics(prefix, clock_.cycle(ticks_now()));
}

}  // namespace dixion
