#include "control/publish.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "control/control.h"

struct place {
	char host[ADDR_HOST_CAP];
	uint16_t port;
};

void
publish_url(
    struct control *c, const struct relay_identity *who, const char *text)
{
	struct published *p = &c->publish.urls[c->publish.n++];

	assert(c->publish.n <= PUBLISH_MAX);
	p->who = who;
	(void)snprintf(p->text, sizeof p->text, "%s", text);
	printf("%s\n", text);
}

/* All of one identity, then the next. A pipe that nobody reads any more is no
 * reason to end: the URLs stand in /status too. */
static void
publish(struct control *c, const struct place *places, size_t n)
{
	for (size_t i = 0; i < c->identities.n; i++) {
		const struct relay_identity *who = &c->identities.list[i];

		for (size_t p = 0; p < n && !who->is_retiring; p++)
			who->frontend->publish(
			    c, who, places[p].host, places[p].port);
	}
	if (fflush(stdout) != 0)
		clearerr(stdout);
}

void
publish_advertised(struct control *c)
{
	const struct conf_list *list = &c->config.advertise;
	struct place places[PUBLISH_PLACES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		const char *text = list->items[i];

		/* Checked when it was read. */
		if (addr_split_host(text, strlen(text), places[n].host,
			&places[n].port) == 0)
			n++;
	}
	publish(c, places, n);
}

uint16_t
publish_port(const struct control *c, uint16_t local)
{
	const struct conf_list *list = &c->config.advertise;
	char host[ADDR_HOST_CAP];
	uint16_t port, first = 0;

	for (size_t i = 0; i < list->n; i++) {
		const char *text = list->items[i];

		/* Checked when it was read. */
		(void)addr_split_host(text, strlen(text), host, &port);
		if (port == local)
			return local;
		if (first == 0)
			first = port;
	}
	return first != 0 ? first : local;
}

/* Where a listener can be reached from the node's own machine, at least. */
static void
make_reachable(struct place *place, const struct addr *a)
{
	char text[ADDR_TEXT_CAP];
	const char *host = addr_format_ip(a, text);

	if (addr_is_unspecified(a))
		host = addr_is_v4(a) ? "127.0.0.1" : "::1";
	(void)snprintf(place->host, sizeof place->host, "%s", host);
	place->port = a->port;
}

void
publish_node(struct control *c, const struct node *node)
{
	struct place places[PUBLISH_PLACES_MAX];
	size_t n = 0;

	if (c->publish.n > 0)
		return;
	for (size_t i = 0; i < node->n_listeners; i++)
		if (node->listeners[i].port != 0)
			make_reachable(&places[n++], &node->listeners[i]);
	publish(c, places, n);
	if (c->publish.n == 0)
		return;
	log_warn("advertise-missing",
	    "node=%s urls=%zu what=\"the URLs are made of this node's listen "
	    "addresses: set advertise to the addresses that others reach\"",
	    node->name, c->publish.n);
}
