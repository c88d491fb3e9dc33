/* SPDX-License-Identifier: Apache-2.0 */
/* Fails with code 7. */
int main(void) { return 7; }
