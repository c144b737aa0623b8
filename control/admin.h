/*
 * admin - HTTP for operators: /healthz and /metrics wherever it listens,
 * /status, which names clients, on the UNIX socket alone.
 */
#ifndef CONTROL_ADMIN_H
#define CONTROL_ADMIN_H

#include <stdbool.h>

#include "common/conf.h"

struct admin;
struct control;

#define ADMIN_WHY_CAP 256

/* TCP connections taken within 5 s; none lasts longer than twice that. */
enum { ADMIN_BURST = 512 };

/* admin_new - listen at config.admin_listen and config.admin_socket.
 * why      out, ADMIN_WHY_CAP bytes.
 * Returns  0, c->admin is set; -1 with a sentence in why. */
int admin_new(struct control *c, char *why);
void admin_free(struct control *c);

/*
 * admin_host_is_allowed - whether a TCP request's Host header is one of ours:
 * a web page whose name was made to point at us (DNS rebinding) says its own.
 *
 * host     the header; NULL if there was none.
 * listen   the addresses listened on, of char *.
 * Returns  true for localhost, loopback literals and what listen names, with
 *          any port or none.
 */
bool admin_host_is_allowed(const char *host, const struct conf_list *listen);

#endif
