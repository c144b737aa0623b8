#include "control/strelaysrv_flags.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A flag, what follows its name if anything, and where that goes. Returns 0;
 * -1: text is no such value. */
typedef int value_fn(void *to, const char *text);

static int
take_text(void *to, const char *text)
{
	const char **place = to;

	*place = text;
	return 0;
}

static int
take_bool(void *to, const char *text)
{
	static const char *const WORDS[] = {"false", "true", "False", "True",
	    "FALSE", "TRUE", "f", "t", "F", "T", "0", "1"};
	bool *place = to;

	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (strcmp(text, WORDS[i]) != 0)
			continue;
		*place = i % 2 == 1;
		return 0;
	}
	return -1;
}

static int
take_number(void *to, const char *text)
{
	int64_t *place = to;
	size_t digits = strspn(text + (text[0] == '-'), "0123456789");
	char *end;
	long long value;

	if (digits == 0)
		return -1;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return -1;
	*place = value;
	return 0;
}

/* The unit that text begins with, in ns, and what is behind it; 0: none. */
static uint64_t
read_unit(const char **text)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} UNITS[] = {
	    {"ns", 1},
	    {"us", 1000},
	    {"\xc2\xb5s", 1000},
	    {"\xce\xbcs", 1000},
	    {"ms", 1000000},
	    {"s", 1000000000},
	    {"m", UINT64_C(60000000000)},
	    {"h", UINT64_C(3600000000000)},
	};

	for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
		size_t len = strlen(UNITS[i].name);

		if (strncmp(*text, UNITS[i].name, len) != 0)
			continue;
		*text += len;
		return UNITS[i].ns;
	}
	return 0;
}

/* "1.5h" of "1.5h30m", in ns. Returns 0 and what is behind it; -1. */
static int
read_part(const char **text, uint64_t *ns)
{
	/* Years of hours fit, and so does what a fraction is made of. */
	enum { WHOLE_MAX = 6, FRACTION_MAX = 6 };
	static const char DIGITS[] = "0123456789";
	const char *p = *text;
	size_t whole = strspn(p, DIGITS), fraction = 0;
	uint64_t digits = 0, unit, scale = 1;

	if (p[whole] == '.')
		fraction = strspn(p + whole + 1, DIGITS);
	if (whole + fraction == 0 || whole > WHOLE_MAX ||
	    fraction > FRACTION_MAX)
		return -1;
	for (size_t i = 0; i < whole; i++)
		digits = digits * 10 + (uint64_t)(p[i] - '0');
	*text = p + whole + (p[whole] == '.') + fraction;
	unit = read_unit(text);
	if (unit == 0)
		return -1;
	*ns = digits * unit;
	for (size_t i = 0; i < fraction; i++) {
		scale *= 10;
		*ns += (uint64_t)(p[whole + 1 + i] - '0') * unit / scale;
	}
	return 0;
}

/* As Go writes and reads durations: "1m30s"; "0" alone needs no unit. */
static int
take_duration(void *to, const char *text)
{
	enum { PARTS_MAX = 8, NS_PER_MS = 1000000 };
	uint64_t *place = to, sum = 0, ns;

	if (strcmp(text, "0") == 0) {
		*place = 0;
		return 0;
	}
	if (text[0] == '\0')
		return -1;
	for (int i = 0; i < PARTS_MAX && text[0] != '\0'; i++) {
		if (read_part(&text, &ns) != 0 || ns > UINT64_MAX - sum)
			return -1;
		sum += ns;
	}
	if (text[0] != '\0')
		return -1;
	*place = sum / NS_PER_MS;
	return 0;
}

#define AT(member) offsetof(struct strelaysrv_flags, member)

static const struct flag {
	const char *name;
	value_fn *take;
	size_t offset;
} FLAGS[] = {
    {"debug", take_bool, AT(debug)},
    {"ext-address", take_text, AT(ext_address)},
    {"global-rate", take_number, AT(global_rate)},
    {"keys", take_text, AT(keys)},
    {"listen", take_text, AT(listen)},
    {"message-timeout", take_duration, AT(message_timeout_ms)},
    {"nat", take_bool, AT(nat)},
    {"nat-lease", take_number, AT(nat_lease)},
    {"nat-renewal", take_number, AT(nat_renewal)},
    {"nat-timeout", take_number, AT(nat_timeout)},
    {"network-buffer", take_number, AT(network_buffer)},
    {"network-timeout", take_duration, AT(network_timeout_ms)},
    {"per-session-rate", take_number, AT(per_session_rate)},
    {"ping-interval", take_duration, AT(ping_interval_ms)},
    {"pools", take_text, AT(pools)},
    {"pprof", take_bool, AT(pprof)},
    {"protocol", take_text, AT(protocol)},
    {"provided-by", take_text, AT(provided_by)},
    {"status-srv", take_text, AT(status_srv)},
    {"token", take_text, AT(token)},
    {"version", take_bool, AT(version)},
};
enum { N_FLAGS = sizeof FLAGS / sizeof FLAGS[0] };
_Static_assert((int)N_FLAGS <= 64, "given has a bit for each");

static void
set_defaults(struct strelaysrv_flags *f)
{
	*f = (struct strelaysrv_flags){
	    .keys = ".",
	    .listen = ":22067",
	    .ext_address = "",
	    .protocol = "tcp",
	    .status_srv = ":22070",
	    .pools = "https://relays.syncthing.net/endpoint",
	    .provided_by = "",
	    .token = "",
	    .network_buffer = 65536,
	    .nat_lease = 60,
	    .nat_renewal = 30,
	    .nat_timeout = 10,
	    .message_timeout_ms = 60000,
	    .network_timeout_ms = 120000,
	    .ping_interval_ms = 60000,
	};
}

/* name ends at len. Returns N_FLAGS if there is none. */
static size_t
find(const char *name, size_t len)
{
	size_t i = 0;

	while (i < N_FLAGS && (strlen(FLAGS[i].name) != len ||
				  memcmp(FLAGS[i].name, name, len) != 0))
		i++;
	return i;
}

static const char *
wanted(const struct flag *flag)
{
	return flag->take == take_bool	   ? "true or false is wanted"
	       : flag->take == take_number ? "a whole number is wanted"
					   : "a duration such as 1m30s is "
					     "wanted";
}

/* next: the argument behind it, or NULL. Returns how many were taken; -1. */
static int
take(struct strelaysrv_flags *f, const char *arg, const char *next,
    const char **why)
{
	/* Of an empty argument there is nothing behind the first byte. */
	const char *name = arg[0] != '-' ? arg : arg + 1 + (arg[1] == '-');
	size_t len = strcspn(name, "="), i = find(name, len);
	bool has_value = name[len] == '=';
	const char *value = has_value ? name + len + 1 : next;
	bool takes_next = !has_value;

	*why = "strelaysrv has no such flag that is known here: leave it out";
	if (arg[0] != '-' || i == N_FLAGS)
		return -1;
	if (!has_value && FLAGS[i].take == take_bool) {
		value = "true";
		takes_next = false;
	}
	*why = "a value must follow";
	if (value == NULL)
		return -1;
	*why = wanted(&FLAGS[i]);
	if (FLAGS[i].take((char *)f + FLAGS[i].offset, value) != 0)
		return -1;
	f->given |= UINT64_C(1) << i;
	return takes_next ? 2 : 1;
}

int
strelaysrv_flags_parse(struct strelaysrv_flags *f, size_t n, char *const *argv,
    const char **what, const char **why)
{
	set_defaults(f);
	for (size_t i = 0; i < n;) {
		int n_taken;

		*what = argv[i];
		n_taken = take(f, argv[i], i + 1 < n ? argv[i + 1] : NULL, why);
		if (n_taken == -1)
			return -1;
		i += (size_t)n_taken;
	}
	return 0;
}

bool
strelaysrv_flags_has(const struct strelaysrv_flags *f, const char *name)
{
	return (f->given >> find(name, strlen(name)) & 1) != 0;
}
