//! STS: temporary credentials for a role, and who is calling. It knows nothing of models.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use url::form_urlencoded;

use super::Aws;
use super::caller::{Denied, signed};
use super::keys::{Issuer, Temporary};
use crate::reply::{Content, Reply};
use crate::seed::Seed;

const VERSION: &str = "2011-06-15";
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const ACCOUNT: &str = "123456789012";

/// Status, code and words of a refusal.
type Refused = (StatusCode, &'static str, String);

/// POST / with a form.
pub(super) async fn answer(aws: &Aws, request: &Parts, body: &Bytes) -> Reply {
    let form = Form(body);
    let answer = match form.get("Action").as_deref() {
        _ if form.get("Version").as_deref() != Some(VERSION) => {
            Err(invalid("Could not find operation for this version"))
        }
        Some("AssumeRole") => assume_role(aws, request, body, &form).await,
        Some("AssumeRoleWithWebIdentity") => assume_by_token(aws, &form),
        Some("GetCallerIdentity") => caller_identity(aws, request, body).await,
        Some(_) | None => Err((
            StatusCode::BAD_REQUEST,
            "InvalidAction",
            "Could not find operation".to_owned(),
        )),
    };
    let id = Seed::of(body).uuid();
    match answer {
        Ok((action, result)) => xml(
            StatusCode::OK,
            &format!(
                "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
                 <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{action}Response>"
            ),
        ),
        Err((status, code, message)) => {
            let blame = if status.is_server_error() {
                "Receiver"
            } else {
                "Sender"
            };
            let message = escaped(&message);
            xml(
                status,
                &format!(
                    "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{blame}</Type>\
                     <Code>{code}</Code><Message>{message}</Message></Error>\
                     <RequestId>{id}</RequestId></ErrorResponse>"
                ),
            )
        }
    }
}

async fn assume_role(
    aws: &Aws,
    request: &Parts,
    body: &Bytes,
    form: &Form<'_>,
) -> Result<(&'static str, String), Refused> {
    let caller = signed(aws, "sts", request, body).await.map_err(denied)?;
    let (role, session) = form.role()?;
    let expected = aws.settings.external_id.as_deref();
    if expected.is_some() && form.get("ExternalId").as_deref() != expected {
        return Err((
            StatusCode::FORBIDDEN,
            "AccessDenied",
            format!(
                "User: arn:aws:iam::{ACCOUNT}:user/{caller} is not authorized to perform: \
                 sts:AssumeRole on resource: {role}"
            ),
        ));
    }
    let key = issue(aws, Issuer::AssumeRole)?;
    Ok(("AssumeRole", assumed(&key, &role, &session)))
}

fn assume_by_token(aws: &Aws, form: &Form<'_>) -> Result<(&'static str, String), Refused> {
    let (role, session) = form.role()?;
    let token = form.get("WebIdentityToken").unwrap_or_default();
    if !(4..=20_000).contains(&token.len()) {
        return Err(invalid("WebIdentityToken must have 4 to 20000 characters"));
    }
    let expected = aws.settings.web_identity_token.as_deref();
    if expected.is_some_and(|expected| expected != token) {
        return Err((
            StatusCode::BAD_REQUEST,
            "InvalidIdentityToken",
            "The web identity token is not one of this provider's".to_owned(),
        ));
    }
    let key = issue(aws, Issuer::WebIdentity)?;
    let result = format!(
        "{}<SubjectFromWebIdentityToken>system:serviceaccount:default:standin\
         </SubjectFromWebIdentityToken><Audience>sts.amazonaws.com</Audience>",
        assumed(&key, &role, &session)
    );
    Ok(("AssumeRoleWithWebIdentity", result))
}

async fn caller_identity(
    aws: &Aws,
    request: &Parts,
    body: &Bytes,
) -> Result<(&'static str, String), Refused> {
    let caller = signed(aws, "sts", request, body).await.map_err(denied)?;
    let caller = escaped(&caller);
    Ok((
        "GetCallerIdentity",
        format!(
            "<Arn>arn:aws:iam::{ACCOUNT}:user/{caller}</Arn><UserId>{caller}</UserId>\
             <Account>{ACCOUNT}</Account>"
        ),
    ))
}

fn issue(aws: &Aws, issuer: Issuer) -> Result<Temporary, Refused> {
    if aws.keys.is_refusing() {
        return Err((
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalFailure",
            "Credentials are not issued now.".to_owned(),
        ));
    }
    Ok(aws.keys.issue(issuer))
}

fn assumed(key: &Temporary, role: &str, session: &str) -> String {
    let name = escaped(role.rsplit('/').next().unwrap_or(role));
    let session = escaped(session);
    format!(
        "<Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{}</SessionToken><Expiration>{}</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>AROASTANDIN:{session}</AssumedRoleId>\
         <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}</Arn></AssumedRoleUser>",
        key.id,
        key.secret,
        key.token,
        key.expiration()
    )
}

/// A form's members.
struct Form<'f>(&'f [u8]);

impl Form<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        form_urlencoded::parse(self.0).find_map(|(found, value)| (found == name).then_some(value))
    }

    /// The role and the session's name.
    fn role(&self) -> Result<(Cow<'_, str>, Cow<'_, str>), Refused> {
        let role = self.get("RoleArn").unwrap_or_default();
        if !role.starts_with("arn:aws") || !role.contains(":role/") {
            return Err(invalid(&format!("{role} is invalid")));
        }
        let session = self.get("RoleSessionName").unwrap_or_default();
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
        if !(2..=64).contains(&session.len()) || !session.chars().all(fits) {
            return Err(invalid(
                "Value at 'roleSessionName' failed to satisfy constraint: [\\w+=,.@-]*, 2 to 64",
            ));
        }
        Ok((role, session))
    }
}

fn invalid(message: &str) -> Refused {
    (
        StatusCode::BAD_REQUEST,
        "ValidationError",
        message.to_owned(),
    )
}

fn denied(denied: Denied) -> Refused {
    let (status, code) = denied.of_sts();
    (status, code, denied.message())
}

fn xml(status: StatusCode, text: &str) -> Reply {
    Reply::of(status, Content::Xml(text.as_bytes().to_vec()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
