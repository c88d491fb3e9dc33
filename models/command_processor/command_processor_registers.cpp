// SPDX-License-Identifier: Apache-2.0
// The global page and the way to it.
#include <algorithm>
#include <cstring>

#include "models/abi/generated/accelerator_registers.h"
#include "models/command_processor/command_processor.h"

namespace dixion {

namespace {

constexpr std::uint32_t kFormats = 1U << DIXION_FORMAT_INT8 | 1U << DIXION_FORMAT_INT12 | 1U << DIXION_FORMAT_INT16 |
                                   1U << DIXION_FORMAT_INT32 | 1U << DIXION_FORMAT_UINT32 | 1U << DIXION_FORMAT_REQUANT;
constexpr std::uint32_t kMaxDescriptors = 65536;

}  // namespace

void CommandProcessor::bind_identification() {
  const AcceleratorConfig& config = shared_.config;
  bank_.set(DIXION_ACCELERATOR_BUILD_HASH, DIXION_ABI_HASH);
  bank_.set(DIXION_ACCELERATOR_CAP_UNITS, config.cores << DIXION_ACCELERATOR_CAP_UNITS_CORES_SHIFT |
                                              config.queues << DIXION_ACCELERATOR_CAP_UNITS_QUEUES_SHIFT |
                                              config.dma_channels << DIXION_ACCELERATOR_CAP_UNITS_DMA_CHANNELS_SHIFT |
                                              DIXION_SEMAPHORES << DIXION_ACCELERATOR_CAP_UNITS_SEMAPHORES_SHIFT);
  bank_.set(DIXION_ACCELERATOR_CAP_ARRAY, config.array_rows << DIXION_ACCELERATOR_CAP_ARRAY_ROWS_SHIFT |
                                              config.array_columns << DIXION_ACCELERATOR_CAP_ARRAY_COLUMNS_SHIFT |
                                              config.dot_length << DIXION_ACCELERATOR_CAP_ARRAY_DOT_LENGTH_SHIFT);
  bank_.set(DIXION_ACCELERATOR_CAP_FORMATS, kFormats);
  bank_.set(DIXION_ACCELERATOR_CAP_CORE_SRAM, static_cast<std::uint32_t>(config.core_sram_bytes / 1024));
  bank_.set(DIXION_ACCELERATOR_CAP_GLOBAL_BUFFER, static_cast<std::uint32_t>(config.global_buffer_bytes / 1024));
  bank_.set(DIXION_ACCELERATOR_CAP_CLOCK, static_cast<std::uint32_t>(config.clock_hz));
}

void CommandProcessor::bind_controls() {
  bank_.on_write(DIXION_ACCELERATOR_CONTROL, [this](unsigned, std::uint32_t, std::uint32_t value) {
    if ((value & DIXION_ACCELERATOR_CONTROL_RESET_MASK) != 0) {
      begin_reset();
      return;
    }
    shared_.enabled = (value & DIXION_ACCELERATOR_CONTROL_ENABLE_MASK) != 0;
    for (const auto& queue : queues_) queue->device_enabled();
  });
  bank_.on_read(DIXION_ACCELERATOR_STATUS, [this](unsigned) { return pack_status(); });
  shared_.interrupts.on_change([this](std::uint32_t causes) { bank_.set(DIXION_ACCELERATOR_INTR_STATUS, causes); });
  bank_.on_write(DIXION_ACCELERATOR_INTR_STATUS, [this](unsigned, std::uint32_t old_value, std::uint32_t value) {
    shared_.interrupts.clear(old_value & ~value);
  });
  bank_.on_write(DIXION_ACCELERATOR_INTR_ENABLE,
                 [this](unsigned, std::uint32_t, std::uint32_t value) { shared_.interrupts.enable(value); });
  for (const std::uint32_t offset : {DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, DIXION_ACCELERATOR_DESCRIPTOR_BASE_HI,
                                     DIXION_ACCELERATOR_DESCRIPTOR_COUNT}) {
    bank_.on_write(offset, [this, offset](unsigned, std::uint32_t old_value, std::uint32_t value) {
      place_descriptors(offset, old_value, value);
    });
  }
  bank_.on_write(DIXION_ACCELERATOR_TRACE_MARKER,
                 [this](unsigned, std::uint32_t, std::uint32_t value) { shared_.emit(Stage::kMarker, value); });
}

void CommandProcessor::bind_counters() {
  bank_.on_read(DIXION_ACCELERATOR_OVERLAP_COUNT, [this](unsigned) { return overlap_register_; });
  bank_.on_read(DIXION_ACCELERATOR_SATURATION_COUNT, [this](unsigned) { return saturation_register_; });
  bank_.on_write(DIXION_ACCELERATOR_PERF_CONTROL, [this](unsigned, std::uint32_t, std::uint32_t value) {
    if ((value & DIXION_ACCELERATOR_PERF_CONTROL_CLEAR_MASK) != 0) counters_.clear(shared_.now());
    counters_.freeze((value & DIXION_ACCELERATOR_PERF_CONTROL_FREEZE_MASK) != 0, shared_.now());
    bank_.set(DIXION_ACCELERATOR_PERF_CONTROL, value & DIXION_ACCELERATOR_PERF_CONTROL_FREEZE_MASK);
  });
  bank_.on_read(DIXION_ACCELERATOR_PERF_COUNTER(0), [this](unsigned index) {
    return static_cast<std::uint32_t>(counters_.read(index / 2, shared_.now()) >> (32 * (index % 2)));
  });
  bank_.on_read(DIXION_ACCELERATOR_SEMAPHORE(0), [this](unsigned index) { return shared_.semaphores.value(index); });
  bank_.on_write(DIXION_ACCELERATOR_SEMAPHORE(0), [this](unsigned index, std::uint32_t, std::uint32_t value) {
    if (index == 0) shared_.report("SEMAPHORE[0]", value, "no write: number 0 means no semaphore");
    shared_.semaphores.set(index, value);
    shared_.dispatch.notify(sc_core::SC_ZERO_TIME);
  });
}

void CommandProcessor::place_descriptors(std::uint32_t offset, std::uint32_t old_value, std::uint32_t value) {
  const bool too_many = offset == DIXION_ACCELERATOR_DESCRIPTOR_COUNT && value > kMaxDescriptors;
  const bool misaligned = offset == DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO && value % sizeof(dixion_descriptor_t) != 0;
  if (too_many || misaligned) {
    shared_.report(bank_.name_of(offset), value, too_many ? "at most 65536" : "a multiple of 64");
    bank_.set(offset, old_value);
    return;
  }
  shared_.descriptors.place(bank_.get64(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO),
                            bank_.get(DIXION_ACCELERATOR_DESCRIPTOR_COUNT));
}

std::uint32_t CommandProcessor::pack_status() const {
  const bool halted = std::any_of(queues_.begin(), queues_.end(), [](const auto& queue) { return queue->halted(); });
  return (shared_.scoreboard.running() != 0 ? DIXION_ACCELERATOR_STATUS_BUSY_MASK : 0) |
         (reset_done_ ? DIXION_ACCELERATOR_STATUS_RESET_DONE_MASK : 0) |
         (halted ? DIXION_ACCELERATOR_STATUS_HALTED_MASK : 0);
}

RegisterBank* CommandProcessor::page(std::uint64_t address, std::uint32_t& offset) {
  offset = static_cast<std::uint32_t>(address % DIXION_QUEUE_PAGE_SIZE);
  const std::uint64_t number = address / DIXION_QUEUE_PAGE_SIZE;
  if (number == 0) return &bank_;
  return number <= queues_.size() ? &queues_[number - 1]->registers() : nullptr;
}

void CommandProcessor::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  const Cycles arrival = shared_.clock.next_cycle(ticks_now() + delay.value());
  delay = time_of(shared_.clock.edge(arrival + shared_.config.register_cycles) - ticks_now());
  if (txn.get_command() == tlm::TLM_IGNORE_COMMAND) {
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
    return;
  }
  if (txn.get_byte_enable_ptr() != nullptr) {
    txn.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  std::uint32_t offset = 0;
  RegisterBank* bank = page(txn.get_address(), offset);
  if (bank == nullptr) {
    shared_.report("page " + std::to_string(txn.get_address() / DIXION_QUEUE_PAGE_SIZE), txn.get_address(),
                   "the global page or that of queue 0 to " + std::to_string(queues_.size() - 1));
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  std::uint32_t value = 0;
  const unsigned length = txn.get_data_length();
  RegisterBank::Response response = RegisterBank::Response::kBadAccess;
  if (txn.is_write()) {
    std::memcpy(&value, txn.get_data_ptr(), std::min<std::size_t>(length, sizeof value));
    response = bank->write(offset, length, value);
  } else {
    response = bank->read(offset, length, value);
    if (response == RegisterBank::Response::kOk) std::memcpy(txn.get_data_ptr(), &value, sizeof value);
  }
  txn.set_response_status(response == RegisterBank::Response::kOk         ? tlm::TLM_OK_RESPONSE
                          : response == RegisterBank::Response::kUnmapped ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                                          : tlm::TLM_BURST_ERROR_RESPONSE);
}

unsigned CommandProcessor::transport_dbg(tlm::tlm_generic_payload& txn) {
  unsigned moved = 0;
  while (moved + sizeof(std::uint32_t) <= txn.get_data_length()) {
    std::uint32_t offset = 0;
    RegisterBank* bank = page(txn.get_address() + moved, offset);
    std::uint32_t value = 0;
    if (bank == nullptr || !bank->peek(offset, value)) break;
    if (txn.is_read()) {
      std::memcpy(txn.get_data_ptr() + moved, &value, sizeof value);
    } else if (txn.is_write()) {
      std::memcpy(&value, txn.get_data_ptr() + moved, sizeof value);
      bank->poke(offset, value);
    }
    moved += sizeof value;
  }
  return moved;
}

}  // namespace dixion
