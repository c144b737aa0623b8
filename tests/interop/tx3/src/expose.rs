//! `expose`: a node behind the relay that serves whoever comes.

use crate::args::{Args, Usage};
use crate::data::{self, Sum, Summer, BLOCK};
use crate::{any_seed, at, identity, say, stdin_closed, Failure, Outcome};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tx3::{Tx3Config, Tx3Connection, Tx3InboundAccept, Tx3Node};

/// What `after-eof` keeps of one connection at most.
const KEEP: usize = 256 << 20;

const MODES: &[&str] = &[
    "echo",
    "after-eof",
    "sink",
    "discard",
    "source",
    "hold",
    "drop",
    "ignore",
];

struct Service {
    mode: String,
    bytes: u64,
    seed: u64,
}

pub async fn run(args: Args) -> Outcome {
    let relay = args.url("relay")?;
    let mode = args.text("mode").unwrap_or("echo").to_string();
    if !MODES.contains(&mode.as_str()) {
        return Err(Usage(format!(
            "--mode {mode}: not one of {}",
            MODES.join(", ")
        ))
        .into());
    }
    let service = Arc::new(Service {
        mode,
        bytes: args.bytes("bytes", 1 << 20)?,
        seed: args.number("seed")?.unwrap_or_else(any_seed),
    });

    let mut config = Tx3Config::new().with_bind(relay);
    config.tls = Some(identity::tls(args.text("identity"))?);
    let (node, mut inbound) = Tx3Node::new(config).await.map_err(at("bind"))?;
    for url in node.local_addrs() {
        say(url);
    }
    if service.mode == "source" {
        say(format_args!("seed {}", service.seed));
    }

    let mut ignored = Vec::new();
    let serve = async {
        let mut number = 0u64;
        while let Some(accept) = inbound.recv().await {
            number += 1;
            if service.mode == "ignore" {
                say(format_args!("inbound {number}: ignored"));
                ignored.push(accept);
                continue;
            }
            tokio::spawn(one(service.clone(), number, accept));
        }
    };
    tokio::select! {
        () = stdin_closed() => Ok(()),
        // The node's task ends with the control stream, and only this shows it.
        () = serve => Err(Failure::Failed("the relay is gone".into())),
    }
}

async fn one(service: Arc<Service>, number: u64, accept: Tx3InboundAccept) {
    let mut peer = match accept.accept().await {
        Ok(peer) => peer,
        Err(e) => return say(format_args!("inbound {number}: accept: {e}")),
    };
    let who = peer.remote_tls_cert_digest().to_string();
    say(format_args!("inbound {number}: from {who}"));

    let mut got = Summer::new();
    let sent = service.serve(&mut peer, &mut got).await;
    let Sum { bytes, sha256 } = got.sum();
    let end = match sent {
        Ok(sent) => format!("sent {sent}, ended well"),
        Err(e) => format!("failed: {e} ({:?})", e.kind()),
    };
    say(format_args!(
        "inbound {number}: got {bytes} {sha256}, {end}"
    ));
}

impl Service {
    /// Serve one peer; returns how many bytes it was sent.
    async fn serve(
        &self,
        peer: &mut Tx3Connection,
        got: &mut Summer,
    ) -> io::Result<u64> {
        let mut sent = 0;
        match self.mode.as_str() {
            "echo" => {
                let mut block = vec![0; BLOCK];
                loop {
                    let n = peer.read(&mut block).await?;
                    if n == 0 {
                        break;
                    }
                    got.add(&block[..n]);
                    peer.write_all(&block[..n]).await?;
                    peer.flush().await?;
                    sent += n as u64;
                }
            }
            "after-eof" => {
                let mut kept = Vec::new();
                data::receive(peer, got, |block| {
                    if kept.len() + block.len() > KEEP {
                        return Err(io::Error::other("more than is kept"));
                    }
                    kept.extend_from_slice(block);
                    Ok(())
                })
                .await?;
                peer.write_all(&kept).await?;
                sent = kept.len() as u64;
            }
            "sink" => {
                data::receive(peer, got, |_| Ok(())).await?;
                let Sum { bytes, sha256 } = got.sum();
                let answer = format!("{bytes} {sha256}\n");
                peer.write_all(answer.as_bytes()).await?;
                sent = answer.len() as u64;
            }
            "source" => {
                sent = data::send(peer, self.seed, self.bytes).await?.bytes;
                peer.shutdown().await?;
                data::receive(peer, got, |_| Ok(())).await?;
                return Ok(sent);
            }
            "hold" => std::future::pending().await,
            "drop" => {
                let mut block = vec![0; BLOCK];
                let n = peer.read(&mut block).await?;
                got.add(&block[..n]);
                return Ok(0);
            }
            _ => data::receive(peer, got, |_| Ok(())).await?,
        }
        peer.shutdown().await?;
        Ok(sent)
    }
}
