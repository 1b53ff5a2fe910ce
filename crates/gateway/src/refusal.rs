//! Why Weir itself refuses a call or fails it, and the one table that turns each reason into HTTP.
//!
//! What an upstream answers never comes through here: that passes as it is.

use domain::{ModelId, SecretName};
use wire::route::PathError;

/// A reason for Weir's own answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A browser was sent here as to a page.
    Navigation,
    /// The client asked for a WebSocket.
    WebSocket,
    /// No gateway token came with the request.
    TokenMissing {
        /// Where this provider's clients put it.
        header: &'static str,
    },
    /// The token is unknown or revoked.
    TokenUnknown,
    /// The token's time is over.
    TokenExpired,
    /// A gateway token stands where passthrough needs the client's own credential.
    TokenInPassthrough,
    /// Passthrough is on and the client sent no credential of its own.
    AuthorizationMissing,
    /// The token is limited to other providers.
    TokenNotForProvider,
    /// There is no such provider.
    ProviderUnknown,
    /// The provider is switched off.
    ProviderDisabled,
    /// A method by which no model is called, and which could show the credential that goes up (`TRACE`) or
    /// make a tunnel of the connection (`CONNECT`).
    MethodNotSupported,
    /// The path could be understood in two ways.
    PathInvalid,
    /// A path of Vertex AI's that does not begin with a version, so that it could name any project.
    PathWithoutVersion,
    /// A path that is not metered, and the provider does not let such through.
    OperationNotAllowed {
        /// Where the paths of the type are, where this one is elsewhere.
        hint: Option<&'static str>,
    },
    /// The body is not what the operation takes.
    BodyInvalid {
        /// What is wrong with it.
        reason: String,
    },
    /// The operation runs a model and none is named.
    ModelMissing,
    /// The model is not on the provider's list.
    ModelNotAllowed {
        /// The model that was asked for.
        model: String,
    },
    /// The body is over the limit.
    BodyTooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// Google was asked for an answer in a form that nobody can meter.
    FormUnreadable,
    /// The body is compressed, so that the model in it cannot be read.
    BodyEncoded,
    /// The body stopped coming.
    BodyTimeout,
    /// All calls together hold as many bytes as they may.
    BuffersFull,
    /// The journal cannot be written.
    CannotRecord,
    /// The provider's secret is gone.
    SecretMissing {
        /// The name that the provider refers to.
        name: SecretName,
    },
    /// There are no credentials for the provider, for a reason that the log tells.
    CredentialsMissing,
    /// No connection to the upstream.
    Unreachable {
        /// What happened, without addresses that the caller does not know.
        reason: &'static str,
    },
    /// The connection broke, or what came was no HTTP, after the request had gone up: the upstream may have heard
    /// it.
    Broken {
        /// What happened, without addresses that the caller does not know.
        reason: &'static str,
    },
    /// The address is one that Weir does not connect to.
    AddressRefused,
    /// No connection in time.
    ConnectTimeout,
    /// Connected, but no answer in time.
    AnswerTimeout,
    /// The upstream refused, with more text than Weir holds to look through.
    ErrorTooLarge {
        /// The status that the upstream answered.
        status: u16,
    },
    /// The upstream refused, and its words did not come to their end.
    ErrorCutOff {
        /// The status that the upstream answered.
        status: u16,
    },
}

impl Refusal {
    /// Status, stable code, and after how many seconds to try again.
    const fn row(&self) -> (u16, &'static str, Option<u32>) {
        match self {
            //                                     status  code                       retry after, s
            Self::Navigation => (400, "navigation_refused", None),
            Self::WebSocket => (501, "websocket_not_supported", None),
            Self::TokenMissing { .. } => (401, "token_missing", None),
            Self::TokenUnknown => (401, "token_unknown", None),
            Self::TokenExpired => (401, "token_expired", None),
            Self::TokenInPassthrough => (401, "token_in_passthrough", None),
            Self::AuthorizationMissing => (401, "authorization_missing", None),
            Self::TokenNotForProvider => (403, "token_not_for_provider", None),
            Self::ProviderUnknown => (404, "provider_unknown", None),
            Self::ProviderDisabled => (403, "provider_disabled", None),
            Self::MethodNotSupported => (501, "method_not_supported", None),
            Self::PathInvalid | Self::PathWithoutVersion => (400, "path_invalid", None),
            Self::OperationNotAllowed { .. } => (403, "operation_not_allowed", None),
            Self::BodyInvalid { .. } => (400, "body_invalid", None),
            Self::ModelMissing => (400, "model_missing", None),
            Self::ModelNotAllowed { .. } => (403, "model_not_allowed", None),
            Self::BodyTooLarge { .. } => (413, "body_too_large", None),
            Self::FormUnreadable => (400, "form_unreadable", None),
            Self::BodyEncoded => (415, "body_encoded", None),
            Self::BodyTimeout => (408, "body_timeout", None),
            Self::BuffersFull => (503, "buffers_full", Some(1)),
            Self::CannotRecord => (503, "cannot_record", Some(5)),
            Self::SecretMissing { .. } => (503, "secret_missing", None),
            Self::CredentialsMissing => (503, "credentials_missing", None),
            Self::Unreachable { .. } => (502, "upstream_unreachable", None),
            Self::Broken { .. } => (502, "upstream_unreachable", None),
            Self::AddressRefused => (502, "address_refused", None),
            Self::ConnectTimeout => (504, "upstream_connect_timeout", None),
            Self::AnswerTimeout => (504, "upstream_timeout", None),
            Self::ErrorTooLarge { status } => (*status, "upstream_error_too_large", None),
            Self::ErrorCutOff { status } => (*status, "upstream_error_cut_off", None),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.row().0
    }

    /// The code that programs may rely on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.row().1
    }

    /// Seconds after which trying again makes sense.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u32> {
        self.row().2
    }

    /// What happened, to what, and what to do.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Navigation => "This address is for programs. Open the console instead.".into(),
            Self::WebSocket => "Weir does not forward WebSockets. Use the HTTP API.".into(),
            Self::TokenMissing { header } => format!(
                "No gateway token. Send one (wr_…) in {header} or in x-weir-token; an admin makes them in the console."
            ),
            Self::TokenUnknown => {
                "This gateway token is unknown or was revoked. Ask an admin for a new one.".into()
            }
            Self::TokenExpired => {
                "This gateway token has expired. Ask an admin for a new one.".into()
            }
            Self::TokenInPassthrough => "This provider passes your own Authorization on to Anthropic, and a token of Weir’s was found there. Send the gateway token in x-weir-token.".into(),
            Self::AuthorizationMissing => "This provider passes your own Authorization on to Anthropic, and the request has none. Sign in with your own account, and send the gateway token in x-weir-token.".into(),
            Self::TokenNotForProvider => {
                "This gateway token may not call this provider. Ask an admin to allow it.".into()
            }
            Self::ProviderUnknown => {
                "There is no such provider. Compare the address with the proxy URL in the console.".into()
            }
            Self::ProviderDisabled => {
                "This provider is disabled. An admin can enable it in the console.".into()
            }
            Self::MethodNotSupported => {
                "Weir forwards GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS only.".into()
            }
            Self::PathInvalid => {
                "The path has dot segments, encoded slashes or other parts that could be read in two ways. Send it plainly.".into()
            }
            Self::PathWithoutVersion => {
                "Paths of Vertex AI begin with /v1/ or /v1beta1/, and this one does not. Write the version first; Weir puts in the provider's own project and location.".into()
            }
            Self::OperationNotAllowed { hint: Some(hint) } => format!("There is nothing to call at this path. {hint}"),
            Self::OperationNotAllowed { hint: None } => "This path is not metered, and the provider does not allow other paths. An admin can allow them in the provider's settings.".into(),
            Self::BodyInvalid { reason } => format!("The request body cannot be used: {reason}."),
            Self::ModelMissing => {
                "The request names no model. Set \"model\" in the body.".into()
            }
            Self::ModelNotAllowed { model } => format!(
                "The model {} is not on this provider's list. An admin can add it.",
                shown(model)
            ),
            Self::BodyTooLarge { limit_bytes } => format!(
                "The request body is larger than {limit_bytes} bytes. Send less, or ask the operator to raise --max-body-bytes."
            ),
            Self::FormUnreadable => "Weir meters answers as JSON and as server-sent events: leave alt out, or use alt=json or alt=sse.".into(),
            Self::BodyEncoded => "The request body is compressed, and Weir has to read the model in it. Send it without content-encoding.".into(),
            Self::BodyTimeout => {
                "The request body stopped coming before it was complete. Send the request again.".into()
            }
            Self::BuffersFull => {
                "Weir holds as many request bytes as it may at the moment. Try again shortly.".into()
            }
            Self::CannotRecord => "Weir cannot write down calls at the moment and therefore takes none. The operator should look at the disk of the data folder.".into(),
            Self::SecretMissing { name } => format!(
                "The secret {name}, which this provider refers to, does not exist or cannot be read. An admin can make it, or replace its value, in the console."
            ),
            Self::CredentialsMissing => "Weir has no credentials for this provider at the moment. An admin can see why with Test Connection.".into(),
            Self::Unreachable { reason } | Self::Broken { reason } => {
                format!("The upstream could not be reached: {reason}.")
            }
            Self::AddressRefused => "The upstream's name leads to a link-local or cloud metadata address, to which Weir does not connect. The operator can allow it with --allow-link-local-upstreams.".into(),
            Self::ConnectTimeout => {
                "No connection to the upstream within the connect timeout.".into()
            }
            Self::AnswerTimeout => {
                "The upstream took the request but did not answer within the first-byte timeout.".into()
            }
            Self::ErrorCutOff { status } => format!(
                "The upstream answered {status}, and the text of its error did not come to its end."
            ),
            Self::ErrorTooLarge { status } => format!(
                "The upstream answered {status} with an error text that is too large to pass on."
            ),
        }
    }
}

impl From<PathError> for Refusal {
    fn from(error: PathError) -> Self {
        match error {
            PathError::NotAPath | PathError::Ambiguous => Self::PathInvalid,
            PathError::NoVersion => Self::PathWithoutVersion,
        }
    }
}

/// A model id as it may be repeated to the one who sent it: as it is where it could be one, else
/// only its beginning, without control characters.
fn shown(model: &str) -> String {
    if ModelId::new(model).is_ok() {
        return format!("\"{model}\"");
    }
    let start: String = model.chars().filter(|c| !c.is_control()).take(64).collect();
    format!("\"{start}…\"")
}
