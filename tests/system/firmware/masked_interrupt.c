/* SPDX-License-Identifier: Apache-2.0 */
/* A command completes and asks for its interrupt, which the PLIC was never told to pass on. */
#include "tests/system/firmware/device.h"

int main(void) {
  open_queue();
  write_global(DIXION_ACCELERATOR_INTR_ENABLE, 1);
  ring[0].opcode = DIXION_OPCODE_NOP;
  ring[0].flags = DIXION_COMMAND_FLAG_INTERRUPT;
  ring_doorbell(1);
  sleep_forever();
}
