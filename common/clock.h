/*
 * clock - the times that deadlines are made of. Tests replace these functions
 * (-Wl,--wrap) with a clock they move by hand.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* clock_now_ms - ms of CLOCK_MONOTONIC: stands still while a machine sleeps. */
uint64_t clock_now_ms(void);

/* clock_boot_ms - ms of CLOCK_BOOTTIME: goes on while a machine sleeps, so
 * that a client which wakes sees that its control stream is old. */
uint64_t clock_boot_ms(void);

#endif
