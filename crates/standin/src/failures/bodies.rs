//! Errors as each provider words them. It knows nothing of why there is an error.

use http::StatusCode;

use super::Failure;
use super::names::{Names, names};
use crate::azure;
use crate::google::{Form, Operation as GoogleOperation};
use crate::host::Host;
use crate::json::{Object, object_text};
use crate::route::{Api, Operation, Route};

/// How long Google's clients are to wait.
const RETRY_DELAY: &str = "7s";

/// Who words an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    OpenAi,
    Anthropic,
    Google,
    /// Google, where the answer was to be an array.
    GoogleInArray,
    Aws,
    Azure,
    Cohere,
    Mistral,
    /// Databricks and MLflow.
    Databricks,
}

impl Voice {
    /// Who answers on a route.
    pub(crate) fn of(route: &Route<'_>) -> Self {
        match route.api() {
            Api::OpenAi => Self::of_compatible(route.host),
            Api::Anthropic => Self::Anthropic,
            Api::Bedrock => Self::Aws,
            Api::Cohere => Self::Cohere,
            Api::Google => {
                let call = &route.operation;
                if matches!(
                    call,
                    Operation::Google(GoogleOperation::Generate(_, Form::Array))
                ) {
                    Self::GoogleInArray
                } else {
                    Self::Google
                }
            }
        }
    }

    fn of_compatible(host: Host) -> Self {
        match host {
            Host::Mistral => Self::Mistral,
            Host::Azure => Self::Azure,
            Host::Databricks | Host::MlFlow => Self::Databricks,
            Host::Own
            | Host::Google
            | Host::Bedrock
            | Host::Vertex
            | Host::Groq
            | Host::DeepSeek
            | Host::Xai
            | Host::Together
            | Host::Fireworks
            | Host::Cerebras
            | Host::SambaNova
            | Host::Perplexity
            | Host::Vllm
            | Host::Ollama
            | Host::Cohere => Self::OpenAi,
        }
    }
}

impl Failure {
    /// The body of the error.
    pub(crate) fn body(&self, voice: Voice, request_id: &str) -> Vec<u8> {
        let names = names(self.status);
        let object = object_text(|body| match voice {
            Voice::OpenAi => self.write_openai(body, &names),
            Voice::Anthropic => self.write_anthropic(body, &names, request_id),
            Voice::Google | Voice::GoogleInArray => self.write_google(body, &names),
            Voice::Aws => {
                body.text("message", &self.message);
            }
            Voice::Azure => self.write_azure(body, &names),
            Voice::Cohere => {
                body.text("id", request_id).text("message", &self.message);
            }
            Voice::Mistral => self.write_mistral(body, &names),
            Voice::Databricks => {
                body.text("error_code", names.databricks_code)
                    .text("message", &self.message);
            }
        });
        match voice {
            Voice::GoogleInArray => [b"[".as_slice(), &object, b"\n]"].concat(),
            Voice::OpenAi
            | Voice::Anthropic
            | Voice::Google
            | Voice::Aws
            | Voice::Azure
            | Voice::Cohere
            | Voice::Mistral
            | Voice::Databricks => object,
        }
    }

    /// The type of an error of AWS, as its header names it.
    pub(crate) fn aws_type(&self, voice: Voice) -> Option<String> {
        let kind = self.code.unwrap_or(names(self.status).aws_type);
        (voice == Voice::Aws)
            .then(|| format!("{kind}:http://internal.amazon.com/coral/com.amazon.bedrock/"))
    }

    fn write_openai(&self, body: &mut Object<'_>, names: &Names) {
        body.object("error", |error| {
            error
                .text("message", &self.message)
                .text("type", names.openai_type)
                .text_or_null("param", self.parameter)
                .text_or_null("code", self.code.or(names.openai_code));
        });
    }

    fn write_anthropic(&self, body: &mut Object<'_>, names: &Names, request_id: &str) {
        let code = self.code.unwrap_or(names.anthropic_code);
        body.text("type", "error")
            .object("error", |error| {
                error
                    .text("type", names.anthropic_type)
                    .text("message", &self.message)
                    .object("details", |details| {
                        details.text("error_code", code);
                    });
            })
            .text("request_id", request_id);
    }

    fn write_google(&self, body: &mut Object<'_>, names: &Names) {
        let waits = matches!(self.status.as_u16(), 429 | 503);
        body.object("error", |error| {
            error
                .number("code", u64::from(self.status.as_u16()))
                .text("message", &self.message)
                .text("status", names.google_status);
            if !waits && self.code.is_none() {
                return;
            }
            error.array("details", |details| {
                if let Some(reason) = self.code {
                    details.object(|info| {
                        info.text("@type", "type.googleapis.com/google.rpc.ErrorInfo")
                            .text("reason", reason)
                            .text("domain", "googleapis.com")
                            .object("metadata", |metadata| {
                                metadata.text("service", "generativelanguage.googleapis.com");
                            });
                    });
                }
                if waits {
                    details.object(|info| {
                        info.text("@type", "type.googleapis.com/google.rpc.RetryInfo")
                            .text("retryDelay", RETRY_DELAY);
                    });
                }
            });
        });
    }

    /// What stands before the API words errors in its own way: with the status for a code, or, of tokens,
    /// without an `error` around.
    fn write_azure(&self, body: &mut Object<'_>, names: &Names) {
        let status = self.status.as_u16();
        match (self.code, status) {
            (Some("Unauthorized"), _) => {
                body.number("statusCode", u64::from(status))
                    .text("message", &self.message);
            }
            (Some("content_filter"), _) => {
                body.object("error", |error| {
                    error
                        .text("message", &self.message)
                        .null("type")
                        .text_or_null("param", self.parameter)
                        .text("code", "content_filter")
                        .number("status", u64::from(status))
                        .raw("innererror", azure::REFUSED);
                });
            }
            (code, 401 | 403 | 404 | 429) => {
                body.object("error", |error| {
                    error
                        .text("code", code.unwrap_or(&status.to_string()))
                        .text("message", &self.message);
                });
            }
            _ => self.write_openai(body, names),
        }
    }

    fn write_mistral(&self, body: &mut Object<'_>, names: &Names) {
        let (kind, code) = match self.status.as_u16() {
            401 => {
                body.text("detail", "Unauthorized");
                return;
            }
            429 => ("rate_limited", "1300"),
            _ => (names.openai_type, "3000"),
        };
        body.text("object", "error")
            .text("message", &self.message)
            .text("type", kind)
            .null("param")
            .text("code", code)
            .number("raw_status_code", u64::from(self.status.as_u16()));
    }
}

/// The page that a proxy in front of a provider would send.
pub(crate) fn page(status: StatusCode) -> Vec<u8> {
    let title = status.canonical_reason().unwrap_or("Error");
    let number = status.as_u16();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>{number} {title}</title></head>\n<body>\n\
         <center><h1>{number} {title}</h1></center>\n<hr><center>cloudflare</center>\n\
         <script>document.title = \"scripted\"</script>\n</body>\n</html>\n"
    )
    .into_bytes()
}
