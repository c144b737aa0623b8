/* Where daemons keep their sockets and state: rundir and ipcpath. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/ipcpath.h"
#include "common/rundir.h"
#include "tests/unit/suite.h"

static char dir[] = "/tmp/test_paths.XXXXXX";

static void
set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	(void)unsetenv("RUNTIME_DIRECTORY");
	(void)unsetenv("XDG_RUNTIME_DIR");
	(void)unsetenv("STATE_DIRECTORY");
	(void)unsetenv("XDG_STATE_HOME");
}

static void
tear_down(void)
{
	(void)rmdir("made");
	(void)unlink("file");
	(void)rmdir(dir);
}

START_TEST(the_service_manager_comes_before_the_user_and_the_default)
{
	char buf[64];

	ck_assert_int_eq(rundir_runtime(buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/run/carrick");
	(void)setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	ck_assert_int_eq(rundir_runtime(buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/run/user/7/carrick");
	(void)setenv("RUNTIME_DIRECTORY", "/run/a:/run/b", 1);
	ck_assert_int_eq(rundir_runtime(buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/run/a");
}
END_TEST

START_TEST(state_is_found_in_the_same_way)
{
	char buf[64];

	ck_assert_int_eq(rundir_state(buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/var/lib/carrick");
	(void)setenv("XDG_STATE_HOME", "relative", 1);
	ck_assert_int_eq(rundir_state(buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/var/lib/carrick");
	(void)setenv("XDG_STATE_HOME", "/home/u/.local/state", 1);
	ck_assert_int_eq(rundir_state(buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/home/u/.local/state/carrick");
	(void)setenv("STATE_DIRECTORY", "/var/lib/x", 1);
	ck_assert_int_eq(rundir_state(buf, sizeof buf), 0);
	ck_assert_str_eq(buf, "/var/lib/x");
}
END_TEST

START_TEST(a_buffer_too_short_is_said)
{
	char buf[12];

	ck_assert_int_eq(rundir_runtime(buf, sizeof buf), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

START_TEST(a_folder_is_made_with_its_mode_whatever_the_umask)
{
	struct stat st;

	(void)umask(077);
	ck_assert_int_eq(rundir_make("made", 02770), 0);
	ck_assert_int_eq(stat("made", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 02770);
	ck_assert_int_eq(rundir_make("made", 0700), 0);
	ck_assert_int_eq(stat("made", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 02770);
}
END_TEST

START_TEST(a_folder_can_not_be_made_where_a_file_is_or_no_parent)
{
	FILE *f = fopen("file", "we");

	ck_assert_ptr_nonnull(f);
	(void)fclose(f);
	ck_assert_int_eq(rundir_make("file", 0700), -1);
	ck_assert_int_eq(errno, ENOTDIR);
	ck_assert_int_eq(rundir_make("no/parent", 0700), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(sockets_lie_beside_the_events_socket)
{
	char folder[IPCPATH_CAP], path[IPCPATH_CAP], url[IPCPATH_URL_CAP];

	ck_assert_int_eq(ipcpath_dir_of(folder, sizeof folder,
			     "ipc:///run/carrick/control.events.ipc"),
	    0);
	ck_assert_str_eq(folder, "/run/carrick");
	ck_assert_int_eq(
	    ipcpath_commands(url, sizeof url, folder, "edge-1"), 0);
	ck_assert_str_eq(url, "ipc:///run/carrick/edge-1.commands.ipc");
	ck_assert_int_eq(
	    ipcpath_accept(path, sizeof path, folder, "edge-1"), 0);
	ck_assert_str_eq(path, "/run/carrick/edge-1.accept.sock");
}
END_TEST

START_TEST(an_events_url_without_a_folder_is_refused)
{
	static const char *const bad[] = {"", "ipc", "ipc://", "ipc://a/b",
	    "ipc:///a", "ipc:///a/", "tcp://127.0.0.1:1", "/a/b"};
	char folder[IPCPATH_CAP];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(
		    ipcpath_dir_of(folder, sizeof folder, bad[i]) == -1, "%s",
		    bad[i]);
		ck_assert_int_eq(errno, EINVAL);
	}
}
END_TEST

START_TEST(a_path_has_at_most_107_bytes)
{
	char folder[IPCPATH_CAP] = "/", path[IPCPATH_CAP], url[IPCPATH_URL_CAP];

	memset(folder + 1, 'd', sizeof folder - 2);
	folder[107 - strlen("/n.commands.ipc")] = '\0';
	ck_assert_int_eq(ipcpath_commands(url, sizeof url, folder, "n"), 0);
	ck_assert_uint_eq(strlen(url), 6 + 107);
	ck_assert_int_eq(ipcpath_commands(url, sizeof url, folder, "nn"), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
	ck_assert_int_eq(ipcpath_accept(path, sizeof path, folder, "nn"), 0);
	ck_assert_uint_eq(strlen(path), 107);
	ck_assert_int_eq(ipcpath_accept(path, sizeof path, folder, "nnn"), -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("paths");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(
	    tc, the_service_manager_comes_before_the_user_and_the_default);
	tcase_add_test(tc, state_is_found_in_the_same_way);
	tcase_add_test(tc, a_buffer_too_short_is_said);
	tcase_add_test(tc, a_folder_is_made_with_its_mode_whatever_the_umask);
	tcase_add_test(
	    tc, a_folder_can_not_be_made_where_a_file_is_or_no_parent);
	tcase_add_test(tc, sockets_lie_beside_the_events_socket);
	tcase_add_test(tc, an_events_url_without_a_folder_is_refused);
	tcase_add_test(tc, a_path_has_at_most_107_bytes);
	return suite_run("paths", (TCase *[]){tc, NULL});
}
