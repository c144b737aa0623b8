/*
 * start - bringing control up and taking it down, in privilege order.
 */
#ifndef CONTROL_START_H
#define CONTROL_START_H

struct config;
struct control;

/*
 * control_start - from a configuration to a daemon that is ready.
 *
 * c        zeroed but for config, which stays the caller's.
 * Returns  EXITCODE_OK; another exit code, the reason has been logged, and
 *          control_stop is still to be called.
 */
int control_start(struct control *c);

/* control_stop - everything ends, in reverse order; as far as control_start
 * came. */
void control_stop(struct control *c);

/* control_check_keys - whether the configured identities can be loaded, or are
 * the one that a start without configuration makes; and, for tcp://, the
 * cluster key. Returns an exit code; what is wrong has been said on stderr. */
int control_check_keys(const struct config *config);

#endif
