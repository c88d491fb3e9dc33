/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program: a line on the console, then the verdict "passed". */
#include <stdio.h>

#include "firmware/lib/machine.h"

int main(void) {
  printf("hello from hart %u\n", (unsigned)machine_hart());
  return STATUS_OK;
}
