"""Long-lived pairs that talk all the time, and callers that come and go."""

import threading
import time

from . import backend, programs

_BLOCK = bytes(range(256)) * 16


class Talker:
    """One pair with an echo behind it; every byte that comes is checked."""

    def __init__(self, url, source=None):
        self.sock = url.call(source=source)
        self.client = url.digest
        self.n_bytes = 0  # each way
        self.talk(_BLOCK)

    def talk(self, block):
        self.sock.sendall(block)
        answer = backend.read_exactly(self.sock, len(block))
        if answer != block:
            raise AssertionError(f"{len(answer)} bytes came back, or others, "
                                 f"after {self.n_bytes}")
        self.n_bytes += len(block)

    def close(self):
        self.sock.close()


class Talk(threading.Thread):
    """Talkers that talk until they are let go; .error is what went wrong."""

    def __init__(self, talkers):
        super().__init__(daemon=True)
        self.talkers = list(talkers)
        self.error = None
        self._lock = threading.Lock()
        self._may_talk = threading.Event()
        self._may_talk.set()
        self._is_over = False
        self.start()

    def pause(self):
        """Nothing to say for a while, so that CPU can be measured."""
        self._may_talk.clear()

    def resume(self):
        self._may_talk.set()

    def run(self):
        try:
            while not self._is_over:
                self._may_talk.wait()
                self._turn()
        except (OSError, AssertionError) as e:
            self.error = e

    def _turn(self):
        for talker in list(self.talkers):
            with self._lock:
                if talker in self.talkers:
                    talker.talk(_BLOCK)
            time.sleep(0.001)

    def end_one(self, extra):
        """End the oldest, with so many bytes more; what it moved."""
        with self._lock:
            talker = self.talkers.pop(0)
            talker.talk(b"x" * extra)
            talker.close()
        return talker

    def add(self, talker):
        with self._lock:
            self.talkers.append(talker)

    def stop(self):
        self._is_over = True
        self.resume()
        self.join(programs.PATIENCE)
        for talker in self.talkers:
            talker.close()


class Callers(threading.Thread):
    """Call after call, each joined to its client and echoed, or counted."""

    def __init__(self, url, source, pause=0.02):
        super().__init__(daemon=True)
        self.url = url
        self.source = source
        self.pause = pause
        self.seconds = []  # of each that succeeded
        self.failures = []
        self._is_over = threading.Event()
        self.start()

    def run(self):
        while not self._is_over.wait(self.pause):
            start = time.monotonic()
            try:
                Talker(self.url, self.source).close()
                self.seconds.append(time.monotonic() - start)
            except (OSError, AssertionError) as e:
                self.failures.append(e)

    def stop(self):
        self._is_over.set()
        self.join(programs.PATIENCE)
