//! `pair`: two nodes in one process, through the relay.

use crate::args::Args;
use crate::call::same;
use crate::data::{self, Summer};
use crate::{any_seed, at, say, Failure, Outcome};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;
use tx3::{Tx3Config, Tx3Connection, Tx3Node};

pub async fn run(args: Args) -> Outcome {
    let relay = args.url("relay")?;
    let bytes = args.bytes("bytes", 64 << 20)?;
    let connections = args.connections()?;
    let seed = args.number("seed")?.unwrap_or_else(any_seed);

    let (exposed, mut inbound) =
        Tx3Node::new(Tx3Config::new().with_bind(relay))
            .await
            .map_err(at("bind"))?;
    let url = exposed.local_addrs()[0].clone();
    let (caller, _) =
        Tx3Node::new(Tx3Config::new()).await.map_err(at("node"))?;
    let caller = std::sync::Arc::new(caller);
    let caller_digest = caller.local_tls_cert_digest().clone();
    say(format_args!("seed {seed}"));

    let started = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..connections {
        let (caller, url) = (caller.clone(), url.clone());
        running.spawn(async move {
            let mut peer = caller.connect(&url).await.map_err(at("connect"))?;
            if Some(peer.remote_tls_cert_digest())
                != url.tls_cert_digest().as_ref()
            {
                return Err(Failure::Failed("somebody else answers".into()));
            }
            greet(&mut peer, b"hello", b"world", true).await?;
            both_ways(peer, seed, seed.wrapping_add(1), bytes).await
        });
    }
    for _ in 0..connections {
        // A caller that failed never comes in: look at both.
        let accept = loop {
            tokio::select! {
                accept = inbound.recv() => match accept {
                    Some(accept) => break accept,
                    None => {
                        return Err(Failure::Failed("the relay is gone".into()))
                    }
                },
                Some(done) = running.join_next() => {
                    done.map_err(at("task"))??;
                }
            }
        };
        let caller_digest = caller_digest.clone();
        running.spawn(async move {
            let mut peer = accept.accept().await.map_err(at("accept"))?;
            if peer.remote_tls_cert_digest() != &caller_digest {
                return Err(Failure::Failed("somebody else calls".into()));
            }
            greet(&mut peer, b"world", b"hello", false).await?;
            both_ways(peer, seed.wrapping_add(1), seed, bytes).await
        });
    }
    while let Some(done) = running.join_next().await {
        done.map_err(at("task"))??;
    }
    let took = started.elapsed();
    let total = (2 * connections * bytes) as f64 / (1 << 20) as f64;
    say(format_args!(
        "ok: {connections} connections, {bytes} bytes each way, {} ms, \
         {:.0} MiB/s in all",
        took.as_millis(),
        total / took.as_secs_f64()
    ));
    Ok(())
}

/// Five bytes each way; the caller begins.
async fn greet(
    peer: &mut Tx3Connection,
    say: &[u8; 5],
    hear: &[u8; 5],
    begin: bool,
) -> Outcome {
    let mut got = [0; 5];
    if begin {
        peer.write_all(say).await.map_err(at("greeting"))?;
        peer.flush().await.map_err(at("greeting"))?;
    }
    peer.read_exact(&mut got).await.map_err(at("greeting"))?;
    if &got != hear {
        return Err(Failure::Failed(format!("greeted with {got:?}")));
    }
    if !begin {
        peer.write_all(say).await.map_err(at("greeting"))?;
        peer.flush().await.map_err(at("greeting"))?;
    }
    Ok(())
}

/// Send and receive at the same time, half-close, read to EOF, compare.
async fn both_ways(
    peer: Tx3Connection,
    send_seed: u64,
    receive_seed: u64,
    bytes: u64,
) -> Outcome {
    let (mut from, mut to) = tokio::io::split(peer);
    let send = async {
        data::send(&mut to, send_seed, bytes)
            .await
            .map_err(at("send"))?;
        to.shutdown().await.map_err(at("half-close"))
    };
    let mut got = Summer::new();
    let receive = async {
        data::receive(&mut from, &mut got, |_| Ok(()))
            .await
            .map_err(at("read"))
    };
    tokio::try_join!(send, receive)?;
    same("read", &got.sum(), &data::expected(receive_seed, bytes))
}
