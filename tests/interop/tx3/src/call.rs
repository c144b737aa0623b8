//! `call`: a node that calls a URL and checks what comes back.

use crate::args::{Args, Usage};
use crate::data::{self, Sum, Summer};
use crate::{any_seed, at, identity, say, Failure, Outcome};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;
use tx3::{Tx3Config, Tx3Connection, Tx3Node, Tx3Url};

const MODES: &[&str] =
    &["echo", "half-close", "sink", "source", "fire", "open"];

struct Call {
    node: Tx3Node,
    url: Tx3Url,
    mode: String,
    bytes: u64,
    hold: Duration,
}

pub async fn run(args: Args) -> Outcome {
    let url = args.url("url")?;
    let mode = args.text("mode").unwrap_or("echo").to_string();
    if !MODES.contains(&mode.as_str()) {
        return Err(Usage(format!(
            "--mode {mode}: not one of {}",
            MODES.join(", ")
        ))
        .into());
    }
    let bytes = args.bytes("bytes", 1 << 20)?;
    let connections = args.connections()?;
    let seed = args.number("seed")?.unwrap_or_else(any_seed);
    let hold = Duration::from_secs(args.number("hold-s")?.unwrap_or(5));

    let mut config = Tx3Config::new();
    config.tls = Some(identity::tls(args.text("identity"))?);
    let (node, _) = Tx3Node::new(config).await.map_err(at("node"))?;
    say(format_args!("seed {seed}"));

    let call = Arc::new(Call {
        node,
        url,
        mode,
        bytes,
        hold,
    });
    let started = Instant::now();
    let mut running = JoinSet::new();
    for number in 1..=connections {
        let call = call.clone();
        // All read the same from `source`; else each sends its own.
        let seed = match call.mode.as_str() {
            "source" => seed,
            _ => seed.wrapping_add(number),
        };
        running.spawn(async move {
            let started = Instant::now();
            let result = call.one(seed).await;
            (number, started.elapsed(), result)
        });
    }
    let (mut good, mut bad) = (0u64, 0u64);
    while let Some(done) = running.join_next().await {
        let (number, took, result) = done.map_err(at("task"))?;
        let ms = took.as_millis();
        match result {
            Ok(Sum { bytes, sha256 }) => {
                good += 1;
                say(format_args!("ok {number}: {bytes} {sha256} {ms} ms"));
            }
            Err(Failure::Usage(why) | Failure::Failed(why)) => {
                bad += 1;
                say(format_args!("FAILED {number}: {why} {ms} ms"));
            }
        }
    }
    let ms = started.elapsed().as_millis();
    say(format_args!("summary: {good} ok, {bad} failed, {ms} ms"));
    match bad {
        0 => Ok(()),
        n => Err(Failure::Failed(format!("{n} of {connections} failed"))),
    }
}

impl Call {
    async fn connect(&self) -> Result<Tx3Connection, Failure> {
        let peer = self.node.connect(&self.url).await.map_err(at("connect"))?;
        // connect() leaves this to its caller.
        if Some(peer.remote_tls_cert_digest())
            != self.url.tls_cert_digest().as_ref()
        {
            return Err(Failure::Failed(format!(
                "somebody else answers: {}",
                peer.remote_tls_cert_digest()
            )));
        }
        Ok(peer)
    }

    /// One connection; the sum is of what it sent.
    async fn one(&self, seed: u64) -> Result<Sum, Failure> {
        let mut peer = self.connect().await?;

        match self.mode.as_str() {
            "open" => {
                tokio::time::sleep(self.hold).await;
                return Ok(data::expected(seed, 0));
            }
            "fire" => {
                let sent = data::send(&mut peer, seed, self.bytes)
                    .await
                    .map_err(at("send"))?;
                peer.shutdown().await.map_err(at("half-close"))?;
                return Ok(sent);
            }
            "source" => {
                let want = data::expected(seed, self.bytes);
                let mut got = Summer::new();
                read_all(&mut peer, &mut got, |_| Ok(())).await?;
                same("read", &got.sum(), &want)?;
            }
            _ => (),
        }

        let early_allowed = self.mode == "echo";
        let (mut from, mut to) = tokio::io::split(peer);
        let closing = AtomicBool::new(false);
        let send = async {
            let sent = data::send(&mut to, seed, self.bytes)
                .await
                .map_err(at("send"))?;
            if self.mode == "half-close" {
                // Time for an early byte to come in and be seen.
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            closing.store(true, Ordering::SeqCst);
            to.shutdown().await.map_err(at("half-close"))?;
            Ok::<_, Failure>(sent)
        };
        let mut answer = Vec::new();
        let mut got = Summer::new();
        let receive = read_all(&mut from, &mut got, |block| {
            if !early_allowed && !closing.load(Ordering::SeqCst) {
                return Err(std::io::Error::other(
                    "bytes before our half-close",
                ));
            }
            if answer.len() < 128 {
                answer.extend_from_slice(&block[..block.len().min(128)]);
            }
            Ok(())
        });
        let (sent, ()) = tokio::try_join!(send, receive)?;

        match self.mode.as_str() {
            "sink" => {
                let Sum { bytes, sha256 } = &sent;
                if answer != format!("{bytes} {sha256}\n").as_bytes() {
                    return Err(Failure::Failed(format!(
                        "sent {bytes} {sha256}, the peer got {}",
                        String::from_utf8_lossy(&answer).trim_end()
                    )));
                }
            }
            "source" => same("read late", &got.sum(), &data::expected(0, 0))?,
            _ => same("read", &got.sum(), &sent)?,
        }
        Ok(sent)
    }
}

/// Read to EOF; an error tells how far it came.
async fn read_all<R: tokio::io::AsyncRead + Unpin>(
    from: &mut R,
    got: &mut Summer,
    seen: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> Result<(), Failure> {
    data::receive(from, got, seen).await.map_err(|e| {
        Failure::Failed(format!(
            "read, after {} bytes: {e} ({:?})",
            got.bytes(),
            e.kind()
        ))
    })
}

pub fn same(what: &str, got: &Sum, want: &Sum) -> Outcome {
    if got == want {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{what} {} {}, wanted {} {}",
        got.bytes, got.sha256, want.bytes, want.sha256
    )))
}
