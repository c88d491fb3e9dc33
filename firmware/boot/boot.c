/* SPDX-License-Identifier: Apache-2.0 */
/* From crt0.S to main() and from its result to the finisher. */
#include "firmware/drivers/finisher.h"
#include "firmware/lib/console.h"
#include "firmware/lib/machine.h"

int main(void);
_Noreturn void boot_main(uint64_t hart, const void* device_tree);

void boot_main(uint64_t hart, const void* device_tree) {
  console_init();
  machine_init(hart, device_tree);
  const int result = main();
  if (result == 0) finisher_pass();
  finisher_fail((uint32_t)result);
}
