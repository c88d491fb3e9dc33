/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeps although nothing was set up that could wake it. */
#include "tests/system/firmware/device.h"

int main(void) { sleep_forever(); }
