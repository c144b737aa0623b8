"""One program of ours, its output, and its orderly end."""

import queue
import signal
import subprocess
import threading

from . import programs

_SANITIZER_WORDS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
                    "WARNING: ThreadSanitizer", "runtime error:")
LAST_WORDS = 400  # lines of its log that a failed test shows


class Process:
    """A child whose stdout is read line by line and whose stderr is a file."""

    def __init__(self, argv, log_path, env=None, stdin=subprocess.DEVNULL,
                 pass_fds=()):
        self.argv = argv
        self.log_path = log_path
        self._log = open(log_path, "ab")
        self.child = subprocess.Popen(
            argv, stdin=stdin, stdout=subprocess.PIPE, stderr=self._log,
            env=env, start_new_session=True, pass_fds=pass_fds)
        self.pid = self.child.pid
        self.last_words = ""  # the log's end, kept when its file is gone
        self._lines = queue.Queue()
        self._said = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for raw in self.child.stdout:
            line = raw.decode(errors="replace").rstrip("\n")
            self._said.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def line(self, timeout=programs.PATIENCE):
        """The next line of stdout."""
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"{self.argv[0]} printed no line within "
                                 f"{timeout} s") from None
        if line is None:
            self._lines.put(None)
            raise AssertionError(f"{self.argv[0]} ended its output; it said:\n"
                                 + self.log())
        return line

    def output(self):
        """All of stdout so far, whoever has read of it."""
        return "\n".join(self._said)

    def line_with(self, text, timeout=programs.PATIENCE):
        """The next line of stdout that has text in it."""
        while True:
            line = self.line(timeout)
            if text in line:
                return line

    def say(self, line):
        """A line on its stdin; it was started with a pipe there."""
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def logged(self, *words):
        """The log's lines that have all of words."""
        return [line for line in self.log().splitlines()
                if all(word in line for word in words)]

    def wait_logged(self, *words, count=1, timeout=programs.PATIENCE):
        def there():
            found = self.logged(*words)
            if len(found) >= count:
                return found
            if self.child.poll() is not None and not self.logged(*words):
                raise AssertionError(f"{self.argv[0]} ended with "
                                     f"{self.child.returncode}:\n{self.log()}")
            return None
        return programs.until(there, f"{' '.join(words)} in {self.log_path}",
                              timeout)

    def is_alive(self):
        return self.child.poll() is None

    def wait(self, timeout=programs.PATIENCE):
        """Its exit status, negative for a signal."""
        return self.child.wait(timeout)

    def kill(self):
        """SIGKILL: an end without a word."""
        if self.is_alive():
            self.child.kill()
        self.child.wait()
        self._close()

    def _close(self):
        self._log.close()
        self.last_words = "\n".join(self.log().splitlines()[-LAST_WORDS:])

    def stop(self):
        """SIGTERM, and the exit status; SIGKILL if that does not end it."""
        if self.is_alive():
            self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(programs.PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.argv[0]} did not end at SIGTERM:\n"
                                 + self.log()) from None
        finally:
            self._close()

    def sanitizer_report(self):
        """The log's end, if a sanitizer speaks in it."""
        log = self.log()
        if any(word in log for word in _SANITIZER_WORDS):
            return "\n".join(log.splitlines()[-80:])
        return ""
