/*
 * deadline - many deadlines, one timer: a binary heap of deadlines that
 * objects embed. Time is what the caller says it is, so tests move it by hand.
 */
#ifndef COMMON_DEADLINE_H
#define COMMON_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deadline;
typedef void deadline_fn(struct deadline *d, void *arg);

struct deadline {
	uint64_t at_ms; /* of the queue's clock */
	size_t slot;	/* 1-based place in the heap; 0 = not armed */
	deadline_fn *fn;
	void *arg;
};

struct deadline_queue {
	struct deadline **heap; /* owned array, elements borrowed */
	size_t n;
	size_t cap;
	uint64_t floor_ms; /* while deadline_run calls back: the earliest that
			    * can be armed; else 0 */
};

void deadline_queue_init(struct deadline_queue *q);

/* deadline_queue_fini - frees the array; what is armed is disarmed. */
void deadline_queue_fini(struct deadline_queue *q);

/* deadline_init - not armed; fn(d, arg) is called when it is due. */
void deadline_init(struct deadline *d, deadline_fn *fn, void *arg);

/*
 * deadline_arm - set or move it to at_ms.
 *
 * d        borrowed until it is due or disarmed.
 * Returns  0; -1 with errno ENOMEM (then not armed).
 */
int deadline_arm(struct deadline_queue *q, struct deadline *d, uint64_t at_ms);

/* deadline_disarm - does nothing if it is not armed. */
void deadline_disarm(struct deadline_queue *q, struct deadline *d);

bool deadline_is_armed(const struct deadline *d);

/* deadline_next_ms - when the earliest is due; UINT64_MAX if none. */
uint64_t deadline_next_ms(const struct deadline_queue *q);

/* deadline_run - disarm and call all that are due at now_ms, earliest first.
 * A callback may arm, disarm and free anything, itself included. What it arms
 * for now_ms or earlier is due at now_ms + 1, so that no run is endless.
 * Returns how many were called. */
size_t deadline_run(struct deadline_queue *q, uint64_t now_ms);

#endif
