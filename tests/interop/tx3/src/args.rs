//! The command line: `tx3-interop COMMAND --option value ...`
//!
//! Written out by hand: each command has its list of options, anything else
//! is a usage error (exit status 2).

use std::collections::HashMap;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

pub const USAGE: &str = "\
usage: tx3-interop COMMAND [options]

  expose --relay URL [--mode MODE] [--bytes N] [--seed N] [--identity FILE]
      A tx3 node behind the relay. Its own URL is the first line on stdout,
      then a line for each inbound connection. Runs until it is killed, the
      pipe on its stdin closes, or the relay ends its control stream (status
      1). MODE is what each inbound connection gets:
        echo       every byte back as it comes, half-close after EOF (default)
        after-eof  every byte back, but only after EOF
        sink       reads to EOF, then answers \"LENGTH SHA256\\n\"
        discard    reads to EOF, answers nothing
        source     sends N bytes, half-closes, then reads to EOF
        hold       accepts, then neither reads nor writes
        drop       accepts, reads once, closes without a close_notify
        ignore     never accepts: the relay has to give the peer up

  call --url URL [--bytes N] [--connections K] [--mode MODE] [--seed N]
       [--hold-s S] [--identity FILE]
      A tx3 node that opens K connections at once and sends N bytes on each.
      One line for each result and a summary.
        echo        reads all back while it sends (for echo; default)
        half-close  as echo, and no byte may come before its own half-close
                    (for after-eof)
        sink        checks the answer \"LENGTH SHA256\\n\" (for sink)
        source      reads N bytes of --seed to EOF first, sends N bytes
                    afterwards (for source with the same N and seed)
        fire        sends, half-closes and leaves without reading a byte
        open        handshakes, then keeps still for S seconds (default 5)

  pair --relay URL [--bytes N] [--connections K] [--seed N]
      Both nodes in this process: 5 bytes each way, then N (64 MiB) each way
      at the same time.

  relay [--bind HOST:PORT] [--identity FILE]
        [--max-inbound-connections N] [--max-control-streams N]
        [--max-control-streams-per-ip N] [--max-relays-per-control N]
        [--connection-timeout-ms N]
      The crate's own relay, as the oracle. Prints its URL, then runs until it
      is killed or the pipe on its stdin closes. Default bind: 127.0.0.1:0.

  Every command: --timeout-s S, after which it ends with status 1 (default 60,
  0 for never). N takes the suffixes k, M and G (1024). --identity keeps
  certificate and key in FILE (made if it is not there).
  RUST_LOG=tx3=debug shows the crate's own log on stderr.
Exit status: 0 fine, 1 something failed, 2 usage.";

/// A mistake on the command line, in one sentence.
pub struct Usage(pub String);

pub struct Args {
    values: HashMap<String, String>,
}

impl Args {
    pub fn parse(
        args: impl Iterator<Item = String>,
        known: &[&str],
    ) -> Result<Self, Usage> {
        let mut values = HashMap::new();
        let mut args = args.peekable();
        while let Some(arg) = args.next() {
            let Some(name) = arg.strip_prefix("--") else {
                return Err(Usage(format!("unexpected argument: {arg}")));
            };
            let (name, value) = match name.split_once('=') {
                Some((n, v)) => (n, v.to_string()),
                None => match args.next() {
                    Some(v) => (name, v),
                    None => {
                        return Err(Usage(format!("--{name} wants a value")))
                    }
                },
            };
            if name != "timeout-s" && !known.contains(&name) {
                return Err(Usage(format!("no such option: --{name}")));
            }
            if values.insert(name.to_string(), value).is_some() {
                return Err(Usage(format!("--{name} given twice")));
            }
        }
        Ok(Self { values })
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn required(&self, name: &str) -> Result<&str, Usage> {
        self.text(name)
            .ok_or_else(|| Usage(format!("--{name} is missing")))
    }

    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Usage>
    where
        T::Err: Display,
    {
        match self.text(name) {
            None => Ok(None),
            Some(s) => s
                .parse()
                .map(Some)
                .map_err(|e| Usage(format!("--{name} {s}: {e}"))),
        }
    }

    pub fn bytes(&self, name: &str, default: u64) -> Result<u64, Usage> {
        let Some(text) = self.text(name) else {
            return Ok(default);
        };
        let (digits, shift) = match text.char_indices().last() {
            Some((i, 'k' | 'K')) => (&text[..i], 10),
            Some((i, 'M')) => (&text[..i], 20),
            Some((i, 'G')) => (&text[..i], 30),
            _ => (text, 0),
        };
        digits
            .parse::<u64>()
            .ok()
            .and_then(|n| n.checked_mul(1 << shift))
            .ok_or_else(|| Usage(format!("--{name} {text}: not a size")))
    }

    pub fn connections(&self) -> Result<u64, Usage> {
        match self.number("connections")?.unwrap_or(1) {
            0 => Err(Usage("--connections 0: at least 1".into())),
            n => Ok(n),
        }
    }

    pub fn timeout(&self) -> Result<Option<Duration>, Usage> {
        let seconds: u64 = self.number("timeout-s")?.unwrap_or(60);
        Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
    }

    /// A tx3 URL, checked here because the crate panics on a bad one.
    pub fn url(&self, name: &str) -> Result<tx3::Tx3Url, Usage> {
        let text = self.required(name)?;
        let bad = |why: &str| Usage(format!("--{name} {text}: {why}"));
        let url = url::Url::parse(text).map_err(|e| bad(&e.to_string()))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(bad("no host"));
        }
        if url.port().is_none() {
            return Err(bad("no port"));
        }
        let url = tx3::Tx3Url::new(url);
        match url.scheme() {
            tx3::Tx3Scheme::Tx3rst | tx3::Tx3Scheme::Tx3st => (),
            _ => return Err(bad("neither tx3-rst:// nor tx3-st://")),
        }
        if url.tls_cert_digest().is_none() {
            return Err(bad("no certificate digest"));
        }
        Ok(url)
    }
}
