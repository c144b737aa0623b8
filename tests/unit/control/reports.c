#include "tests/unit/control/reports.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "control/metrics.h"
#include "control/status.h"
#include "tests/unit/control/world.h"

char *
metrics_text(void)
{
	struct evbuffer *out = evbuffer_new();
	char *text;
	size_t len;

	ck_assert_int_eq(metrics_write(c, out), 0);
	len = evbuffer_get_length(out);
	text = calloc(1, len + 1);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(evbuffer_remove(out, text, len), (int)len);
	evbuffer_free(out);
	return text;
}

bool
metrics_have(const char *sample)
{
	char *text = metrics_text();
	bool found = strstr(text, sample) != NULL;

	free(text);
	return found;
}

json_int_t
unknown_in_status(const char *state)
{
	json_t *status = status_new(c), *node, *nodes;
	json_int_t n = -1;
	size_t i;

	ck_assert_ptr_nonnull(status);
	nodes = json_object_get(status, "nodes");
	json_array_foreach(nodes, i, node)
	{
		if (strcmp(json_string_value(json_object_get(node, "name")),
			"a") != 0)
			continue;
		ck_assert_str_eq(
		    json_string_value(json_object_get(node, "state")), state);
		n = json_integer_value(json_object_get(node, "unknown"));
	}
	json_decref(status);
	return n;
}
