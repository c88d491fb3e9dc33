/* SPDX-License-Identifier: Apache-2.0 */
/* A command waits for semaphore 5 to reach 4; nobody signals it. */
#include "tests/system/firmware/device.h"

int main(void) {
  open_queue();
  ring[0].opcode = DIXION_OPCODE_NOP;
  ring[1].opcode = DIXION_OPCODE_NOP;
  ring[1].tag = 0x2a;
  ring[1].wait_semaphore[0] = 5;
  ring[1].wait_value[0] = 4;
  ring_doorbell(2);
  sleep_forever();
}
