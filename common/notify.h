/*
 * notify - tell the service manager (sd_notify(3)) by its one datagram.
 */
#ifndef COMMON_NOTIFY_H
#define COMMON_NOTIFY_H

/* notify_manager - send state such as "READY=1" to $NOTIFY_SOCKET, if it is
 * set. Returns 0 (also if it is not set); -1 with errno. */
int notify_manager(const char *state);

#endif
