//! Upstreams whose certificate cannot be trusted, and an upstream over TLS for the other tests.

use std::{fs, path::PathBuf, sync::Arc};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{
    program::Program,
    support::{a_chat, call_id},
};

/// Certificates, and the file in which those are that Weir trusts.
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("trusted.pem"), "").unwrap();
        Self { folder }
    }

    pub fn trusted(&self) -> PathBuf {
        self.folder.path().join("trusted.pem")
    }

    /// TLS with a certificate of its own for a name.
    pub fn acceptor(&self, name: &str, expired: bool, trusted: bool, h2: bool) -> TlsAcceptor {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        if trusted {
            let all = fs::read_to_string(self.trusted()).unwrap();
            fs::write(self.trusted(), all + &certificate.pem()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        if h2 {
            config.alpn_protocols = vec![b"h2".to_vec()];
        }
        TlsAcceptor::from(Arc::new(config))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_cannot_be_trusted_is_502_and_nothing_is_sent() {
    let certificates = Certificates::new();
    let wrong_name = certificates.acceptor("other.example", false, true, false);
    let expired = certificates.acceptor("localhost", true, true, false);
    let untrusted = certificates.acceptor("localhost", false, false, false);
    let trusted = certificates.trusted().display().to_string();
    let program = Program::start(&["--upstream-ca", &trusted]).await;
    let all = [
        ("wrong-name", wrong_name),
        ("expired", expired),
        ("untrusted", untrusted),
    ];
    let count = all.len();
    for (what, acceptor) in all {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        program
            .provider(what, &format!("https://localhost:{port}/v1"))
            .await;
        let shaking = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            acceptor.accept(stream).await.is_ok()
        });
        let response = program.chat(what, &a_chat()).send().await.unwrap();
        assert_eq!(response.status(), 502, "{what}");
        let row = program.row(&call_id(response.headers())).await;
        let text = response.text().await.unwrap();
        assert!(text.contains("certificate"), "{what}: {text}");
        assert_eq!(
            (&row["outcome"], &row["price_state"]),
            (&json!("upstream_error"), &json!("not_billed"))
        );
        // With TLS 1.3 the server may end its part before it is told; what matters is that nothing follows.
        drop(shaking);
    }
    program.others_are_answered().await;
    program.books(count + 1).await;
}
