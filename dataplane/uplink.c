#include "dataplane/uplink.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "common/route.h"
#include "dataplane/node.h"
#include "dataplane/resolver.h"

/* "HOST:PORT" of tcp://HOST:PORT. */
static int
split(const char *url, char *host, uint16_t *port)
{
	const char *text = url + strlen("tcp://");

	return addr_split_host(text, strlen(text), host, port);
}

const char *
uplink_check_url(const char *url)
{
	char host[ADDR_HOST_CAP];
	const char *why;
	struct addr a;
	uint16_t port;

	if (nnlink_check_connect(url, &why) == 0)
		return NULL;
	if (!nnlink_is_tcp(url) || nnlink_tcp_addr(&a, url) == 0)
		return why; /* there is no name in it */
	return split(url, host, &port) == 0
		   ? NULL
		   : "a host and a port must follow tcp://, as in "
		     "tcp://control.example:7447 or tcp://[2001:db8::1]:7447";
}

static int
make(struct node *n, const char *url)
{
	struct uplink *u = &n->link.up;
	struct nnlink_out *out = nnlink_out_new(n->loop, url, UPLINK_QUEUE_MAX);

	if (out == NULL)
		return -1;
	nnlink_out_free(u->out);
	u->out = out;
	return 0;
}

/* The one before stays if there is no descriptor for another. */
static void
make_anew(struct node *n, const char *url)
{
	if (make(n, url) == -1)
		log_warn("uplink-failed", "url=%s error=\"%s\"", url,
		    strerror(errno));
}

/* One after the other, should control be at one of them alone. An answer that
 * comes when control was found meanwhile changes nothing. */
static void
on_answer(void *arg, const struct addr *addrs, size_t n_addrs, const char *why)
{
	struct node *n = arg;
	struct uplink *u = &n->link.up;
	char url[NNLINK_URL_CAP];

	if (link_in_session(n))
		return;
	if (n_addrs == 0) {
		if (!u->is_unknown)
			log_warn("control-unresolved",
			    "url=%s why=\"%s\" what=\"it is looked up again "
			    "every %d ms\"",
			    n->config.events_url, why, UPLINK_RENEW_MS);
		u->is_unknown = true;
		return;
	}
	u->is_unknown = false;
	u->to = addrs[u->n_tried++ % n_addrs];
	make_anew(n, nnlink_tcp_url(&u->to, url));
}

static int
start_resolver(struct node *n)
{
	struct uplink *u = &n->link.up;
	char host[ADDR_HOST_CAP];
	uint16_t port;

	if (split(n->config.events_url, host, &port) == -1) {
		errno = EINVAL;
		return -1;
	}
	u->resolver = resolver_new(n->loop, host, port, on_answer, n);
	if (u->resolver == NULL)
		return -1;
	resolver_ask(u->resolver);
	return 0;
}

int
uplink_start(struct node *n)
{
	struct uplink *u = &n->link.up;
	const char *why;

	u->tried_ms = loop_now_ms(n->loop);
	if (nnlink_check_connect(n->config.events_url, &why) == -1)
		return start_resolver(n);
	(void)nnlink_tcp_addr(&u->to, n->config.events_url); /* or ipc:// */
	return make(n, n->config.events_url);
}

void
uplink_stop(struct node *n)
{
	struct uplink *u = &n->link.up;

	resolver_free(u->resolver);
	nnlink_out_free(u->out);
	memset(u, 0, sizeof *u);
}

void
uplink_renew(struct node *n)
{
	struct uplink *u = &n->link.up;
	uint64_t now_ms = loop_now_ms(n->loop);

	if (now_ms - u->tried_ms < UPLINK_RENEW_MS)
		return;
	u->tried_ms = now_ms;
	if (u->resolver != NULL)
		resolver_ask(u->resolver);
	else
		make_anew(n, n->config.events_url);
}

const char *
uplink_way(const struct uplink *u)
{
	if (u->out != NULL)
		return nnlink_out_way(u->out);
	return u->is_unknown ? "its name has no address"
			     : "its name is being looked up";
}

bool
uplink_is_connected(const struct uplink *u)
{
	return u->out != NULL && nnlink_out_is_connected(u->out);
}

int
uplink_send(struct uplink *u, const void *p, size_t len)
{
	if (u->out != NULL)
		return nnlink_send(u->out, p, len);
	errno = ENOTCONN;
	return -1;
}

void
uplink_flush(struct uplink *u)
{
	if (u->out != NULL)
		nnlink_out_flush(u->out);
}

struct addr
uplink_here(const struct uplink *u, const char *advertised,
    const struct addr *a, bool is_dual)
{
	struct addr from;

	if (addr_parse(&from, advertised) == 0)
		return from;
	if (a->port == 0 || !addr_is_unspecified(a) || u->to.port == 0 ||
	    route_from(&from, &u->to) == -1)
		return *a;
	if (addr_is_v4(&from) != addr_is_v4(a) && (addr_is_v4(a) || !is_dual))
		return *a;
	from.port = a->port;
	return from;
}
