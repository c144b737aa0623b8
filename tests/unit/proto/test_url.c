#include "proto/url.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define VECTORS_MAX 256

struct vector {
	char *verdict;
	char *text;
	char *expected;
};

static struct vector vectors[VECTORS_MAX];
static int n_vectors;

/* Outside of any test, so it ends the program where a test would fail. */
static void
demand(bool condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "%s: %s\n", URL_VECTORS, what);
	exit(1);
}

static char *
next_column(char **rest)
{
	char *column = strsep(rest, "\t");

	demand(column != NULL, "a line with less than three columns");
	return strdup(column);
}

static void
read_vectors(void)
{
	FILE *f = fopen(URL_VECTORS, "re");
	char *line = NULL;
	size_t cap = 0;

	demand(f != NULL, "unreadable");
	while (getline(&line, &cap, f) != -1) {
		struct vector *v = &vectors[n_vectors];
		char *rest = line;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		demand(n_vectors < VECTORS_MAX, "more than VECTORS_MAX");
		v->verdict = next_column(&rest);
		v->text = next_column(&rest);
		v->expected = next_column(&rest);
		n_vectors++;
	}
	free(line);
	(void)fclose(f);
}

static void
forget_vectors(void)
{
	for (int i = 0; i < n_vectors; i++) {
		free(vectors[i].verdict);
		free(vectors[i].text);
		free(vectors[i].expected);
	}
}

/* "rst host port digest" for each way, as the vectors have it. */
static void
describe(char *buf, size_t cap, const struct url *urls, int n)
{
	size_t len = 0;

	for (int i = 0; i < n; i++) {
		char digest[DIGEST_TEXT_CAP];

		len += (size_t)snprintf(buf + len, cap - len, "%s%s %s %u %s",
		    i > 0 ? " " : "",
		    urls[i].kind == URL_RELAYED ? "rst" : "st", urls[i].host,
		    (unsigned)urls[i].port,
		    digest_format(urls[i].digest, digest));
		ck_assert_uint_lt(len, cap);
	}
}

static void
check_accepted(const struct vector *v)
{
	struct url urls[URL_STACKS_MAX];
	const char *why = "untouched";
	char parts[URL_STACKS_MAX * 320];
	int n = url_parse(urls, URL_STACKS_MAX, v->text, &why);

	ck_assert_msg(n > 0, "%s: %s", v->text, why);
	ck_assert_ptr_null(why);
	describe(parts, sizeof parts, urls, n);
	ck_assert_str_eq(parts, v->expected);
}

static void
check_refused(const struct vector *v)
{
	struct url urls[URL_STACKS_MAX] = {{.port = 77}};
	const char *why = NULL;
	int n = url_parse(urls, URL_STACKS_MAX, v->text, &why);

	ck_assert_msg(n == -1, "%s", v->text);
	ck_assert_uint_eq(urls[0].port, 77);
	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, v->expected) != NULL, "%s: %s, not %s",
	    v->text, why, v->expected);
}

START_TEST(vector_is_read_or_refused_as_it_says)
{
	const struct vector *v = &vectors[_i];

	if (strcmp(v->verdict, "ok") == 0) {
		check_accepted(v);
	} else {
		ck_assert_str_eq(v->verdict, "bad");
		check_refused(v);
	}
}
END_TEST

START_TEST(what_is_written_reads_back_in_either_spelling)
{
	struct url urls[URL_STACKS_MAX], back;
	const char *why;
	char buf[URL_TEXT_CAP];

	if (strcmp(vectors[_i].verdict, "ok") != 0)
		return;
	ck_assert_int_gt(
	    url_parse(urls, URL_STACKS_MAX, vectors[_i].text, &why), 0);
	for (int spelling = URL_SCHEME; spelling <= URL_STACK; spelling++) {
		url_format(&urls[0], (enum url_spelling)spelling, buf);
		ck_assert_int_eq(url_parse(&back, 1, buf, &why), 1);
		ck_assert_int_eq(back.kind, urls[0].kind);
		ck_assert_str_eq(back.host, urls[0].host);
		ck_assert_uint_eq(back.port, urls[0].port);
		ck_assert_mem_eq(back.digest, urls[0].digest, DIGEST_LEN);
	}
}
END_TEST

START_TEST(every_beginning_of_an_address_is_refused)
{
	const char *text = vectors[_i].text;
	size_t len = strlen(text);
	struct url urls[URL_STACKS_MAX];
	const char *why;

	if (strcmp(vectors[_i].verdict, "ok") != 0 || strstr(text, "/st/"))
		return; /* in a stack, a whole number of ways is a whole URL */
	for (size_t cut = 0; cut < len; cut++) {
		char *part = strndup(text, cut);

		ck_assert_msg(url_parse(urls, URL_STACKS_MAX, part, &why) == -1,
		    "%s", part);
		free(part);
	}
}
END_TEST

START_TEST(the_longest_address_fits_its_buffer)
{
	struct url u = {.kind = URL_RELAYED, .port = 65535}, back;
	char buf[URL_TEXT_CAP];
	const char *why;

	memset(u.host, 'a', ADDR_HOST_MAX);
	for (int spelling = URL_SCHEME; spelling <= URL_STACK; spelling++) {
		url_format(&u, (enum url_spelling)spelling, buf);
		ck_assert_int_eq(url_parse(&back, 1, buf, &why), 1);
		ck_assert_str_eq(back.host, u.host);
	}
}
END_TEST

START_TEST(more_ways_than_there_is_room_for_are_refused)
{
	static const char two[] =
	    "tx3:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/st/a:1/rst/b:2/";
	struct url urls[2];
	const char *why;

	ck_assert_int_eq(url_parse(urls, 1, two, &why), -1);
	ck_assert_str_eq(why, "it names too many ways");
	ck_assert_int_eq(url_parse(urls, 2, two, &why), 2);
	ck_assert_int_eq(urls[0].kind, URL_DIRECT);
	ck_assert_int_eq(urls[1].kind, URL_RELAYED);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("url");
	int status;

	read_vectors();
	tcase_add_loop_test(
	    tc, vector_is_read_or_refused_as_it_says, 0, n_vectors);
	tcase_add_loop_test(
	    tc, what_is_written_reads_back_in_either_spelling, 0, n_vectors);
	tcase_add_loop_test(
	    tc, every_beginning_of_an_address_is_refused, 0, n_vectors);
	tcase_add_test(tc, the_longest_address_fits_its_buffer);
	tcase_add_test(tc, more_ways_than_there_is_room_for_are_refused);
	status = suite_run("url", (TCase *[]){tc, NULL});
	forget_vectors();
	return status;
}
