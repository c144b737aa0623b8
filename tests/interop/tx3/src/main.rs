//! Programs nobody of this project wrote, to test a tx3 relay against: nodes
//! and the relay of the tx3 crate. See README.md.

mod args;
mod call;
mod data;
mod expose;
mod identity;
mod pair;

use args::{Args, Usage, USAGE};
use std::fmt::Display;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::process::exit;

/// Why a command did not end with 0.
pub enum Failure {
    Usage(String),
    Failed(String),
}

impl From<Usage> for Failure {
    fn from(u: Usage) -> Self {
        Failure::Usage(u.0)
    }
}

pub type Outcome = Result<(), Failure>;

/// A failure, with the step it happened in.
pub fn at<E: Display>(step: &str) -> impl Fn(E) -> Failure + '_ {
    move |e| Failure::Failed(format!("{step}: {e}"))
}

/// One line on stdout, flushed; nobody reading it is an end, not a panic.
pub fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        exit(1);
    }
}

/// A seed for a run that was not given one.
pub fn any_seed() -> u64 {
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
        >> 32
}

/// Wait until whoever holds the other end of our stdin closes it. Anything but
/// a pipe or a socket is not waited for: a background job of a shell has
/// /dev/null there.
pub async fn stdin_closed() {
    use std::os::unix::fs::FileTypeExt;
    use tokio::io::AsyncReadExt;

    let piped = std::fs::metadata("/dev/fd/0")
        .is_ok_and(|m| m.file_type().is_fifo() || m.file_type().is_socket());
    if !piped {
        return std::future::pending().await;
    }
    let mut stdin = tokio::io::stdin();
    let mut ignored = [0; 256];
    while stdin.read(&mut ignored).await.is_ok_and(|n| n > 0) {}
}

async fn relay(args: Args) -> Outcome {
    let bind = args.text("bind").unwrap_or("127.0.0.1:0");
    let url = url::Url::parse(&format!("tx3-rst://{bind}"))
        .ok()
        .filter(|u| u.port().is_some())
        .filter(|u| u.host_str().is_some_and(|h| !h.is_empty()))
        .ok_or_else(|| Usage(format!("--bind {bind}: not HOST:PORT")))?;

    let mut config =
        tx3::Tx3RelayConfig::new().with_bind(tx3::Tx3Url::new(url));
    for (name, limit) in [
        (
            "max-inbound-connections",
            &mut config.max_inbound_connections,
        ),
        ("max-control-streams", &mut config.max_control_streams),
        (
            "max-control-streams-per-ip",
            &mut config.max_control_streams_per_ip,
        ),
        ("max-relays-per-control", &mut config.max_relays_per_control),
        ("connection-timeout-ms", &mut config.connection_timeout_ms),
    ] {
        if let Some(n) = args.number(name)? {
            *limit = n;
        }
    }
    config.tx3_config.tls = Some(identity::tls(args.text("identity"))?);

    let relay = tx3::Tx3Relay::new(config).await.map_err(at("relay"))?;
    for url in relay.local_addrs() {
        say(url);
    }
    stdin_closed().await;
    Ok(())
}

async fn run(command: &str, args: Args) -> Outcome {
    match command {
        "expose" => expose::run(args).await,
        "call" => call::run(args).await,
        "pair" => pair::run(args).await,
        _ => relay(args).await,
    }
}

fn usage(why: &str) -> ! {
    eprintln!("tx3-interop: {why}");
    eprintln!("try: tx3-interop --help");
    exit(2);
}

fn main() {
    let mut argv = std::env::args().skip(1);
    let command = argv.next().unwrap_or_else(|| usage("no command"));
    let known: &[&str] = match command.as_str() {
        "-h" | "--help" | "help" => {
            say(USAGE);
            exit(0);
        }
        "expose" => &["relay", "mode", "bytes", "seed", "identity"],
        "call" => &[
            "url",
            "bytes",
            "connections",
            "mode",
            "seed",
            "hold-s",
            "identity",
        ],
        "pair" => &["relay", "bytes", "connections", "seed"],
        "relay" => &[
            "bind",
            "identity",
            "max-inbound-connections",
            "max-control-streams",
            "max-control-streams-per-ip",
            "max-relays-per-control",
            "connection-timeout-ms",
        ],
        other => usage(&format!("no such command: {other}")),
    };
    let (args, timeout) = Args::parse(argv, known)
        .and_then(|args| args.timeout().map(|timeout| (args, timeout)))
        .unwrap_or_else(|e| usage(&e.0));

    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("tokio runtime");
    let outcome = runtime.block_on(async {
        let work = run(&command, args);
        match timeout {
            None => work.await,
            Some(t) => {
                tokio::time::timeout(t, work).await.unwrap_or_else(|_| {
                    Err(Failure::Failed(format!(
                        "timed out after {} s",
                        t.as_secs()
                    )))
                })
            }
        }
    });
    // Leave at once: a thread that blocks on stdin would hold up the runtime.
    match outcome {
        Ok(()) => exit(0),
        Err(Failure::Usage(why)) => usage(&why),
        Err(Failure::Failed(why)) => {
            eprintln!("tx3-interop {command}: {why}");
            exit(1);
        }
    }
}
