/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/drivers/accel.h"

#include "firmware/drivers/dixion_port.h"
#include "models/abi/generated/accelerator_registers.h"

#define ACCEL_ID 0x314e5844u /* "DXN1" */
#define ACCEL_ABI_MAJOR 1u
#define ACCEL_MAX_DESCRIPTORS 65536u
#define FIELD(value, name) (((value)&DIXION_ACCELERATOR_##name##_MASK) >> DIXION_ACCELERATOR_##name##_SHIFT)

static uint32_t read(const accel_t* accel, uint32_t offset) { return mmio_read32(accel->base + offset); }

static void write(const accel_t* accel, uint32_t offset, uint32_t value) { mmio_write32(accel->base + offset, value); }

status_t accel_probe(accel_t* accel, uint64_t base) {
  *accel = (accel_t){.base = base};
  if (read(accel, DIXION_ACCELERATOR_ID) != ACCEL_ID) return STATUS_NO_DEVICE;
  const uint32_t version = read(accel, DIXION_ACCELERATOR_ABI_VERSION);
  if (FIELD(version, ABI_VERSION_MAJOR) != ACCEL_ABI_MAJOR) return STATUS_WRONG_VERSION;
  if (read(accel, DIXION_ACCELERATOR_BUILD_HASH) != DIXION_ABI_HASH) return STATUS_WRONG_VERSION;

  accel_capabilities_t* capabilities = &accel->capabilities;
  const uint32_t units = read(accel, DIXION_ACCELERATOR_CAP_UNITS);
  capabilities->cores = FIELD(units, CAP_UNITS_CORES);
  const uint32_t array = read(accel, DIXION_ACCELERATOR_CAP_ARRAY);
  capabilities->array_rows = FIELD(array, CAP_ARRAY_ROWS);
  capabilities->array_columns = FIELD(array, CAP_ARRAY_COLUMNS);
  capabilities->queues = FIELD(units, CAP_UNITS_QUEUES);
  capabilities->dma_channels = FIELD(units, CAP_UNITS_DMA_CHANNELS);
  capabilities->semaphores = FIELD(units, CAP_UNITS_SEMAPHORES);
  capabilities->formats = read(accel, DIXION_ACCELERATOR_CAP_FORMATS);
  capabilities->core_sram_bytes = (uint64_t)read(accel, DIXION_ACCELERATOR_CAP_CORE_SRAM) * 1024u;
  capabilities->global_buffer_bytes = (uint64_t)read(accel, DIXION_ACCELERATOR_CAP_GLOBAL_BUFFER) * 1024u;
  capabilities->clock_hz = read(accel, DIXION_ACCELERATOR_CAP_CLOCK);
  return STATUS_OK;
}

static bool is_reset(const void* context) { return ((const accel_t*)context)->reset_done; }

void accel_reset(accel_t* accel) {
  accel->reset_done = false;
  write(accel, DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_RESET_MASK);
  write(accel, DIXION_ACCELERATOR_INTR_ENABLE, DIXION_ACCELERATOR_INTR_ENABLE_RESET_DONE_MASK);
  wait_for_interrupt(is_reset, accel);
  accel->halted = 0;
}

status_t accel_set_descriptors(accel_t* accel, const dixion_descriptor_t* table, uint32_t count) {
  const uint64_t address = physical_address(table);
  if (address % sizeof *table != 0 || count > ACCEL_MAX_DESCRIPTORS) return STATUS_BAD_ARGUMENT;
  write(accel, DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, (uint32_t)address);
  write(accel, DIXION_ACCELERATOR_DESCRIPTOR_BASE_HI, (uint32_t)(address >> 32));
  write(accel, DIXION_ACCELERATOR_DESCRIPTOR_COUNT, count);
  return STATUS_OK;
}

void accel_enable(accel_t* accel) {
  write(accel, DIXION_ACCELERATOR_INTR_ENABLE,
        DIXION_ACCELERATOR_INTR_ENABLE_COMPLETION_MASK | DIXION_ACCELERATOR_INTR_ENABLE_ERROR_MASK |
            DIXION_ACCELERATOR_INTR_ENABLE_RESET_DONE_MASK);
  write(accel, DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
}

void accel_disable(accel_t* accel) {
  write(accel, DIXION_ACCELERATOR_CONTROL, 0);
  write(accel, DIXION_ACCELERATOR_INTR_ENABLE, 0);
}

void accel_isr(void* context, uint32_t source) {
  (void)source; /* INTR_STATUS says more than the line */
  accel_t* accel = context;
  const uint32_t causes = read(accel, DIXION_ACCELERATOR_INTR_STATUS);
  write(accel, DIXION_ACCELERATOR_INTR_STATUS,
        causes); /* first, so that a cause that comes back raises the line again */
  accel->halted |= FIELD(causes, INTR_STATUS_ERROR);
  if (FIELD(causes, INTR_STATUS_RESET_DONE) != 0) accel->reset_done = true;
}

uint32_t accel_semaphore(const accel_t* accel, uint32_t number) {
  return read(accel, DIXION_ACCELERATOR_SEMAPHORE(number));
}

void accel_mark_trace(const accel_t* accel, uint32_t value) { write(accel, DIXION_ACCELERATOR_TRACE_MARKER, value); }
