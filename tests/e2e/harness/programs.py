"""The binaries under test, and how patient to be with them."""

import os
import sys
import time

_DIR = os.environ.get("CARRICK_BIN_DIR")
if not _DIR:
    sys.exit("CARRICK_BIN_DIR is not set: the build folder, or where the "
             "programs are installed")


def _find(folder, name):
    for path in (os.path.join(_DIR, folder, name), os.path.join(_DIR, name)):
        if os.access(path, os.X_OK):
            return path
    sys.exit(f"{name} is neither in {_DIR}/{folder} nor in {_DIR}")


CONTROL = _find("control", "carrick-control")
SPLICE = _find("dataplane", "carrick-splice")
CARRICK = _find("client", "carrick")


def _of_tests(*names):
    """None beside installed programs, where nothing of the tests is."""
    path = os.path.join(_DIR, "tests", "e2e", *names)
    return path if os.access(path, os.X_OK) else None


def crowd():
    """The program with very many connections, or None."""
    return _of_tests("crowd", "carrick-crowd")


def wallclock():
    """What is preloaded to shift a wall clock, or None."""
    return _of_tests("wallclock.so")


def _is_sanitized():
    with open(CONTROL, "rb") as f:
        program = f.read()
    return b"__asan_init" in program or b"__tsan_init" in program


SANITIZED = _is_sanitized()
# Seconds until a thing that should happen at once counts as not happening.
PATIENCE = 60 if SANITIZED else 20
IS_ROOT = os.geteuid() == 0


def until(condition, what, timeout=PATIENCE):
    """Poll until condition() is true; its value. A failure names `what`."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.02)
