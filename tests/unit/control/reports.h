/*
 * reports - what the world's control tells of itself.
 */
#ifndef TESTS_UNIT_CONTROL_REPORTS_H
#define TESTS_UNIT_CONTROL_REPORTS_H

#include <jansson.h>
#include <stdbool.h>

/* metrics_text - all of them; free() it. metrics_have - is that among it? */
char *metrics_text(void);
bool metrics_have(const char *sample);

/* unknown_in_status - how many pairs of a are unknown, by the status. Fails
 * the test if its state is another; -1: the status has no a. */
json_int_t unknown_in_status(const char *state);

#endif
