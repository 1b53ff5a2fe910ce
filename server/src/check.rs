//! `weir check`: Test Connection from the command line, through the REST API of the Weir that runs, so that
//! it is tried with the credentials, the network and the settings of that very process.

use std::{
    fmt::Write as _,
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use clap::Args;
use reqwest::{Certificate, Client, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::place::given;

/// How long a test may take: longer than all of its stages with the usual settings.
const PATIENCE: Duration = Duration::from_secs(900);

/// How long to wait for a connection to the running Weir.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// What to test.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The provider's id
    #[arg(long, value_name = "ID")]
    provider: String,

    /// The model to ask [default: the first one that the provider lists]
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,

    /// Which of several endpoints to call, by its name [default: the first one]
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,

    /// Where the running Weir is
    #[arg(
        long,
        env = "WEIR_PUBLIC_URL",
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    url: String,

    /// The token of its REST API, as it was started with
    #[arg(
        long,
        env = "WEIR_ADMIN_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    admin_token: Option<SecretString>,

    /// What the client would send as Authorization, for providers that pass it through; never kept
    #[arg(
        long,
        env = "WEIR_CHECK_AUTHORIZATION",
        value_name = "VALUE",
        hide_env_values = true
    )]
    authorization: Option<SecretString>,

    /// Certificate (PEM) that the running Weir's own is trusted by, where it is of a private authority
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl CheckArgs {
    /// What is tested, as its report is headed.
    fn tested(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{} at {endpoint}", self.provider),
            None => self.provider.clone(),
        }
    }
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// No token.
    #[error(
        "the REST API wants a token: start Weir with WEIR_ADMIN_TOKEN, and give the same one here with --admin-token or WEIR_ADMIN_TOKEN"
    )]
    NoToken,
    /// The certificate cannot be used.
    #[error("cannot use the certificate in {path}: {reason}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Weir does not answer.
    #[error(
        "no Weir answers at {url}: {reason}; start it with `weir serve`, or name its address with --url"
    )]
    NotThere {
        /// Where it was looked for.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The test took too long.
    #[error("the test did not end within 15 minutes; the row of its call will be in the ledger")]
    TookTooLong,
    /// Weir refused.
    #[error("Weir answered {status}: {message}")]
    Refused {
        /// Its status.
        status: StatusCode,
        /// Its own words.
        message: String,
    },
    /// Something else than Weir answers.
    #[error("what answers at {url} is not the REST API of Weir")]
    NotWeir {
        /// Where.
        url: String,
    },
    /// The provider does not work; what was found has been printed.
    #[error("the provider {provider} does not work")]
    Failed {
        /// Its id.
        provider: String,
    },
    /// The terminal.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The answer of the test, as far as it is printed. The whole is in the REST API's description.
#[derive(Debug, Deserialize)]
struct Report {
    ok: bool,
    stages: Vec<Stage>,
    call_id: Option<String>,
    model: Option<String>,
    cost_usd: Option<String>,
    price_state: Option<String>,
    #[serde(default)]
    vector: Option<Vector>,
    failure: Option<Failure>,
}

/// The length of a vector.
#[derive(Debug, Deserialize)]
struct Vector {
    dimensions: u64,
    in_catalog: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Stage {
    name: String,
    outcome: String,
    ms: Option<u64>,
    detail: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Failure {
    status: Option<u16>,
    message: Option<String>,
    advice: String,
}

/// Tests a provider and prints how far it came.
///
/// # Errors
/// [`CheckError`]; [`CheckError::Failed`] where the test ran and the provider does not work.
pub(crate) async fn run(args: CheckArgs) -> Result<(), CheckError> {
    let report = ask(&args).await?;
    io::stdout()
        .lock()
        .write_all(told(&args.tested(), &report).as_bytes())?;
    if report.ok {
        Ok(())
    } else {
        Err(CheckError::Failed {
            provider: args.provider,
        })
    }
}

async fn ask(args: &CheckArgs) -> Result<Report, CheckError> {
    let token = given(args.admin_token.as_ref()).ok_or(CheckError::NoToken)?;
    let base = args.url.trim_end_matches('/');
    let not_there = |error: reqwest::Error| {
        if error.is_timeout() && !error.is_connect() {
            return CheckError::TookTooLong;
        }
        CheckError::NotThere {
            url: base.to_owned(),
            reason: reason(&error),
        }
    };
    let authorization = given(args.authorization.as_ref());
    let body = json!({
        "model": args.model,
        "endpoint": args.endpoint,
        "authorization": authorization.as_ref().map(|value| value.expose_secret()),
    });
    let response = client(args)?
        .post(format!("{base}/api/v1/providers/{}/test", args.provider))
        .bearer_auth(token.expose_secret())
        .json(&body)
        .send()
        .await
        .map_err(not_there)?;
    let status = response.status();
    let answer = response.bytes().await.map_err(not_there)?;
    if !status.is_success() {
        let problem: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let Some(message) = problem.get("detail").and_then(Value::as_str) else {
            return Err(CheckError::NotWeir {
                url: base.to_owned(),
            });
        };
        return Err(CheckError::Refused {
            status,
            message: message.to_owned(),
        });
    }
    serde_json::from_slice(&answer).map_err(|_| CheckError::NotWeir {
        url: base.to_owned(),
    })
}

fn client(args: &CheckArgs) -> Result<Client, CheckError> {
    let unusable = |path: &PathBuf, reason: String| CheckError::Certificate {
        path: path.clone(),
        reason,
    };
    let mut client = Client::builder()
        .no_proxy()
        .connect_timeout(CONNECT_PATIENCE)
        .timeout(PATIENCE);
    if let Some(path) = &args.ca {
        let pem = std::fs::read(path).map_err(|error| unusable(path, error.to_string()))?;
        let certificate =
            Certificate::from_pem(&pem).map_err(|error| unusable(path, error.to_string()))?;
        client = client.tls_certs_merge([certificate]);
    }
    client.build().map_err(|error| CheckError::NotThere {
        url: args.url.clone(),
        reason: reason(&error),
    })
}

/// The innermost cause, which says most.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// The report as a person reads it.
fn told(tested: &str, report: &Report) -> String {
    let mut text = String::new();
    let model = report.model.as_deref().unwrap_or("no model");
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{tested}, {model}");
    for stage in &report.stages {
        let mark = match stage.outcome.as_str() {
            "passed" => "ok",
            "failed" => "FAILED",
            "not_needed" => "-",
            _ => "",
        };
        let name = match stage.name.as_str() {
            "secret" => "credentials found",
            "resolve" => "name resolved",
            "connect" => "connected",
            "tls" => "TLS agreed on",
            "sign_in" => "signed in",
            "answer" => "model answered",
            "usage" => "usage understood",
            other => other,
        };
        let ms = stage.ms.map(|ms| format!("{ms} ms")).unwrap_or_default();
        let detail = stage.detail.as_deref().unwrap_or_default();
        let line = format!("  {mark:<7} {name:<18} {ms:>9}  {detail}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if let Some(failure) = &report.failure {
        if let Some(message) = &failure.message {
            let status = failure.status.map(|status| format!(" ({status})"));
            let _ = writeln!(
                text,
                "\nWhat was said{}: {message}",
                status.unwrap_or_default()
            );
        }
        let _ = writeln!(text, "What to do: {}", failure.advice);
    }
    if let Some(Vector {
        dimensions,
        in_catalog,
    }) = &report.vector
    {
        let listed = match in_catalog {
            None => "the catalog does not say how many it should have".to_owned(),
            Some(listed) if listed == dimensions => "as the catalog says".to_owned(),
            Some(listed) => format!("and the catalog says {listed}"),
        };
        let _ = writeln!(text, "\nThe vector has {dimensions} dimensions, {listed}.");
    }
    if let Some(call) = &report.call_id {
        let cost = match (&report.cost_usd, report.price_state.as_deref()) {
            (Some(cost), _) => format!("${cost}"),
            (None, Some(state)) => state.replace('_', " "),
            (None, None) => "no cost known".to_owned(),
        };
        let _ = writeln!(text, "\n{cost}, call {call}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_told_of() {
        let read = |vector: serde_json::Value| {
            let report = json!({ "ok": true, "stages": [], "call_id": null, "model": "m", "cost_usd": null,
                "price_state": null, "vector": vector, "failure": null });
            told("main", &serde_json::from_value(report).unwrap())
        };
        for (vector, says) in [
            (
                json!({ "dimensions": 8, "in_catalog": 8 }),
                "8 dimensions, as the catalog says.",
            ),
            (
                json!({ "dimensions": 8, "in_catalog": 9 }),
                "8 dimensions, and the catalog says 9.",
            ),
            (
                json!({ "dimensions": 8, "in_catalog": null }),
                "8 dimensions, the catalog does not say",
            ),
        ] {
            let read = read(vector);
            assert!(read.contains(says), "{read}");
        }
        assert!(!read(serde_json::Value::Null).contains("dimensions"));
    }

    #[test]
    fn a_report_reads_well() {
        let report: Report = serde_json::from_value(json!({
            "ok": false,
            "stages": [
                { "name": "secret", "outcome": "passed", "ms": 12, "detail": "AWS access key AKIA" },
                { "name": "tls", "outcome": "not_needed", "ms": null, "detail": null },
                { "name": "sign_in", "outcome": "failed", "ms": null, "detail": null },
                { "name": "usage", "outcome": "not_tried", "ms": null, "detail": null },
            ],
            "call_id": "0199", "model": "us.anthropic.claude-opus-5-5", "cost_usd": null, "price_state": "not_billed",
            "failure": { "stage": "sign_in", "symptom": "forbidden", "status": 403, "message": "no", "advice": "Allow it." },
        }))
        .unwrap();
        assert_eq!(
            told("bedrock-1", &report),
            "bedrock-1, us.anthropic.claude-opus-5-5\n\
             \x20 ok      credentials found      12 ms  AWS access key AKIA\n\
             \x20 -       TLS agreed on\n\
             \x20 FAILED  signed in\n\
             \x20         usage understood\n\
             \nWhat was said (403): no\nWhat to do: Allow it.\n\
             \nnot billed, call 0199\n"
        );
    }
}
