//! A process of its own per case: the environment is what is tested, and a test must not change its own.
//!
//! The child is this very test program, told to run [`asks_for_a_credential`] only. All that AWS'
//! libraries and the crate would ever log goes to its standard error, where no secret may be.

use std::{path::Path, process::Command, time::Duration};

use aws::{Access, Credential, Identity, Source};
use credentials::{Network, NetworkSettings};
use tokio::runtime::Handle;

const ROLE: &str = "arn:aws:iam::123456789012:role/bedrock-caller";
/// In every secret of these tests.
pub(crate) const SECRET: &str = "S3CR3T";

/// How a child is started.
pub(crate) struct Child {
    command: Command,
}

impl Child {
    /// `source`: `default`, `assume` or `web`.
    pub(crate) fn new(source: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "child::asks_for_a_credential",
                "--ignored",
                "--nocapture",
            ])
            .env_clear()
            .env("WEIR_TEST_SOURCE", source)
            .env("HOME", "/nonexistent")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            // Never read: they would break every case.
            .env("HTTP_PROXY", "http://127.0.0.1:1")
            .env("HTTPS_PROXY", "http://127.0.0.1:1")
            .env("ALL_PROXY", "http://127.0.0.1:1")
            // The provider's region counts.
            .env("AWS_REGION", "ap-south-2");
        Self { command }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<Path>) -> Self {
        self.command.env(name, value.as_ref());
        self
    }

    /// What the child got: `keys ID SECRET TOKEN`, `bearer KEY` or `error: …`, a line each.
    pub(crate) fn run(mut self) -> Vec<String> {
        let output = self.command.output().unwrap();
        let [out, log] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(output.status.success(), "{out}{log}");
        assert!(!log.contains(SECRET), "a secret in the log: {log}");
        let lines: Vec<_> = out
            .lines()
            .filter_map(|line| line.strip_prefix("got: "))
            .map(str::to_owned)
            .collect();
        for line in lines.iter().filter(|line| line.starts_with("error: ")) {
            assert!(!line.contains(SECRET), "{line}");
        }
        lines
    }

    pub(crate) fn check(self, expected: &str) {
        assert_eq!(self.run(), [expected]);
    }

    pub(crate) fn check_error(self, part: &str) {
        let got = self.run();
        assert!(
            matches!(&*got, [line] if line.starts_with("error: ") && line.contains(part)),
            "expected an error with '{part}': {got:?}"
        );
    }
}

#[tokio::test]
#[ignore = "run by the other tests, in a process of its own"]
async fn asks_for_a_credential() {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .init();
    let variable = |name: &str| std::env::var(name).ok();
    let role_arn = ROLE.parse().unwrap();
    let session_name = "weir-main".to_owned();
    let source = match &*variable("WEIR_TEST_SOURCE").unwrap() {
        "assume" => Source::AssumeRole {
            role_arn,
            external_id: Some("an id".to_owned()),
            session_name,
        },
        "web" => Source::WebIdentity {
            role_arn,
            session_name,
        },
        _ => Source::DefaultChain,
    };
    let access = Access {
        region: "eu-central-1".parse().unwrap(),
        fips: variable("WEIR_TEST_FIPS").is_some(),
        source,
    };
    let network = Network::new(NetworkSettings {
        proxy: variable("WEIR_TEST_PROXY").map(|proxy| proxy.parse().unwrap()),
        proxy_authorization: variable("WEIR_TEST_PROXY_AUTH").map(|shown| shown.parse().unwrap()),
        extra_ca_pem: variable("WEIR_TEST_CA").map(|path| std::fs::read(path).unwrap()),
        connect_timeout: Duration::from_secs(2),
        allows: |_| true,
    })
    .unwrap();
    let identity = Identity::new(access, network, &Handle::current());
    let first = show(&identity).await;
    println!("got: {first}");
    if variable("WEIR_TEST_RENEWED").is_some() {
        let mut next = first.clone();
        while next == first {
            tokio::time::sleep(Duration::from_millis(50)).await;
            next = show(&identity).await;
        }
        println!("got: {next}");
    }
}

async fn show(identity: &Identity) -> String {
    match identity.credential().await {
        Ok(credential) => {
            let secrets = credential.secrets().join(" ");
            match &credential {
                Credential::Bearer(_) => format!("bearer {secrets}"),
                Credential::Keys(keys) => format!("keys {} {secrets}", keys.access_key_id()),
            }
        }
        Err(error) => format!("error: {error} {error:?}"),
    }
}
