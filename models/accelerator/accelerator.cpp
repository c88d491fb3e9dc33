// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/accelerator.h"

#include "models/command_processor/command_processor.h"
#include "models/common/check.h"
#include "models/common/kernel_set.h"
#include "models/common/made_up_masks.h"
#include "models/common/mask_store.h"
#include "models/common/written_rows.h"
#include "models/dma/dma.h"
#include "models/engines/execution_unit.h"
#include "models/engines/matrix/matrix.h"
#include "models/engines/prediction/prediction.h"
#include "models/engines/row_list_engine.h"
#include "models/engines/vector/vector.h"
#include "models/interconnect/memory_port.h"
#include "models/memory/banked_array.h"
#include "models/memory/global_buffer.h"
#include "models/sparsity/merge_rule.h"
#include "models/sparsity/sparsity_controller.h"
#include "models/sparsity/token_rule.h"

namespace dixion {

namespace {

ExecutionUnitConfig dma_unit(const AcceleratorConfig& config, MaskStore* masks, WrittenRows& written) {
  return {Requester::kDma,
          config.clock_hz,
          config.dma_channels,
          config.dma_channels,
          config.dma_bytes_per_cycle,
          config.compute_values,
          masks,
          &written};
}

/// An engine with one lane per core; a core takes what its SRAM takes.
ExecutionUnitConfig core_unit(const AcceleratorConfig& config, Requester requester, MaskStore* masks,
                              WrittenRows& written) {
  const std::uint64_t sram_bytes = std::uint64_t{config.core_sram_banks} * config.core_sram_word_bytes;
  return {requester, config.clock_hz, config.cores, config.cores, sram_bytes, config.compute_values, masks, &written};
}

const AcceleratorConfig& checked(const AcceleratorConfig& config, std::size_t config_size) {
  if (config_size != sizeof(AcceleratorConfig)) {
    throw ConfigError("accelerator", "the application was compiled with another accelerator_config.h than the library");
  }
  Accelerator::validate(config);
  return config;
}

void in_range(const char* key, std::uint64_t value, std::uint64_t low, std::uint64_t high) {
  if (value >= low && value <= high) return;
  throw ConfigError(std::string("accelerator.") + key, "is " + std::to_string(value) + ", must be from " +
                                                           std::to_string(low) + " to " + std::to_string(high));
}

}  // namespace

struct Accelerator::Blocks {
  Blocks(const AcceleratorConfig& config, const Sinks& sinks)
      : buffer("global_buffer", config),
        port("memory_port", config, buffer),
        processor("command_processor", config,
                  {port.timed(Requester::kFetch), port.timed(Requester::kDescriptors), port.timed(Requester::kRecords)},
                  {sinks.interrupts, sinks.errors, sinks.trace}),
        made_up(made_up_masks(config)),
        masks(sinks.masks != nullptr ? *sinks.masks : made_up),
        dma_engine(config),
        matrix_engine(config, sinks.kernels != nullptr ? *sinks.kernels : portable_kernels(), store(config)),
        vector_engine(config, sinks.kernels != nullptr ? *sinks.kernels : portable_kernels(), store(config)),
        prediction_engine(config, sinks.kernels != nullptr ? *sinks.kernels : portable_kernels(), store(config)),
        sparsity_controller(config, store(config)),
        matrix_rows(matrix_engine, store(config)),
        vector_rows(vector_engine, nullptr),
        prediction_rows(prediction_engine, store(config)),
        sparsity_rows(sparsity_controller, store(config)),
        dma("dma", dma_unit(config, store(config), written), dma_engine, port, sinks.trace),
        matrix("matrix", core_unit(config, Requester::kMatrix, store(config), written), matrix_rows, port, sinks.trace),
        vector("vector", core_unit(config, Requester::kVector, store(config), written), vector_rows, port, sinks.trace),
        prediction("prediction", core_unit(config, Requester::kPrediction, store(config), written), prediction_rows,
                   port, sinks.trace),
        sparsity("sparsity", core_unit(config, Requester::kSparsity, store(config), written), sparsity_rows, port,
                 sinks.trace) {
    attach(abi::Unit::kDma, dma);
    attach(abi::Unit::kMatrix, matrix);
    attach(abi::Unit::kVector, vector);
    attach(abi::Unit::kPrediction, prediction);
    attach(abi::Unit::kSparsity, sparsity);
    processor.on_reset = [this] { written.reset(); };
  }

  void attach(abi::Unit unit, ExecutionUnit& execution) {
    processor.attach(unit, execution);
    execution.set_listener(processor);
  }

  /// With data, masks are where they belong.
  MaskStore* store(const AcceleratorConfig& config) { return config.compute_values ? nullptr : &masks; }

  GlobalBuffer buffer;
  MemoryPort port;
  CommandProcessor processor;
  StatisticalMasks made_up;
  MaskStore masks;
  WrittenRows written;
  DmaEngine dma_engine;
  MatrixEngine matrix_engine;
  VectorEngine vector_engine;
  PredictionEngine prediction_engine;
  SparsityController sparsity_controller;
  RowListEngine matrix_rows;
  RowListEngine vector_rows;
  RowListEngine prediction_rows;
  RowListEngine sparsity_rows;
  ExecutionUnit dma;
  ExecutionUnit matrix;
  ExecutionUnit vector;
  ExecutionUnit prediction;
  ExecutionUnit sparsity;
};

// The comma: a bad configuration is refused before the module exists.
Accelerator::Accelerator(const sc_core::sc_module_name& name, const AcceleratorConfig& config, const Sinks& sinks,
                         std::size_t config_size)
    : sc_module((static_cast<void>(checked(config, config_size)), name)),
      blocks_(std::make_unique<Blocks>(config, sinks)) {
  registers.bind(blocks_->processor.registers);
  buffer.bind(blocks_->buffer.aperture);
  blocks_->port.memory.bind(memory);
}

Accelerator::~Accelerator() = default;

bool Accelerator::idle() const { return blocks_->processor.idle(); }

std::vector<QueueStatus> Accelerator::queue_status() const { return blocks_->processor.queue_status(); }

StatisticsList Accelerator::statistics() const {
  StatisticsList all = blocks_->processor.statistics("accelerator.command_processor");
  for (const StatisticsList& part :
       {blocks_->dma.statistics("accelerator.dma"), blocks_->matrix.statistics("accelerator.matrix"),
        blocks_->vector.statistics("accelerator.vector"), blocks_->prediction.statistics("accelerator.prediction"),
        blocks_->sparsity.statistics("accelerator.sparsity"), blocks_->buffer.statistics("accelerator.global_buffer"),
        blocks_->port.statistics("accelerator.memory_port")}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// The units' books check themselves when they are read.
void Accelerator::check_counters() const {
  static_cast<void>(blocks_->dma.statistics("accelerator.dma"));
  static_cast<void>(blocks_->matrix.statistics("accelerator.matrix"));
  static_cast<void>(blocks_->vector.statistics("accelerator.vector"));
  static_cast<void>(blocks_->prediction.statistics("accelerator.prediction"));
  static_cast<void>(blocks_->sparsity.statistics("accelerator.sparsity"));
}

void Accelerator::validate(const AcceleratorConfig& config) {
  in_range("clock_hz", config.clock_hz, 1, 0xffffffff);
  in_range("cores", config.cores, 1, 64);
  in_range("array_rows", config.array_rows, 1, 255);
  in_range("array_columns", config.array_columns, 1, 255);
  in_range("dot_length", config.dot_length, 1, 65535);
  in_range("vector_lanes", config.vector_lanes, 1, 65536);
  in_range("list_groups", config.list_groups, 0, 1024);
  in_range("list_words_per_cycle", config.list_words_per_cycle, 1, 64);
  in_range("list_fifo_depth", config.list_fifo_depth, 1, 1024);
  in_range("prediction_rows", config.prediction_rows, 0, 255);
  in_range("prediction_columns", config.prediction_columns, 1, 255);
  in_range("prediction_length", config.prediction_length, 1, 65535);
  if (!(config.mask_density >= 0 && config.mask_density <= 1)) {
    throw ConfigError("accelerator.mask_density",
                      "is " + std::to_string(config.mask_density) + ", must be from 0 to 1");
  }
  if (!(config.ffn_mask_density >= 0 && config.ffn_mask_density <= 1)) {
    throw ConfigError("accelerator.ffn_mask_density",
                      "is " + std::to_string(config.ffn_mask_density) + ", must be from 0 to 1");
  }
  static_cast<void>(make_merge_rule(config.merge_rule));
  if (!(config.token_share >= 0 && config.token_share <= 1)) {
    throw ConfigError("accelerator.token_share", "is " + std::to_string(config.token_share) + ", must be from 0 to 1");
  }
  static_cast<void>(make_token_rule("accelerator.token_rule", config.token_rule));
  in_range("core_sram_bytes", config.core_sram_bytes, 1024, std::uint64_t{1} << 32);
  in_range("core_sram_word_bytes", config.core_sram_word_bytes, 1, 4096);
  in_range("global_buffer_bytes", config.global_buffer_bytes, 1024, std::uint64_t{1} << 40);
  in_range("global_buffer_word_bytes", config.global_buffer_word_bytes, 1, 4096);
  in_range("dma_channels", config.dma_channels, 1, 8);
  in_range("dma_bytes_per_cycle", config.dma_bytes_per_cycle, 1, 4096);
  in_range("memory_bytes_per_cycle", config.memory_bytes_per_cycle, 1, 4096);
  in_range("burst_bytes", config.burst_bytes, 8, 4096);
  in_range("queues", config.queues, 1, DIXION_MAX_QUEUES);
  in_range("prefetch", config.prefetch, 8, 256);
  in_range("register_cycles", config.register_cycles, 0, 10000);
  in_range("dispatch_cycles", config.dispatch_cycles, 1, 10000);
  // Their constructors know the rest: powers of two, whole rows of banks.
  static_cast<void>(core_sram_array(config));
  static_cast<void>(global_buffer_array(config));
}

}  // namespace dixion
