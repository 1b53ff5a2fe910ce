//! The `authorization` header of a signed call, taken apart. It knows nothing of keys.

use http::HeaderMap;

const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";

/// A signature and what it says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authorization {
    pub(super) key_id: String,
    /// `yyyymmdd`.
    pub(super) day: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
}

impl Authorization {
    /// `None` if the header is not there or not of this form.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get("authorization")?.to_str().ok()?;
        let members = text.strip_prefix(ALGORITHM)?;
        let member = |name: &str| {
            members
                .split(',')
                .filter_map(|member| member.trim().split_once('='))
                .find_map(|(found, value)| (found == name).then_some(value))
        };
        let mut scope = member("Credential")?.split('/').map(ToOwned::to_owned);
        let (key_id, day, region, service) =
            (scope.next()?, scope.next()?, scope.next()?, scope.next()?);
        if scope.next()? != "aws4_request" || scope.next().is_some() {
            return None;
        }
        let signed_headers = member("SignedHeaders")?.split(';');
        Some(Self {
            key_id,
            day,
            region,
            service,
            signed_headers: signed_headers.map(ToOwned::to_owned).collect(),
            signature: member("Signature")?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &'static str) -> Option<Authorization> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", value.parse().expect("a value"));
        Authorization::read(&headers)
    }

    #[test]
    fn a_signature_is_taken_apart() {
        let read = read(
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/bedrock/aws4_request, \
             SignedHeaders=host;x-amz-date,Signature=ab",
        )
        .expect("a signature");
        assert_eq!(
            (&*read.key_id, &*read.day, &*read.region, &*read.service),
            ("AKID", "20260102", "us-east-1", "bedrock")
        );
        assert_eq!(read.signed_headers, ["host", "x-amz-date"]);
        assert_eq!(read.signature, "ab");
    }

    #[test]
    fn other_forms_are_no_signatures() {
        for other in [
            "Bearer x",
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/aws4_request, \
             SignedHeaders=host, Signature=ab",
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/bedrock/aws4_request, \
             SignedHeaders=host",
        ] {
            assert_eq!(read(other), None);
        }
    }
}
