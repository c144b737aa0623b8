"""A program's start with sockets passed along, as a service manager does it.

usage: activate.py FD... -- PROGRAM [ARGUMENT]...
"""

import os
import sys

_FIRST = 3  # sd_listen_fds(3)


def argv(fds):
    """What to put before a command, which then gets these descriptors."""
    if not fds:
        return []
    return [sys.executable, os.path.abspath(__file__), *map(str, fds), "--"]


def main():
    end = sys.argv.index("--")
    fds, command = map(int, sys.argv[1:end]), sys.argv[end + 1:]
    # Beyond all places where they go, so that none is overwritten.
    high = [os.dup2(fd, 100 + i, inheritable=False)
            for i, fd in enumerate(fds)]
    for i, fd in enumerate(high):
        os.dup2(fd, _FIRST + i, inheritable=True)
    os.environ.update(LISTEN_PID=str(os.getpid()),
                      LISTEN_FDS=str(len(high)),
                      LISTEN_FDNAMES=":".join(["test.socket"] * len(high)))
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
