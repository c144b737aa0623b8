"""Traffic of many at once, in one thread: transfers that take their time, and
rendezvous at a steady pace. Each peer says only its client's digest first."""

import asyncio
import os
import random
import threading
import time

_CHUNK = 16384
_RENDEZVOUS = b"is anybody there?" * 4
RETRY_WITHIN = 1  # s


class Transfer:
    """One pair with an echo behind it, every byte checked; .error if it did
    not end well, .seconds how long it lived."""

    def __init__(self, url, seconds, bytes_per_s):
        self.url = url
        self.planned = seconds
        self.bytes_per_s = bytes_per_s
        self.n_bytes = 0
        self.error = None
        self.seconds = 0

    async def run(self):
        start = time.monotonic()
        try:
            await asyncio.wait_for(self._run(), self.planned + 60)
        except (OSError, AssertionError, EOFError, TimeoutError) as e:
            self.error = e
        self.seconds = time.monotonic() - start

    async def _run(self):
        reader, writer = await asyncio.open_connection(self.url.host,
                                                       self.url.port)
        try:
            writer.write(self.url.digest)
            await self._talk(reader, writer)
            writer.write_eof()
            rest = await reader.read(1)
            assert rest == b"", "bytes came behind the last"
        finally:
            writer.close()

    async def _talk(self, reader, writer):
        end = time.monotonic() + self.planned
        while self.n_bytes == 0 or time.monotonic() < end:
            block = os.urandom(_CHUNK)
            writer.write(block)
            answer = await reader.readexactly(len(block))
            assert answer == block, f"other bytes came back at {self.n_bytes}"
            self.n_bytes += len(block)
            await asyncio.sleep(_CHUNK / self.bytes_per_s)


async def rendezvous(url):
    """Call, be joined, be echoed, leave."""
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        writer.write(url.digest + _RENDEZVOUS)
        answer = await reader.readexactly(len(_RENDEZVOUS))
        assert answer == _RENDEZVOUS, answer
    finally:
        writer.close()


class Traffic(threading.Thread):
    """n_transfers at any time, each of a random number of these seconds, and
    per_s rendezvous a second, shared out among urls. A rendezvous that fails
    has one more try within a second."""

    def __init__(self, urls, n_transfers, per_s, seconds=(1, 10),
                 bytes_per_s=64 << 10, seed=None):
        super().__init__(daemon=True)
        self.urls = list(urls)
        self.n_transfers = n_transfers
        self.per_s = per_s
        self.range = seconds
        self.bytes_per_s = bytes_per_s
        self.random = random.Random(seed)
        self.transfers = []  # those that are over
        self.took = []  # seconds of each rendezvous that succeeded
        self.retried = []  # why the first try failed
        self.failures = []  # (when, why) of what failed twice
        self.is_over = threading.Event()
        self._tasks = set()
        self.error = None
        self.start()

    def run(self):
        try:
            asyncio.run(self._main())
        except Exception as e:  # for the thread that joins
            self.error = e

    async def _main(self):
        for number in range(self.n_transfers):
            url = self.urls[number % len(self.urls)]
            self._begin(self._transfers(url))
        next_at = time.monotonic()
        while not self.is_over.is_set():
            self._begin(self._rendezvous(self.random.choice(self.urls)))
            next_at += 1 / self.per_s
            await asyncio.sleep(max(0, next_at - time.monotonic()))
        await asyncio.gather(*self._tasks)

    def _begin(self, coroutine):
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _transfers(self, url):
        while not self.is_over.is_set():
            transfer = Transfer(url, self.random.uniform(*self.range),
                                self.bytes_per_s)
            await transfer.run()
            if transfer.n_bytes > 0:
                self.transfers.append(transfer)
            else:  # it never began: a rendezvous that failed
                self.retried.append(repr(transfer.error))
                await asyncio.sleep(RETRY_WITHIN)

    async def _rendezvous(self, url):
        start = time.monotonic()
        for is_retry in (False, True):
            try:
                await asyncio.wait_for(rendezvous(url), 10)
                self.took.append(time.monotonic() - start)
                return
            except (OSError, AssertionError, EOFError, TimeoutError) as e:
                if is_retry:
                    self.failures.append((time.monotonic() - start, repr(e)))
                else:
                    self.retried.append(repr(e))
                    await asyncio.sleep(RETRY_WITHIN)

    @property
    def lost(self):
        return [t for t in self.transfers if t.error is not None]

    def stop(self):
        """No new ones; those that are there run to their end."""
        self.is_over.set()
        self.join(self.range[1] + 90)
        assert not self.is_alive(), "traffic does not end"
        if self.error is not None:
            raise self.error

    def summary(self):
        took = sorted(self.took) or [0]
        return (f"{len(self.transfers)} transfers, {len(self.lost)} lost; "
                f"{len(self.took)} rendezvous, {len(self.retried)} at the "
                f"second try, {len(self.failures)} failed; p50 "
                f"{1000 * took[len(took) // 2]:.0f} ms, p99 "
                f"{1000 * took[len(took) * 99 // 100]:.0f} ms")
