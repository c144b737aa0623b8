/*
 * loop - one thread's event loop: libevent's base, one queue of deadlines on
 * one timer, work deferred to the end of the turn, and the end by signal.
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/deadline.h"

struct loop;
typedef void loop_fn(void *arg);

/*
 * loop_new - a loop on CLOCK_MONOTONIC (boot: on CLOCK_BOOTTIME).
 *
 * Does     ignores SIGPIPE and SIGXFSZ from here on, for the whole process.
 * Returns  owned by the caller; NULL with errno set.
 */
struct loop *loop_new(void);
struct loop *loop_new_boot(void);

/* loop_free - runs what is still deferred; deadlines are disarmed. Events of
 * one's own are freed before. */
void loop_free(struct loop *l);

/* loop_base - for events of one's own; borrowed. */
struct event_base *loop_base(struct loop *l);

/* loop_now_ms - the loop's clock, read once a turn: when it is first asked
 * for. */
uint64_t loop_now_ms(struct loop *l);

/* loop_arm - deadline_arm at now + in_ms, and the timer with it.
 * Returns 0; -1 with errno ENOMEM. */
int loop_arm(struct loop *l, struct deadline *d, uint64_t in_ms);
void loop_disarm(struct loop *l, struct deadline *d);

/*
 * loop_defer - call fn(arg) at the end of this turn, after all callbacks of
 * events that are active now: where objects are freed. What a deferred call
 * defers comes in the next turn, which does not wait then.
 *
 * Returns  0; -1 with errno ENOMEM.
 */
int loop_defer(struct loop *l, loop_fn *fn, void *arg);

/* loop_on_signal - call fn(arg) in the loop at each signo. At most 8.
 * Returns 0; -1. */
int loop_on_signal(struct loop *l, int signo, loop_fn *fn, void *arg);

/* loop_turn - one turn without waiting: what is ready, what is due, what is
 * deferred. How tests move a loop under a clock of their own.
 * Returns 0; -1 if libevent failed. */
int loop_turn(struct loop *l);

/* loop_run - until loop_stop. Returns 0; -1 if libevent failed. */
int loop_run(struct loop *l);

/* loop_stop - loop_run returns at the end of this turn. From the loop's own
 * thread. */
void loop_stop(struct loop *l);

#endif
