"""Taking a running process's file descriptors from it."""

import contextlib
import os
import re
import subprocess

from . import programs


@contextlib.contextmanager
def few_left(pid, n_left):
    """So many more than it has now, and then as many as before."""
    n_now = len(os.listdir(f"/proc/{pid}/fd"))
    with open(f"/proc/{pid}/limits", encoding="ascii") as f:
        was = re.search(r"Max open files +(\d+)", f.read())[1]
    _limit(pid, n_now + n_left)
    try:
        yield
    finally:
        _limit(pid, was)


def _limit(pid, n):
    """As the user who runs it, since a container's root may not."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        ids = dict(re.findall(r"^(Uid|Gid):\t(\d+)", f.read(), re.M))
    who = {}
    if programs.IS_ROOT:
        who = {"user": int(ids["Uid"]), "group": int(ids["Gid"])}
    subprocess.run(["prlimit", f"--pid={pid}", f"--nofile={n}:"],
                   check=True, timeout=programs.PATIENCE, **who)
