/*
 * sandbox - what the process gives up beyond root's rights, at the two places
 * in the start-up where that can be done.
 *
 * The first is before the first nanomsg socket and any thread: Landlock covers
 * the thread that calls it and what that starts later. It would allow making
 * sockets and removing files in the IPC folder and no other file at all.
 *
 * The second is when everything runs: a seccomp filter for all threads
 * (TSYNC) with what nanomsg needs to find control again (sockets, on AF_UNIX
 * alone unless events_url is tcp:// or siblings are listed; bind, setsockopt,
 * accept4, epoll_ctl) and what the loops use.
 */
#ifndef DATAPLANE_SANDBOX_H
#define DATAPLANE_SANDBOX_H

/*
 * sandbox_enter - the first place: no core dump, no ptrace by others of the
 * same user.
 *
 * step     out, static text: what failed.
 * Returns  0; -1 with errno.
 */
int sandbox_enter(const char **step);

/* sandbox_seal - the second place: no further thread or process. Answers the
 * same. */
int sandbox_seal(const char **step);

#endif
