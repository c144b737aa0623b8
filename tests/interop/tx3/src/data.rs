//! Test bytes that are made as they are sent and checked as they come in.

use sha2::{Digest, Sha256};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub const BLOCK: usize = 64 * 1024;

/// Pseudo-random bytes (splitmix64): the same for the same seed.
pub struct Bytes(u64);

impl Bytes {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn fill(&mut self, block: &mut [u8]) {
        for eight in block.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            eight.copy_from_slice(&z.to_le_bytes()[..eight.len()]);
        }
    }
}

/// What went one way: how many bytes, and their checksum.
#[derive(Clone, PartialEq, Eq)]
pub struct Sum {
    pub bytes: u64,
    pub sha256: String,
}

pub struct Summer {
    bytes: u64,
    hash: Sha256,
}

impl Summer {
    pub fn new() -> Self {
        Self {
            bytes: 0,
            hash: Sha256::new(),
        }
    }

    pub fn add(&mut self, block: &[u8]) {
        self.bytes += block.len() as u64;
        self.hash.update(block);
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn sum(&self) -> Sum {
        let sha256 = self.hash.clone().finalize();
        Sum {
            bytes: self.bytes,
            sha256: sha256.iter().map(|b| format!("{b:02x}")).collect(),
        }
    }
}

/// The checksum of `bytes` bytes of `seed`, without sending them.
pub fn expected(seed: u64, bytes: u64) -> Sum {
    let mut source = Bytes::new(seed);
    let mut summer = Summer::new();
    let mut block = vec![0; BLOCK];
    while summer.bytes() < bytes {
        let n = (bytes - summer.bytes()).min(BLOCK as u64) as usize;
        source.fill(&mut block[..n]);
        summer.add(&block[..n]);
    }
    summer.sum()
}

/// Send `bytes` bytes of `seed` and flush them.
pub async fn send<W: AsyncWrite + Unpin>(
    to: &mut W,
    seed: u64,
    bytes: u64,
) -> io::Result<Sum> {
    let mut source = Bytes::new(seed);
    let mut summer = Summer::new();
    let mut block = vec![0; BLOCK];
    while summer.bytes() < bytes {
        let n = (bytes - summer.bytes()).min(BLOCK as u64) as usize;
        source.fill(&mut block[..n]);
        to.write_all(&block[..n]).await?;
        summer.add(&block[..n]);
    }
    to.flush().await?;
    Ok(summer.sum())
}

/// Read to EOF, which through TLS is a close_notify: a bare FIN is an error.
/// `seen` is called with each block. The summer is the caller's, so that it
/// can tell how far an error let it come.
pub async fn receive<R: AsyncRead + Unpin>(
    from: &mut R,
    summer: &mut Summer,
    mut seen: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut block = vec![0; BLOCK];
    loop {
        let n = from.read(&mut block).await?;
        if n == 0 {
            return Ok(());
        }
        summer.add(&block[..n]);
        seen(&block[..n])?;
    }
}
