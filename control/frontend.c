#include "control/frontend.h"

#include <string.h>

#include "control/client_hello.h"

static const struct frontend *const FRONTENDS[] = {
#define FRONTEND_ROW(number, id) &frontend_##id,
    FRONTEND_TABLE(FRONTEND_ROW)
#undef FRONTEND_ROW
};
static const size_t N_FRONTENDS = sizeof FRONTENDS / sizeof FRONTENDS[0];
_Static_assert(sizeof FRONTENDS / sizeof FRONTENDS[0] <= FRONTENDS_MAX,
    "more frontends than room");

int
frontends_init(struct frontends *fs)
{
	memset(fs, 0, sizeof *fs);
	fs->hellos = client_hello_reader_new();
	return fs->hellos != NULL ? 0 : -1;
}

void
frontends_fini(struct frontends *fs)
{
	client_hello_reader_free(fs->hellos);
	fs->hellos = NULL;
}

static size_t
rank(const struct frontend *f)
{
	size_t i = 0;

	while (i < N_FRONTENDS && FRONTENDS[i] != f)
		i++;
	return i;
}

/* In the table's order, whatever the configuration's. */
static void
insert(struct frontends *fs, const struct frontend *f)
{
	size_t i = fs->n++;

	for (; i > 0 && rank(fs->on[i - 1]) > rank(f); i--)
		fs->on[i] = fs->on[i - 1];
	fs->on[i] = f;
}

static bool
is_on(const struct frontends *fs, const struct frontend *f)
{
	for (size_t i = 0; i < fs->n; i++)
		if (fs->on[i] == f)
			return true;
	return false;
}

int
frontends_enable(struct frontends *fs, const char *name)
{
	for (size_t i = 0; i < N_FRONTENDS; i++) {
		if (strcmp(FRONTENDS[i]->name, name) != 0)
			continue;
		if (is_on(fs, FRONTENDS[i]))
			return -1;
		insert(fs, FRONTENDS[i]);
		return 0;
	}
	return -1;
}

enum sniff
frontends_sniff(const struct frontends *fs, const struct frontend **f,
    const uint8_t *p, size_t len, size_t *want)
{
	for (size_t i = 0; i < fs->n; i++) {
		enum sniff answer = fs->on[i]->sniff(fs, p, len, want);

		if (answer == SNIFF_NO)
			continue;
		*f = fs->on[i];
		return answer;
	}
	return SNIFF_NO;
}

const struct frontend *
frontends_claim(const struct frontends *fs, const struct frontend *mine,
    const uint8_t *p, size_t len)
{
	size_t want;

	for (size_t i = 0; mine->begins_bare && i < fs->n; i++)
		if (fs->on[i] != mine &&
		    fs->on[i]->sniff(fs, p, len, &want) != SNIFF_NO)
			return fs->on[i];
	return NULL;
}

/* Whether or not it is on. */
static const struct frontend *
of_number(uint8_t number)
{
	for (size_t i = 0; i < N_FRONTENDS; i++)
		if (FRONTENDS[i]->number == number)
			return FRONTENDS[i];
	return NULL;
}

const char *
frontend_name(uint8_t number)
{
	const struct frontend *f = of_number(number);

	return f != NULL ? f->name : "unknown";
}

struct log_text
frontend_log_client(uint8_t number, const uint8_t *digest, size_t len)
{
	const struct frontend *f = of_number(number);
	uint8_t padded[DIGEST_LEN] = {0};

	memcpy(padded, digest, len);
	return f != NULL ? f->log_client(padded, len) : log_digest(padded);
}

const char *
frontend_format_digest(
    uint8_t number, const uint8_t digest[DIGEST_LEN], char buf[FRONTEND_ID_CAP])
{
	const struct frontend *f = of_number(number);

	return f != NULL ? f->format_digest(digest, buf)
			 : digest_format(digest, buf);
}
