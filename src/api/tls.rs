//! What TLS trusts: the roots that ship with mxkeep, the system's own, and files that the user names.
//!
//! All three together, because each alone fails somebody: containers have no system roots, companies have a root
//! of their own, and a proxy that looks inside has yet another.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::client::SetupError;

/// TLS for an `https` base URL. Loading the system's roots costs milliseconds, so it happens only here.
pub(super) fn trusting(ca_files: &[PathBuf]) -> Result<ClientConfig, SetupError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    // Errors are left out on purpose: a machine without roots, or with a broken one, still has the shipped ones.
    // `SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured in there.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for path in ca_files {
        add_file(&mut roots, path)?;
    }
    config(roots)
}

/// TLS that trusts nobody, for a plain `http` base URL on loopback.
pub(super) fn unused() -> Result<ClientConfig, SetupError> {
    config(RootCertStore::empty())
}

fn config(roots: RootCertStore) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Http { reason: error.to_string() })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Adds every certificate of a PEM file. A file that gives none is an error: the user asked for it by name.
fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), SetupError> {
    let refuse = |reason: String| SetupError::CaFile { path: path.to_owned(), reason };
    let pem = fs_err::read(path).map_err(|error| refuse(error.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refuse(error.to_string()))?;
    if certificates.is_empty() {
        return Err(refuse("there is no PEM certificate in it".to_owned()));
    }
    for certificate in certificates {
        roots.add(certificate).map_err(|error| refuse(error.to_string()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use rustls::pki_types::PrivateKeyDer;
    use rustls::{ServerConfig, ServerConnection, StreamOwned};

    use super::super::{ApiError, Call, Client, ClientOptions, Method, tests::options};
    use super::*;

    /// A server for 127.0.0.1 whose certificate comes from `fixtures/root.pem` and is valid until 2120;
    /// its root's key is thrown away. Gives the port.
    fn https_server() -> u16 {
        let certificate = include_bytes!("fixtures/server.der").to_vec().into();
        let key = PrivateKeyDer::try_from(include_bytes!("fixtures/server-key.der").to_vec()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(tls, socket.unwrap());
                // A client without trust ends the handshake here.
                if stream.read(&mut [0; 4096]).is_ok() {
                    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap();
                }
            }
        });
        port
    }

    #[tokio::test]
    async fn trusts_the_named_root_and_checks_the_name() {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/api/fixtures/root.pem"));
        let port = https_server();
        for (host, ca_files, expected) in [
            ("127.0.0.1", vec![root.clone()], None),
            ("127.0.0.1", vec![], Some("UnknownIssuer")),
            ("localhost", vec![root], Some("not valid for name")),
        ] {
            let url = url::Url::parse(&format!("https://{host}:{port}")).unwrap();
            let client = Client::new(ClientOptions { ca_files, ..options(url) }).unwrap();
            let result = client.send(&Call::new(Method::Post, &["clusters"])).await;
            assert_eq!(client.requests_made(), 1);
            match (result, expected) {
                (Ok(_), None) => {}
                (Err(error @ ApiError::Tls { .. }), Some(part)) => {
                    assert!(error.to_string().contains(part) && !error.maybe_sent(), "{error}");
                }
                (result, _) => panic!("{host} {expected:?}: {result:?}"),
            }
        }
    }

    #[test]
    fn a_named_file_has_to_hold_certificates() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        for (content, part) in [
            (None, "ca.pem"),
            (Some("hello"), "no PEM certificate"),
            (Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), ""),
        ] {
            if let Some(content) = content {
                fs_err::write(&path, content).unwrap();
            }
            let error = trusting(std::slice::from_ref(&path)).unwrap_err().to_string();
            assert!(error.contains("ca.pem") && error.contains(part), "{error}");
        }
        assert!(trusting(&[]).is_ok());
    }
}
