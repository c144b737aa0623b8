#include "common/log.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/unit/suite.h"

/* Records, as they came to write(2) on descriptor 2. */
static char written[2 * LOG_RECORD_MAX];
static size_t written_len;
static int n_writes;
static bool is_elsewhere; /* what is written, and not here */

ssize_t __real_write(int fd, const void *p, size_t len);
ssize_t __wrap_write(int fd, const void *p, size_t len);

ssize_t
__wrap_write(int fd, const void *p, size_t len)
{
	if (is_elsewhere)
		return __real_write(fd, p, len);
	n_writes++;
	memcpy(written, p, len);
	written[len] = '\0';
	written_len = len;
	errno = EDOM; /* a record must not disturb its caller's errno */
	return (ssize_t)len;
}

static void
assert_matches(const char *pattern)
{
	regex_t re;
	int rc;

	ck_assert_int_eq(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	rc = regexec(&re, written, 0, NULL, 0);
	regfree(&re);
	ck_assert_msg(rc == 0, "%s does not match %s", written, pattern);
}

START_TEST(a_record_has_time_level_event_and_values_in_one_write)
{
	errno = ENOENT;
	log_info("conn-closed", "conn=%d reason=%s", 7, "reset");
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(n_writes, 1);
	assert_matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
		       "\\.[0-9]{3}Z info conn-closed conn=7 reason=reset\n$");
}
END_TEST

START_TEST(each_level_has_its_name)
{
	log_setup(LOG_LEVEL_DEBUG, LOG_ADDRESSES_FULL);
	log_debug("e", "%s", "x");
	assert_matches("Z debug e x\n$");
	log_warn("e", "%s", "x");
	assert_matches("Z warn e x\n$");
	log_error("e", "%s", "x");
	assert_matches("Z error e x\n$");
}
END_TEST

START_TEST(what_is_below_the_level_is_not_written)
{
	log_debug("e", "%s", "x");
	ck_assert_int_eq(n_writes, 0);
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	log_info("e", "%s", "x");
	log_warn("e", "%s", "x");
	ck_assert_int_eq(n_writes, 0);
	log_error("e", "%s", "x");
	ck_assert_int_eq(n_writes, 1);
}
END_TEST

START_TEST(a_record_too_long_is_cut_and_says_so)
{
	static char text[2 * LOG_RECORD_MAX];

	memset(text, 'x', sizeof text - 1);
	log_info("e", "%s", text);
	ck_assert_int_eq(n_writes, 1);
	ck_assert_uint_eq(written_len, LOG_RECORD_MAX);
	ck_assert_str_eq(written + written_len - 8, "x (cut)\n");
}
END_TEST

START_TEST(a_record_of_just_the_length_is_whole)
{
	static char text[LOG_RECORD_MAX];
	size_t head;

	log_info("e", "%s", "");
	head = written_len - 1;
	memset(text, 'x', LOG_RECORD_MAX - head - 1);
	log_info("e", "%s", text);
	ck_assert_uint_eq(written_len, LOG_RECORD_MAX);
	ck_assert_str_eq(written + written_len - 3, "xx\n");
}
END_TEST

/* Stderr becomes a pipe that takes no more. Returns its other end. */
static int
stall_stderr(void)
{
	static const char FILLING[4096];
	int fds[2];

	is_elsewhere = true;
	ck_assert_int_eq(pipe2(fds, O_NONBLOCK), 0);
	while (write(fds[1], FILLING, sizeof FILLING) > 0)
		continue;
	ck_assert_int_eq(fcntl(fds[1], F_SETFL, 0), 0);
	ck_assert_int_eq(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	(void)close(fds[1]);
	return fds[0];
}

START_TEST(a_reader_that_stands_still_costs_records_and_is_told_how_many)
{
	int reader = stall_stderr();
	ssize_t n;

	log_setup(LOG_LEVEL_INFO, LOG_ADDRESSES_FULL);
	for (int i = 0; i < 3; i++)
		log_info("e", "i=%d", i);
	while (read(reader, written, sizeof written) > 0)
		continue;
	errno = ENOENT;
	log_info("e", "%s", "x");
	ck_assert_int_eq(errno, ENOENT);
	n = read(reader, written, sizeof written - 1);
	ck_assert_int_gt(n, 0);
	written[n] = '\0';
	assert_matches("Z warn log-lost records=3 why=\"nobody read stderr\"\n"
		       ".*Z info e x\n$");
	(void)close(reader);
}
END_TEST

/* Stderr becomes a terminal. Returns the end of who looks at it. */
static int
be_at_a_terminal(void)
{
	int looker = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	int terminal;

	ck_assert_int_eq(grantpt(looker), 0);
	ck_assert_int_eq(unlockpt(looker), 0);
	terminal = open(ptsname(looker), O_RDWR | O_NOCTTY);
	ck_assert_int_eq(dup2(terminal, STDERR_FILENO), STDERR_FILENO);
	(void)close(terminal);
	is_elsewhere = true;
	return looker;
}

/* It says that it has room for a while, and has too little. */
START_TEST(a_terminal_that_nobody_looks_at_costs_records_alone)
{
	int looker = be_at_a_terminal();
	ssize_t n;

	log_setup(LOG_LEVEL_INFO, LOG_ADDRESSES_FULL);
	for (int i = 0; i < 1000; i++)
		log_info("e", "%0*d", 30 + i, i);
	while (read(looker, written, sizeof written) > 0)
		continue;
	log_info("e", "%s", "x");
	n = read(looker, written, sizeof written - 1);
	ck_assert_int_gt(n, 0);
	written[n] = '\0';
	assert_matches("Z warn log-lost records=[0-9]+ why=.*Z info e x");
	(void)close(looker);
}
END_TEST

START_TEST(the_journal_gets_a_level_and_no_time)
{
	struct stat st;
	char stream[64];

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof stream, "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	(void)setenv("JOURNAL_STREAM", stream, 1);
	log_setup(LOG_LEVEL_INFO, LOG_ADDRESSES_FULL);
	log_warn("e", "%s", "x");
	ck_assert_str_eq(written, "<4>e x\n");
}
END_TEST

START_TEST(a_redirected_stderr_is_not_the_journal)
{
	(void)setenv("JOURNAL_STREAM", "1:1", 1);
	log_setup(LOG_LEVEL_INFO, LOG_ADDRESSES_FULL);
	log_warn("e", "%s", "x");
	assert_matches("Z warn e x\n$");
}
END_TEST

START_TEST(text_from_outside_is_quoted_and_escaped)
{
	ck_assert_str_eq(log_str("plain").s, "\"plain\"");
	ck_assert_str_eq(log_str("a\"b\\c\n\x1b[0m\x7f\xc3").s,
	    "\"a\\\"b\\\\c\\x0a\\x1b[0m\\x7f\\xc3\"");
	ck_assert_str_eq(log_text("a\0b", 3).s, "\"a\\x00b\"");
	ck_assert_str_eq(log_text("", 0).s, "\"\"");
}
END_TEST

START_TEST(text_too_long_is_cut_with_dots)
{
	char text[400];
	struct log_text t;

	memset(text, '\n', sizeof text);
	t = log_text(text, sizeof text);
	ck_assert_uint_lt(strlen(t.s), sizeof t.s);
	ck_assert_str_eq(t.s + strlen(t.s) - 8, "\\x0a...\"");
	memset(text, 'x', sizeof text);
	for (size_t len = 0; len < sizeof text; len++) {
		t = log_text(text, len);
		ck_assert_uint_lt(strlen(t.s), sizeof t.s);
		ck_assert_int_eq(t.s[strlen(t.s) - 1], '"');
	}
}
END_TEST

START_TEST(addresses_are_shown_as_far_as_wished)
{
	struct addr v4, v6;

	ck_assert_int_eq(addr_parse(&v4, "192.0.2.7:1234"), 0);
	ck_assert_int_eq(addr_parse(&v6, "[2001:db8:1:2::3]:1234"), 0);
	ck_assert_str_eq(log_addr(&v4).s, "192.0.2.7:1234");
	ck_assert_str_eq(log_addr(&v6).s, "[2001:db8:1:2::3]:1234");
	log_setup(LOG_LEVEL_INFO, LOG_ADDRESSES_PREFIX);
	ck_assert_str_eq(log_addr(&v4).s, "192.0.2.0/24");
	ck_assert_str_eq(log_addr(&v6).s, "2001:db8:1::/48");
	log_setup(LOG_LEVEL_INFO, LOG_ADDRESSES_NONE);
	ck_assert_str_eq(log_addr(&v4).s, "-");
}
END_TEST

START_TEST(a_digest_is_shortened)
{
	static const uint8_t digest[DIGEST_LEN] = {0xe3, 0xb0, 0xc4};

	ck_assert_str_eq(log_digest(digest).s, "47DEAAAAAA");
}
END_TEST

START_TEST(the_words_of_the_configuration_are_understood)
{
	enum log_level level = LOG_LEVEL_ERROR;
	enum log_addresses addresses = LOG_ADDRESSES_NONE;

	ck_assert_int_eq(log_level_parse(&level, "debug"), 0);
	ck_assert_int_eq(level, LOG_LEVEL_DEBUG);
	ck_assert_int_eq(log_level_parse(&level, "warning"), -1);
	ck_assert_int_eq(level, LOG_LEVEL_DEBUG);
	ck_assert_int_eq(log_addresses_parse(&addresses, "prefix"), 0);
	ck_assert_int_eq(addresses, LOG_ADDRESSES_PREFIX);
	ck_assert_int_eq(log_addresses_parse(&addresses, ""), -1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("log");

	tcase_add_test(
	    tc, a_record_has_time_level_event_and_values_in_one_write);
	tcase_add_test(tc, each_level_has_its_name);
	tcase_add_test(tc, what_is_below_the_level_is_not_written);
	tcase_add_test(tc, a_record_too_long_is_cut_and_says_so);
	tcase_add_test(tc, a_record_of_just_the_length_is_whole);
	tcase_add_test(
	    tc, a_reader_that_stands_still_costs_records_and_is_told_how_many);
	tcase_add_test(tc, a_terminal_that_nobody_looks_at_costs_records_alone);
	tcase_add_test(tc, the_journal_gets_a_level_and_no_time);
	tcase_add_test(tc, a_redirected_stderr_is_not_the_journal);
	tcase_add_test(tc, text_from_outside_is_quoted_and_escaped);
	tcase_add_test(tc, text_too_long_is_cut_with_dots);
	tcase_add_test(tc, addresses_are_shown_as_far_as_wished);
	tcase_add_test(tc, a_digest_is_shortened);
	tcase_add_test(tc, the_words_of_the_configuration_are_understood);
	return suite_run("log", (TCase *[]){tc, NULL});
}
