#include "proto/proxy.h"

#include <stdio.h>
#include <string.h>

#include "proto/proxy2.h"

#define PROXY1_MIN 15 /* bytes: "PROXY UNKNOWN" CR LF */

_Static_assert(
    PROXY_MAX == PROXY2_FIXED_LEN + PROXY2_BODY_MAX && PROXY1_MAX < PROXY_MAX,
    "PROXY_MAX is the longest header");

/* How a version 1 line begins, and what may stand between that and CR LF. */
struct line_form {
	const char *head;
	const char *allowed; /* NULL: anything, and it says nothing */
	const char *open;    /* around an address, for addr_parse */
	const char *close;
};

static const struct line_form FORMS[] = {
    {"PROXY TCP4 ", "0123456789. ", "", ""},
    {"PROXY TCP6 ", "0123456789abcdefABCDEF:. ", "[", "]"},
    {"PROXY UNKNOWN", NULL, NULL, NULL},
};
enum { N_FORMS = sizeof FORMS / sizeof FORMS[0] };

/* What the addresses of a version 2 header are. */
struct family {
	uint8_t code;
	size_t ip_len; /* of each; 0: there are none */
};

static const struct family FAMILIES[] = {
    {PROXY2_UNSPEC, 0},
    {PROXY2_TCP4, 4},
    {PROXY2_TCP6, 16},
};
enum { N_FAMILIES = sizeof FAMILIES / sizeof FAMILIES[0] };

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Whether these bytes are the beginning of all, or have all in front. */
static bool
agrees(const uint8_t *p, size_t len, const void *all, size_t all_len)
{
	return memcmp(p, all, smaller(len, all_len)) == 0;
}

/* The form whose head these bytes begin, whole or in part; NULL. */
static const struct line_form *
find_form(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < N_FORMS; i++)
		if (agrees(p, len, FORMS[i].head, strlen(FORMS[i].head)))
			return &FORMS[i];
	return NULL;
}

/* Where the line ends: its CR, or a byte that has no business there; len if
 * neither has come. */
static size_t
find_end(const struct line_form *form, const uint8_t *p, size_t len)
{
	size_t i = smaller(strlen(form->head), len);

	for (; i < len; i++) {
		if (form->allowed == NULL
			? p[i] == '\r' && (i + 1 == len || p[i + 1] == '\n')
			: p[i] == '\0' || strchr(form->allowed, p[i]) == NULL)
			break;
	}
	return i;
}

/* The line's next word, up to its one space or the end; *at is past end if it
 * was the last. */
static const char *
next_word(const char **at, const char *end, int *len)
{
	const char *word = *at;
	const char *space = memchr(word, ' ', (size_t)(end - word));
	const char *stop = space != NULL ? space : end;

	*len = (int)(stop - word);
	*at = stop + 1;
	return word;
}

/* "SOURCE DESTINATION PORT PORT" from at to end, and nothing else. */
static int
parse_words(const struct line_form *form, const char *at, const char *end,
    struct proxy_header *h)
{
	enum { N_WORDS = 4 };
	struct addr *const out[] = {&h->source, &h->destination};
	char text[PROXY1_MAX + sizeof "[]:"];
	const char *words[N_WORDS];
	int lens[N_WORDS];

	for (size_t i = 0; i < N_WORDS; i++) {
		if (at > end)
			return -1;
		words[i] = next_word(&at, end, &lens[i]);
	}
	if (at <= end)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(text, sizeof text, "%s%.*s%s:%.*s", form->open,
		    lens[i], words[i], form->close, lens[i + 2], words[i + 2]);
		if (addr_parse(out[i], text) != 0)
			return -1;
	}
	return 0;
}

/* end: of its CR. */
static enum parse_result
finish_line(struct proxy_header *h, const struct line_form *form,
    const uint8_t *p, size_t end)
{
	const char *text = (const char *)p;
	struct proxy_header out = {
	    .len = end + 2, .is_known = form->allowed != NULL};

	if (out.is_known &&
	    parse_words(form, text + strlen(form->head), text + end, &out) != 0)
		return PARSE_BAD;
	*h = out;
	return PARSE_OK;
}

static enum parse_result
parse_line(struct proxy_header *h, const struct line_form *form,
    const uint8_t *p, size_t len, size_t *want)
{
	size_t end = find_end(form, p, smaller(len, PROXY1_MAX));

	if (end + 2 > PROXY1_MAX || (end < len && p[end] != '\r') ||
	    (end + 1 < len && p[end + 1] != '\n'))
		return PARSE_BAD;
	if (end + 2 <= len)
		return finish_line(h, form, p, end);
	*want = end + 2 > PROXY1_MIN ? end + 2 : PROXY1_MIN;
	return PARSE_MORE;
}

static const struct family *
find_family(uint8_t code)
{
	for (size_t i = 0; i < N_FAMILIES; i++)
		if (FAMILIES[i].code == code)
			return &FAMILIES[i];
	return NULL;
}

static void
get_ip(struct wire_reader *r, size_t ip_len, struct addr *a)
{
	if (ip_len == 4)
		a->ip[10] = a->ip[11] = 0xff;
	wire_get_bytes(r, a->ip + sizeof a->ip - ip_len, ip_len);
}

/* What is behind the addresses are TLVs. */
static enum parse_result
finish_binary(struct proxy_header *h, const struct family *family,
    const uint8_t *body, size_t body_len)
{
	struct proxy_header out = {.len = PROXY2_FIXED_LEN + body_len};
	struct wire_reader r;

	wire_reader_init(&r, body, body_len);
	if (family != NULL && family->ip_len > 0) {
		out.is_known = true;
		get_ip(&r, family->ip_len, &out.source);
		get_ip(&r, family->ip_len, &out.destination);
		out.source.port = wire_get_u16(&r);
		out.destination.port = wire_get_u16(&r);
	}
	if (r.bad)
		return PARSE_BAD;
	*h = out;
	return PARSE_OK;
}

/* LOCAL's family and body say nothing, whatever they are. */
static enum parse_result
parse_binary(struct proxy_header *h, const uint8_t *p, size_t len, size_t *want)
{
	bool is_proxy = len > 12 && p[12] == PROXY2_PROXY;
	const struct family *family =
	    is_proxy && len > 13 ? find_family(p[13]) : NULL;
	size_t body_len;

	if ((len > 12 && !is_proxy && p[12] != PROXY2_LOCAL) ||
	    (is_proxy && len > 13 && family == NULL))
		return PARSE_BAD;
	*want = PROXY2_FIXED_LEN;
	if (len < PROXY2_FIXED_LEN)
		return PARSE_MORE;
	body_len = (size_t)p[14] << 8 | p[15];
	if (body_len > PROXY2_BODY_MAX)
		return PARSE_BAD;
	*want = PROXY2_FIXED_LEN + body_len;
	if (len < *want)
		return PARSE_MORE;
	return finish_binary(h, family, p + PROXY2_FIXED_LEN, body_len);
}

enum parse_result
proxy_parse(struct proxy_header *h, const void *p, size_t len, size_t *want)
{
	const struct line_form *form;

	if (len > 0 && agrees(p, len, PROXY2_SIGNATURE, PROXY2_SIGNATURE_LEN))
		return parse_binary(h, p, len, want);
	form = find_form(p, len);
	return form != NULL ? parse_line(h, form, p, len, want) : PARSE_BAD;
}

bool
proxy_is_begun(const void *p, size_t len)
{
	if (len >= PROXY2_SIGNATURE_LEN &&
	    memcmp(p, PROXY2_SIGNATURE, PROXY2_SIGNATURE_LEN) == 0)
		return true;
	for (size_t i = 0; i < N_FORMS; i++) {
		size_t head = strlen(FORMS[i].head);

		if (len >= head && memcmp(p, FORMS[i].head, head) == 0)
			return true;
	}
	return false;
}
