/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/lib/status.h"

const char* status_name(status_t status) {
  static const char* const names[] = {"ok",
                                      "bad argument",
                                      "not found",
                                      "damaged device tree",
                                      "no accelerator",
                                      "other programming model",
                                      "out of memory",
                                      "ring full",
                                      "nothing yet",
                                      "queue halted",
                                      "command failed",
                                      "bad image",
                                      "mismatch"};
  return (unsigned)status < sizeof names / sizeof names[0] ? names[status] : "unknown status";
}
