//! A certificate and key that outlive the process, where a test wants that.

use crate::{at, Failure};
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use tx3::tls::{
    gen_tls_cert_pair, TlsCertDer, TlsConfig, TlsConfigBuilder, TlsPkDer,
};

/// The identity in `file`, made if there is none; a new one without a file.
/// The file is the certificate's length (4 bytes, network order), certificate
/// and key, both DER.
pub fn tls(file: Option<&str>) -> Result<TlsConfig, Failure> {
    let builder = TlsConfigBuilder::default();
    let Some(file) = file else {
        return builder.build().map_err(at("identity"));
    };
    let wrong = at(file);

    let all = match fs::read(file) {
        Ok(all) => all,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let (cert, key) = gen_tls_cert_pair().map_err(&wrong)?;
            let mut all = (cert.0.len() as u32).to_be_bytes().to_vec();
            all.extend_from_slice(&cert.0);
            all.extend_from_slice(&key.0);
            fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(file)
                .and_then(|mut f| f.write_all(&all))
                .map_err(&wrong)?;
            all
        }
        Err(e) => return Err(wrong(e)),
    };

    let broken = || Failure::Failed(format!("{file}: not an identity"));
    let (length, rest) = all.split_at_checked(4).ok_or_else(broken)?;
    let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
    let (cert, key) = rest.split_at_checked(length).ok_or_else(broken)?;
    builder
        .with_cert(TlsCertDer(cert.into()), TlsPkDer(key.into()))
        .build()
        .map_err(|_| broken())
}
