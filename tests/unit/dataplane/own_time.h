/*
 * own_time - the time that each worker's thread had: what it ran, and what it
 * slept though it could have run. What it waited for a core is not its own: on
 * a busy machine that is seconds, and no wake-up was lost by them.
 *
 * Link with WRAP loop_run, where a worker's thread is met.
 */
#ifndef TESTS_UNIT_DATAPLANE_OWN_TIME_H
#define TESTS_UNIT_DATAPLANE_OWN_TIME_H

#include <stdbool.h>
#include <stdint.h>

#define OWN_TIME_LOOK_MS 20

/* own_time_look - who sleeps now? Counts as OWN_TIME_LOOK_MS of sleep, and
 * does nothing if that much has not passed since the last look. Returns
 * whether it looked. */
bool own_time_look(void);

/* own_time_ms - of one worker, up to the last look; own_time_least_ms - of the
 * one that had least. */
uint64_t own_time_ms(int worker);
uint64_t own_time_least_ms(void);

#endif
