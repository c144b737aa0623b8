/*
 * fake_time - the clock of the fake control, which only tests move, and what
 * its loop has to do: deadlines, and calls put off to the turn's end.
 */
#ifndef TESTS_UNIT_CONTROL_FAKE_TIME_H
#define TESTS_UNIT_CONTROL_FAKE_TIME_H

#include <stdint.h>

struct control;

/* fake_advance - move the clock, run what is due. */
void fake_advance(struct control *c, uint64_t ms);

/* fake_now_ms - what it shows. */
uint64_t fake_now_ms(void);

/* fake_turn - end the loop's turn: run what was put off to that. */
void fake_turn(void);

/* fake_time_begin, fake_time_end - for fake.c: a clock of its own for each
 * control. */
void fake_time_begin(void);
void fake_time_end(void);

#endif
