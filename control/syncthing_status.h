/*
 * syncthing_status - the page of figures that Syncthing's own relay server has
 * at /status, by its names (proto/SYNCTHING.md 7): for whoever watches one. It
 * names no device.
 */
#ifndef CONTROL_SYNCTHING_STATUS_H
#define CONTROL_SYNCTHING_STATUS_H

#include <jansson.h>

struct control;
struct syncthing_status;

#define SYNCTHING_STATUS_WHY_CAP 256

/* Connections to it at a time. */
enum { SYNCTHING_STATUS_BURST = 32 };

/*
 * syncthing_status_open - listen at config.syncthing_status_listen.
 *
 * why      out, SYNCTHING_STATUS_WHY_CAP bytes.
 * Returns  0, c->syncthing_status is set unless the list is empty; -1 with a
 *          sentence in why.
 */
int syncthing_status_open(struct control *c, char *why);
void syncthing_status_close(struct control *c);

/* syncthing_status_new - the page. started: when control began, by the wall
 * clock. Returns it, owned by the caller; NULL: no memory. */
json_t *syncthing_status_new(const struct control *c, int64_t started);

#endif
