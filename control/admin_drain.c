#include "control/admin_drain.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "control/drain.h"

/* Without memory for its text the code alone says it. */
#define SAY(answer, ...) \
	((void)evbuffer_add_printf((answer)->body, __VA_ARGS__))

static void
refuse_post(
    struct control *c, struct http_answer *a, int code, const char *reason)
{
	c->counters.counts[COUNT_ADMIN_REFUSED]++;
	a->code = code;
	a->reason = reason;
}

/* Between the two, which is left out; false: path is another. */
static bool
take_name(const char *path, char name[IPC_NAME_CAP])
{
	static const char BEFORE[] = "/nodes/", BEHIND[] = "/drain";
	size_t len = strlen(path), others = strlen(BEFORE) + strlen(BEHIND);

	if (len <= others || len - others > IPC_NAME_MAX ||
	    strncmp(path, BEFORE, strlen(BEFORE)) != 0 ||
	    strcmp(path + len - strlen(BEHIND), BEHIND) != 0)
		return false;
	memcpy(name, path + strlen(BEFORE), len - others);
	name[len - others] = '\0';
	return ipc_name_is_valid(name);
}

/* No query leaves it to the node. */
static bool
take_timeout(const char *query, uint32_t *timeout_ms)
{
	static const char KEY[] = "timeout_ms=";
	const char *digits = query + strlen(KEY);
	unsigned long long value;

	*timeout_ms = IPC_DRAIN_OWN_MS;
	if (query[0] == '\0')
		return true;
	if (strncmp(query, KEY, strlen(KEY)) != 0 || digits[0] == '\0' ||
	    strlen(digits) > 8 || digits[strspn(digits, "0123456789")] != '\0')
		return false;
	value = strtoull(digits, NULL, 10);
	*timeout_ms = (uint32_t)value; /* of 8 digits */
	return value <= IPC_DRAIN_MAX_MS;
}

static void
say_unknown(struct control *c, struct http_answer *a, const char *name)
{
	const struct node *n = c->nodes.first;

	refuse_post(c, a, 404, "Not Found");
	SAY(a, "no splice node is called %s; ", name);
	if (n == NULL)
		SAY(a, "there are none at all");
	else
		SAY(a, "there %s ", n->next == NULL ? "is" : "are");
	for (; n != NULL; n = n->next)
		SAY(a, "%s%s", n->name, n->next != NULL ? ", " : "");
	SAY(a, "\n");
}

static void
drain(struct control *c, struct http_answer *a, struct node *node,
    uint32_t timeout_ms)
{
	if (drain_ask(c, node, timeout_ms) != 0) {
		refuse_post(c, a, 409, "Conflict");
		SAY(a,
		    "control hears nothing of %s, so it can't tell it to "
		    "drain; send SIGTERM to its process\n",
		    node->name);
		return;
	}
	c->counters.counts[COUNT_ADMIN_REQUESTS]++;
	SAY(a, "%s drains: pairs %u, pending connections %zu; they have ",
	    node->name, (unsigned)node->n_pairs, node->arrivals.n);
	if (timeout_ms == IPC_DRAIN_OWN_MS)
		SAY(a, "its drain_timeout_ms\n");
	else
		SAY(a, "%u ms\n", (unsigned)timeout_ms);
}

void
admin_post(
    struct control *c, const struct http_request *r, struct http_answer *a)
{
	char name[IPC_NAME_CAP];
	struct node *node;
	uint32_t timeout_ms;

	if (!take_name(r->path, name)) {
		refuse_post(c, a, 404, "Not Found");
		SAY(a, "what can be posted is /nodes/NAME/drain\n");
	} else if (!take_timeout(r->query, &timeout_ms)) {
		refuse_post(c, a, 400, "Bad Request");
		SAY(a, "the query is none, or timeout_ms=0 to %u\n",
		    (unsigned)IPC_DRAIN_MAX_MS);
	} else if ((node = nodes_named(c, name)) == NULL) {
		say_unknown(c, a, name);
	} else {
		drain(c, a, node, timeout_ms);
	}
}
