//! The head of an answer.

use super::HttpError;
use super::body::Framing;

/// Headers that an answer has at most.
const HEADERS: usize = 64;

/// What of it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// The id under which Weir has the call in its ledger.
    pub(crate) call_id: Option<String>,
    pub(super) framing: Framing,
    /// Whether the server closes the connection after the answer.
    pub(super) closes: bool,
}

/// Reads a head at the beginning of `bytes`; tells also how long it is. `None`: there is more to
/// come.
pub(super) fn read(bytes: &[u8]) -> Result<Option<(Head, usize)>, HttpError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes)? {
        httparse::Status::Partial => return Ok(None),
        httparse::Status::Complete(length) => length,
    };
    let status = response.code.unwrap_or_default();
    let mut head = Head {
        status,
        call_id: None,
        framing: Framing::UntilClose,
        closes: false,
    };
    for header in &*response.headers {
        let value = std::str::from_utf8(header.value).unwrap_or_default();
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("content-length") {
            let length = value.trim().parse().map_err(|_| HttpError::Length)?;
            if head.framing != Framing::Chunked {
                head.framing = Framing::Length(length);
            }
        } else if is("transfer-encoding") {
            head.framing = Framing::Chunked;
        } else if is("connection") {
            head.closes = value.eq_ignore_ascii_case("close");
        } else if is("x-weir-call-id") {
            head.call_id = Some(value.to_owned());
        }
    }
    if status < 200 || status == 204 || status == 304 {
        head.framing = Framing::Length(0);
    }
    Ok(Some((head, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_whole() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-Weir-Call-Id: abc\r\n\r\nhello";
        for length in 0..text.len() - 5 {
            assert_eq!(read(&text[..length]).unwrap(), None);
        }
        let (head, length) = read(text).unwrap().unwrap();
        assert_eq!(length, text.len() - 5);
        assert_eq!(head.status, 200);
        assert_eq!(head.call_id.as_deref(), Some("abc"));
        assert_eq!(head.framing, Framing::Length(12));
        assert!(!head.closes);
    }

    fn check_framing(head: &str, framing: Framing) {
        let (head, _) = read(head.as_bytes()).unwrap().unwrap();
        assert_eq!(head.framing, framing);
    }

    #[test]
    fn the_head_tells_where_the_body_ends() {
        check_framing(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            Framing::Chunked,
        );
        check_framing("HTTP/1.1 204 No Content\r\n\r\n", Framing::Length(0));
        check_framing("HTTP/1.0 200 OK\r\n\r\n", Framing::UntilClose);
    }
}
