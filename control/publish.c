#include "control/publish.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "control/control.h"

static void
publish(struct control *c, const char *host, uint16_t port)
{
	char text[URL_TEXT_CAP];
	struct url *u;

	if (c->publish.n == PUBLISH_MAX || port == 0)
		return;
	u = &c->publish.urls[c->publish.n++];
	u->kind = URL_RELAYED;
	u->port = port;
	(void)snprintf(u->host, sizeof u->host, "%s", host);
	memcpy(u->digest, c->identity->digest, DIGEST_LEN);
	printf("%s\n", url_format(u, URL_SCHEME, text));
}

/* A pipe that nobody reads any more is no reason to end: the URLs stand in
 * /status too. */
static void
flush(void)
{
	if (fflush(stdout) != 0)
		clearerr(stdout);
}

void
publish_advertised(struct control *c)
{
	const struct conf_list *list = &c->config.advertise;

	for (size_t i = 0; i < list->n; i++) {
		const char *text = list->items[i];
		char host[ADDR_HOST_CAP];
		uint16_t port;

		if (addr_split_host(text, strlen(text), host, &port) == 0)
			publish(c, host, port);
	}
	flush();
}

/* Where a listener can be reached from the node's own machine, at least. */
static const char *
reachable(const struct addr *a, char *buf)
{
	if (!addr_is_unspecified(a))
		return addr_format_ip(a, buf);
	return addr_is_v4(a) ? "127.0.0.1" : "::1";
}

void
publish_node(struct control *c, const struct node *node)
{
	char buf[ADDR_TEXT_CAP];

	if (c->publish.n > 0 || node->n_listeners == 0)
		return;
	for (size_t i = 0; i < node->n_listeners; i++)
		publish(c, reachable(&node->listeners[i], buf),
		    node->listeners[i].port);
	if (c->publish.n == 0)
		return;
	flush();
	log_warn("advertise-missing",
	    "node=%s urls=%zu what=\"the URLs are made of this node's listen "
	    "addresses: set advertise to the addresses that others reach\"",
	    node->name, c->publish.n);
}
