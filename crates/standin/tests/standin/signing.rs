//! Signs calls to AWS, by hand.

use std::path::PathBuf;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use weir_standin::{AccessKey, AwsSettings, Settings};

use crate::client::{Answer, Bench, Headers};

/// Who signs, for what, and when.
pub(crate) struct Signer {
    pub(crate) key: AccessKey,
    pub(crate) region: &'static str,
    pub(crate) service: &'static str,
    pub(crate) time: Timestamp,
}

/// A stand-in that checks signatures.
pub(crate) async fn bench(aws: AwsSettings) -> Bench {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scripts/sigv4/check.py");
    Bench::with(Settings {
        required_key: Some("the-bearer-key".to_owned()),
        aws: AwsSettings {
            sigv4_script: Some(script),
            ..aws
        },
        ..Settings::default()
    })
    .await
}

impl Signer {
    pub(crate) fn new(service: &'static str) -> Self {
        Self::of(AccessKey::example(), service)
    }

    pub(crate) fn of(key: AccessKey, service: &'static str) -> Self {
        Self {
            key,
            region: "us-east-1",
            service,
            time: Timestamp::now(),
        }
    }

    /// GET without a body, POST with one.
    pub(crate) async fn send(
        &self,
        bench: &Bench,
        path: &str,
        body: &str,
        more: Headers<'_>,
    ) -> Answer {
        bench.send(self.request(bench, path, body, more)).await
    }

    /// The path must need no encoding of its query, and no second one but of `%` and `:`.
    pub(crate) fn request(
        &self,
        bench: &Bench,
        path: &str,
        body: &str,
        more: Headers<'_>,
    ) -> Request<Full<Bytes>> {
        let method = if body.is_empty() {
            Method::GET
        } else {
            Method::POST
        };
        let host = bench.standin.address().to_string();
        let date = self.time.strftime("%Y%m%dT%H%M%SZ").to_string();
        let (day, _) = date.split_once('T').unwrap();
        let mut signed = vec![("host", host.as_str()), ("x-amz-date", date.as_str())];
        if let Some(token) = &self.key.session_token {
            signed.push(("x-amz-security-token", token));
        }
        let (path_alone, query) = path.split_once('?').unwrap_or((path, ""));
        let names: Vec<&str> = signed.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = signed
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let path_again = path_alone.replace('%', "%25").replace(':', "%3A");
        let canonical = format!(
            "{method}\n{path_again}\n{query}\n{lines}\n{names}\n{}",
            hex(&Sha256::digest(body.as_bytes()))
        );
        let scope = format!("{}/{}/{}/aws4_request", day, self.region, self.service);
        let text = format!(
            "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
            hex(&Sha256::digest(canonical.as_bytes()))
        );
        let mut secret = format!("AWS4{}", self.key.secret).into_bytes();
        for part in [day, self.region, self.service, "aws4_request"] {
            secret = hmac(&secret, part.as_bytes());
        }
        let signature = hex(&hmac(&secret, text.as_bytes()));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.key.id
        );
        let mut all = signed.clone();
        all.push(("authorization", &authorization));
        all.extend_from_slice(more);
        bench.request(method, path, &all, body)
    }
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |byte: u8| block.map(|held| held ^ byte);
    let inner = Sha256::new()
        .chain_update(padded(0x36))
        .chain_update(text)
        .finalize();
    Sha256::new()
        .chain_update(padded(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
