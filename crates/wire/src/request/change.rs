//! What Weir puts into a request's body: as text, so that every other byte stays as the client wrote it.

use serde::Serialize;

use crate::request::{
    RequestError,
    members::{IncludeUsage, Members, inside, walk},
};

/// The body with `stream_options.include_usage` set to true and every other byte as it was. `None`: it
/// asks for the usage already, or its `stream_options` are of a form that is the upstream's to refuse.
///
/// # Errors
/// When the body is no JSON object or has a member that matters twice.
pub fn with_stream_usage(body: &[u8]) -> Result<Option<Vec<u8>>, RequestError> {
    let members = Members::read(body)?;
    let change = match members.stream_options {
        None => {
            let comma = if members.is_empty { "" } else { "," };
            Change::insert(
                members.inside,
                format!(r#""stream_options":{{"include_usage":true}}{comma}"#),
            )
        }
        Some(null @ "null") => Change::replace(null, r#"{"include_usage":true}"#.to_owned()),
        Some(_) => match members.include_usage()? {
            IncludeUsage::Absent { inside, is_empty } => {
                let comma = if is_empty { "" } else { "," };
                Change::insert(inside, format!(r#""include_usage":true{comma}"#))
            }
            IncludeUsage::Is(no @ ("false" | "null")) => Change::replace(no, "true".to_owned()),
            IncludeUsage::Is(_) | IncludeUsage::NoObject => return Ok(None),
        },
    };
    Ok(Some(change.applied_to(body)))
}

/// The body of a Converse request with this guardrail in the place of the client's own, and every other
/// byte as it was. A body that names two keeps none of them.
///
/// # Errors
/// When the body is no JSON object.
pub fn with_guardrail(body: &[u8], id: &str, version: &str) -> Result<Vec<u8>, RequestError> {
    let guardrail = serde_json::to_string(&Guardrail { id, version }).unwrap_or_default();
    let text = str::from_utf8(body).map_err(|_| RequestError::NotJson)?;
    let inside = inside(text);
    // Each of the client's own; of the later ones with all that stands between the member before and it.
    let (mut taken_out, mut end_of_last, mut is_empty) = (Vec::new(), None, true);
    walk(text, |key, value| {
        is_empty = false;
        let end = place_in(text, value) + value.len();
        if key == GUARDRAIL {
            let from = match (taken_out.is_empty(), end_of_last) {
                (false, Some(before)) => before,
                (true, _) | (_, None) => place_in(text, value),
            };
            taken_out.push(from..end);
        }
        end_of_last = Some(end);
    })?;
    let Some((first, others)) = taken_out.split_first() else {
        let comma = if is_empty { "" } else { "," };
        let put = format!(r#""{GUARDRAIL}":{guardrail}{comma}"#);
        return Ok(Change::insert(inside, put).applied_to(body));
    };
    let mut changed = Vec::with_capacity(body.len() + guardrail.len());
    changed.extend_from_slice(body.get(..first.start).unwrap_or_default());
    changed.extend_from_slice(guardrail.as_bytes());
    let mut kept_from = first.end;
    for other in others {
        changed.extend_from_slice(body.get(kept_from..other.start).unwrap_or_default());
        kept_from = other.end;
    }
    changed.extend_from_slice(body.get(kept_from..).unwrap_or_default());
    Ok(changed)
}

/// The member of a Converse request that names its guardrail.
const GUARDRAIL: &str = "guardrailConfig";

#[derive(Serialize)]
struct Guardrail<'a> {
    #[serde(rename = "guardrailIdentifier")]
    id: &'a str,
    #[serde(rename = "guardrailVersion")]
    version: &'a str,
}

/// Where in `body` the slice of it begins.
fn place_in(body: &str, slice: &str) -> usize {
    slice.as_ptr().addr().saturating_sub(body.as_ptr().addr())
}

/// Text that is put into a body at one place, and the text there that it replaces.
struct Change<'a> {
    replaced: &'a str,
    put: String,
}

impl<'a> Change<'a> {
    fn insert(before: &'a str, put: String) -> Self {
        Self {
            replaced: before.get(..0).unwrap_or_default(),
            put,
        }
    }

    const fn replace(replaced: &'a str, put: String) -> Self {
        Self { replaced, put }
    }

    /// `body` with the change; what is replaced must be a slice of it.
    fn applied_to(&self, body: &[u8]) -> Vec<u8> {
        let start = self
            .replaced
            .as_ptr()
            .addr()
            .saturating_sub(body.as_ptr().addr());
        let (before, rest) = body.split_at_checked(start).unwrap_or((body, &[]));
        let after = rest.get(self.replaced.len()..).unwrap_or_default();
        [before, self.put.as_bytes(), after].concat()
    }
}
