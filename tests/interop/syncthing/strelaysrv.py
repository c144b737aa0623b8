"""Debian's strelaysrv as a test's process: a private relay on loopback."""

import os

from harness import programs, relay, syncthing

TRIES = 4


def as_known(play, known):
    """What play() came to, again until it is `known`: strelaysrv's answers
    hang on its scheduler and its garbage collector. It turns an end of a
    session away ("already connected") while it is not yet back from taking in
    the other. Ours is asked once."""
    for _ in range(TRIES):
        came = play()
        if came == known:
            break
        print(f"strelaysrv came to {came}, not {known}", flush=True)
    return came


class Strelaysrv:
    """keys: its folder, made by itself if it is empty."""

    def __init__(self, test, keys=None, flags=()):
        self.keys = keys or test.fresh_path("strelaysrv")
        os.makedirs(self.keys, exist_ok=True)
        self.listen = f"127.0.0.1:{relay.free_port()}"
        self.status = f"127.0.0.1:{relay.free_port()}"
        self.flags = ["-keys", self.keys, f"-listen={self.listen}",
                      f"-status-srv={self.status}", "-pools=", *flags]
        self.process = test.process(["strelaysrv", *self.flags])
        self.process.wait_logged("URI: relay://")
        self.url = syncthing.Url(self.text().partition("&")[0])
        programs.until(self._listens, "strelaysrv listens")

    def text(self):
        """Its URL with all that it says there."""
        return self.process.logged("URI: relay://")[0].split()[-1]

    def _listens(self):
        try:
            self.url.connect().close()
            return True
        except ConnectionRefusedError:
            return False
