/*
 * sandbox - what the process gives up beyond root's rights, once everything
 * runs.
 *
 * Two walls more have their places in the start-up. Landlock, where
 * privilege_hide is called, before the first nanomsg socket and any thread: it
 * covers the thread that calls it and what that starts later. It would allow
 * making sockets and removing files in the IPC folder and no other file at all.
 * And here a seccomp filter for all threads (TSYNC) with what nanomsg needs to
 * find control again (sockets, on AF_UNIX alone unless events_url is tcp:// or
 * siblings are listed; bind, setsockopt, accept4, epoll_ctl) and what the loops
 * use.
 */
#ifndef DATAPLANE_SANDBOX_H
#define DATAPLANE_SANDBOX_H

/*
 * sandbox_seal - no further thread or process.
 *
 * step     out, static text: what failed.
 * Returns  0; -1 with errno.
 */
int sandbox_seal(const char **step);

#endif
