/*
 * admin - HTTP for operators: /healthz and /metrics wherever it listens,
 * /status, which names clients, and what changes something (admin_drain.h) on
 * the UNIX socket alone.
 */
#ifndef CONTROL_ADMIN_H
#define CONTROL_ADMIN_H

#include <stdbool.h>

struct admin;
struct control;

#define ADMIN_WHY_CAP 384

/* Connections at a time: over TCP, and as many on the UNIX socket. */
enum { ADMIN_BURST = 64 };

/* admin_new - listen at config.admin_listen and config.admin_socket.
 * why      out, ADMIN_WHY_CAP bytes.
 * Returns  0, c->admin is set; -1 with a sentence in why. */
int admin_new(struct control *c, char *why);
void admin_free(struct control *c);

/*
 * admin_host_is_allowed - whether a TCP request's Host header can be ours: a
 * web page whose name was made to point at us (DNS rebinding) says its name.
 *
 * host     the header; NULL if there was none.
 * Returns  true for localhost and for addresses, with any port or none.
 */
bool admin_host_is_allowed(const char *host);

#endif
