"""Long-lived pairs that talk all the time, and callers that come and go."""

import hashlib
import os
import socket
import threading
import time
import typing

from . import backend, programs

_BLOCK = bytes(range(256)) * 16


class Talker:
    """One pair with an echo behind it; every byte that comes is checked."""

    def __init__(self, url, source=None, timeout=programs.PATIENCE):
        self.sock = url.call(source=source, timeout=timeout)
        self.client = url.digest
        self.n_bytes = 0  # each way
        try:
            self.talk(_BLOCK)
        except BaseException:
            self.close()
            raise

    def talk(self, block):
        self.sock.sendall(block)
        answer = backend.read_exactly(self.sock, len(block))
        if answer != block:
            raise AssertionError(f"{len(answer)} bytes came back, or others, "
                                 f"after {self.n_bytes}")
        self.n_bytes += len(block)

    def close(self):
        self.sock.close()

    def finish(self):
        """In good order: what its client is charged for this is over soon."""
        self.sock.shutdown(socket.SHUT_WR)
        rest = self.sock.recv(1)
        self.close()
        if rest:
            raise AssertionError("more came back than was said")


class Talk(threading.Thread):
    """Talkers that talk until they are let go; .error is what went wrong."""

    def __init__(self, talkers, pause=0.001):
        super().__init__(daemon=True)
        self._pause = pause
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
            time.sleep(self._pause)

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


class Flow:
    """One pair with an echo behind it and bytes under way both ways all the
    time; at the end as many must have come back, with the same checksum."""

    def __init__(self, url, pause=0.01):
        self.sock = url.call()
        self._pause = pause
        self._is_over = threading.Event()
        self._sums = {}
        self._threads = [threading.Thread(target=self._note, args=(work,),
                                          daemon=True)
                         for work in (self._write, self._read)]
        for thread in self._threads:
            thread.start()

    def _note(self, work):
        try:
            self._sums[work.__name__] = work()
        except OSError as e:
            self._sums[work.__name__] = e

    def _write(self):
        n_bytes, digest = 0, hashlib.sha256()
        while not self._is_over.wait(self._pause):
            chunk = os.urandom(4096)
            self.sock.sendall(chunk)
            digest.update(chunk)
            n_bytes += len(chunk)
        self.sock.shutdown(socket.SHUT_WR)
        return n_bytes, digest.hexdigest()

    def _read(self):
        n_bytes, digest = 0, hashlib.sha256()
        while True:
            chunk = self.sock.recv(65536)
            if not chunk:
                return n_bytes, digest.hexdigest()
            digest.update(chunk)
            n_bytes += len(chunk)

    def end(self):
        """Length and checksum of what was said, and of what came back; an
        error in place of either."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(programs.PATIENCE)
        self.sock.close()
        return self._sums.get("_write"), self._sums.get("_read")


class Call(typing.NamedTuple):
    start: float
    end: float
    error: typing.Optional[Exception]


class Callers(threading.Thread):
    """Call after call, each joined to its client and echoed, or counted.
    patience: s; who hears nothing for so long gives up."""

    def __init__(self, url, source=None, pause=0.02,
                 patience=programs.PATIENCE):
        super().__init__(daemon=True)
        self.url = url
        self.source = source
        self.pause = pause
        self.patience = patience
        self.calls = []
        self._is_over = threading.Event()
        self.start()

    @property
    def seconds(self):
        """Of each that succeeded."""
        return [call.end - call.start for call in self.calls
                if not call.error]

    @property
    def failures(self):
        return [call.error for call in self.calls if call.error]

    def run(self):
        while not self._is_over.wait(self.pause):
            start, error = time.monotonic(), None
            try:
                Talker(self.url, self.source, self.patience).finish()
            except (OSError, AssertionError) as e:
                error = e
            self.calls.append(Call(start, time.monotonic(), error))

    def well_since(self, start, n_calls=3):
        """When the first of the newest calls that all succeeded came through,
        in s after start; None until there are so many."""
        well = None
        for call in [call for call in self.calls if call.start >= start]:
            if call.error:
                well, n_well = None, 0
            else:
                well, n_well = (call.end, 1) if well is None else (
                    well, n_well + 1)
        return well - start if well is not None and n_well >= n_calls else None

    def stop(self):
        self._is_over.set()
        self.join(programs.PATIENCE)
