/*
 * move - one step of a leg: some bytes from its source nearer to its sink.
 * Written once, "from → to"; what a step met becomes the leg's next state in
 * pump.c.
 */
#ifndef DATAPLANE_MOVE_H
#define DATAPLANE_MOVE_H

#include <stdbool.h>
#include <stddef.h>

#include "dataplane/pair.h"

enum move {
	MOVE_SOME,	  /* bytes went on */
	MOVE_ALL,	  /* bytes went on, and the source had no more */
	MOVE_DRY,	  /* the source has nothing to read now */
	MOVE_BLOCKED,	  /* the sink takes nothing now */
	MOVE_EOF,	  /* the source ended in an orderly way */
	MOVE_SOURCE_DIED, /* an error of the source; errno says which */
	MOVE_SINK_DIED	  /* an error of the sink; errno says which */
};

/*
 * move_in - read: splice from the source into the leg's pipe, which is empty,
 * and taken from the pool if there is none; or copy from source to sink when
 * the pool is dry. What is read is taken from the pair's share, what reached
 * the sink is counted.
 *
 * want         bytes at most.
 * is_readable  poll(2) said so, and nothing was read since.
 * n            out; bytes, on MOVE_SOME and MOVE_ALL alone.
 */
enum move move_in(struct leg *l, size_t want, bool is_readable, size_t *n);

/* move_out - splice what is in the leg's pipe to the sink, and count it. */
enum move move_out(struct leg *l, size_t *n);

#endif
