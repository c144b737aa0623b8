/*
 * fake_log - records of level info and warn, which the fake control's log keeps
 * to itself, counted by their events.
 */
#ifndef TESTS_UNIT_CONTROL_FAKE_LOG_H
#define TESTS_UNIT_CONTROL_FAKE_LOG_H

/* fake_log_count - how many there were of that event. */
unsigned fake_log_count(const char *event);

/* fake_log_newest - the newest one's text; "" if there is none. Static, until
 * the next is written. */
const char *fake_log_newest(const char *event);

/* fake_log_begin - for fake.c: there were none. */
void fake_log_begin(void);

#endif
