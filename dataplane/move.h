/*
 * move - one step of a leg: some bytes from its source nearer to its sink.
 * Written once, "from → to"; what a step met becomes the leg's next state in
 * pump.c.
 */
#ifndef DATAPLANE_MOVE_H
#define DATAPLANE_MOVE_H

#include <stddef.h>

#include "dataplane/pair.h"

enum move {
	MOVE_SOME,	  /* bytes went on */
	MOVE_DRY,	  /* the source has nothing to read now */
	MOVE_BLOCKED,	  /* the sink takes nothing now */
	MOVE_EOF,	  /* the source ended in an orderly way */
	MOVE_SOURCE_DIED, /* an error of the source; errno says which */
	MOVE_SINK_DIED	  /* an error of the sink; errno says which */
};

/*
 * move_in - splice from the source into the leg's pipe, which is empty.
 *
 * want  bytes at most.
 * n     out; bytes, on MOVE_SOME alone.
 */
enum move move_in(struct leg *l, size_t want, size_t *n);

/* move_out - splice what is in the leg's pipe to the sink. */
enum move move_out(struct leg *l, size_t *n);

/*
 * move_copy - the same in one step without a pipe: peek, send, discard what
 * was taken, so that nothing stays in user space.
 *
 * buf   cap bytes; nothing in it is needed after.
 * want  bytes at most.
 */
enum move
move_copy(struct leg *l, void *buf, size_t cap, size_t want, size_t *n);

#endif
