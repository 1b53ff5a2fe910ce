//! The `model` field of a multipart form.
//!
//! Strict: a form that two parsers could read in two ways is refused, since the list of allowed models
//! hangs on it. No text before the first boundary, CRLF line ends, one plain `Content-Disposition` per
//! part, no encoded or extended names.

use memchr::memmem;

use crate::request::RequestError;

/// Longest model that is read; longer ones are no models.
const MODEL_MAX: usize = 1024;

/// The `model` field of a multipart form. `None`: it has none.
///
/// # Errors
/// When the form cannot be read without doubt, or names its model twice or as a file.
pub fn multipart_model(content_type: &str, body: &[u8]) -> Result<Option<String>, RequestError> {
    let boundary = boundary(content_type).ok_or(RequestError::BadForm)?;
    let delimiter = format!("\r\n--{boundary}");
    let first = delimiter.trim_start().as_bytes();
    let mut rest = body.strip_prefix(first).ok_or(RequestError::BadForm)?;
    if has_loose_delimiter(boundary, body) {
        return Err(RequestError::BadForm);
    }
    let finder = memmem::Finder::new(delimiter.as_bytes());
    let mut model = None;
    loop {
        if rest.starts_with(b"--") {
            return Ok(model);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(RequestError::BadForm)?;
        let end = finder.find(part).ok_or(RequestError::BadForm)?;
        let (part, tail) = part.split_at_checked(end).ok_or(RequestError::BadForm)?;
        if let Some(value) = model_of(part)?
            && model.replace(value).is_some()
        {
            return Err(RequestError::Duplicate("model"));
        }
        rest = tail.get(delimiter.len()..).ok_or(RequestError::BadForm)?;
    }
}

/// Whether a delimiter follows on a lone LF, which some parsers take for a delimiter and others do not.
fn has_loose_delimiter(boundary: &str, body: &[u8]) -> bool {
    memmem::find_iter(body, format!("\n--{boundary}").as_bytes())
        .any(|at| at.checked_sub(1).and_then(|before| body.get(before)) != Some(&b'\r'))
}

/// The boundary that a content type names.
fn boundary(content_type: &str) -> Option<&str> {
    let mut found = None;
    for parameter in content_type.split(';').skip(1) {
        let (name, value) = parameter.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("boundary") && found.replace(value.trim()).is_some() {
            return None;
        }
    }
    let value = found?;
    let boundary = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    (!boundary.is_empty() && boundary.len() <= 70 && boundary.bytes().all(plain))
        .then_some(boundary)
}

/// The value of a part, if it is the field `model`.
fn model_of(part: &[u8]) -> Result<Option<String>, RequestError> {
    let (head, value) = match memmem::find(part, b"\r\n\r\n") {
        Some(end) => part.split_at_checked(end).ok_or(RequestError::BadForm)?,
        None => return Err(RequestError::BadForm),
    };
    let head = str::from_utf8(head).map_err(|_| RequestError::BadForm)?;
    let (mut disposition, mut encoded) = (None, false);
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or(RequestError::BadForm)?;
        if line.contains(['\r', '\n', '\0']) || name.is_empty() || name.contains([' ', '\t']) {
            return Err(RequestError::BadForm);
        }
        if name.eq_ignore_ascii_case("content-disposition") && disposition.replace(value).is_some()
        {
            return Err(RequestError::BadForm);
        }
        encoded |= name.eq_ignore_ascii_case("content-transfer-encoding");
    }
    let disposition = disposition
        .and_then(Disposition::read)
        .ok_or(RequestError::BadForm)?;
    if !disposition.name.eq_ignore_ascii_case("model") {
        return Ok(None);
    }
    let value = value.get(4..).unwrap_or_default();
    match str::from_utf8(value) {
        _ if disposition.is_file || encoded || value.len() > MODEL_MAX => {
            Err(RequestError::BadForm)
        }
        Ok("") => Err(RequestError::ModelEmpty),
        Ok(model) => Ok(Some(model.to_owned())),
        Err(_) => Err(RequestError::BadForm),
    }
}

struct Disposition<'a> {
    name: &'a str,
    is_file: bool,
}

impl<'a> Disposition<'a> {
    /// `form-data; name="model"; filename="x"`, names quoted or bare. Names with a backslash or a
    /// percent sign, and `name*`, are read differently by different servers.
    fn read(value: &'a str) -> Option<Self> {
        let mut rest = value.trim_start().strip_prefix("form-data")?.trim_start();
        let (mut name, mut is_file) = (None, false);
        while let Some(parameter) = rest.strip_prefix(';') {
            let (key, after) = parameter.trim_start().split_once('=')?;
            let (value, tail) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => after.split_at_checked(after.find([';', ' ']).unwrap_or(after.len()))?,
            };
            match key {
                "name" if value.contains(['\\', '%']) || name.replace(value).is_some() => {
                    return None;
                }
                "name" => {}
                // A backslash may escape the quote that seemed to end it.
                "filename" if value.contains('\\') => return None,
                "filename" | "filename*" => is_file = true,
                _ => return None,
            }
            rest = tail.trim_start();
        }
        name.filter(|_| rest.is_empty())
            .map(|name| Self { name, is_file })
    }
}
