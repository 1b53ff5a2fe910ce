//! Faults and other shapes that a request asks for in headers, which pass through a gateway as any
//! other header does. It knows nothing of the APIs. A header or value that is not in this table is
//! answered with 400, so that a misspelt test is not a passed one.
//!
//! | header | value | what happens |
//! |---|---|---|
//! | `x-standin-status` | 200 to 599 | from 400 on an error in the provider's own shape, with `retry-after: 7` for 429, 503 and 529; below, the usual answer with this status |
//! | `x-standin-error-body` | `html`, `echo-auth`, `empty` | the error is a page (502), holds the credential that came with the request (401), or has no body (500), unless `x-standin-status` gives another status |
//! | `x-standin-redirect` | address | 302 to it, no body |
//! | `x-standin-hang` | `headers`, `body` | no answer ever; or the first frame (half of a plain answer) and then nothing more |
//! | `x-standin-break-after` | N | the connection is cut after N frames of a stream (N bytes of a plain answer) |
//! | `x-standin-end-after` | N | a clean end after N frames of a stream, its last event never sent (N bytes of a plain answer, which is then chunked) |
//! | `x-standin-error-after` | N | an error event after N frames of a stream, which is then over |
//! | `x-standin-exception` | type | of the exception that this is on a stream of AWS (`throttlingException`, …; usually `internalServerException`); `error` for an error that no model names |
//! | `x-standin-spoil-frame` | N | frame N of a stream of AWS, counted from 0, has a wrong checksum |
//! | `x-standin-first-byte-ms` | N | this long before the answer begins |
//! | `x-standin-pace-ms` | N | this long between two frames |
//! | `x-standin-frames` | N | so many pieces of text, whatever the request's limit |
//! | `x-standin-extra-bytes` | N | so many more bytes of text |
//! | `x-standin-say` | text | this at the end of the text, in one piece |
//! | `x-standin-cut` | N, `every` | the body is written in two pieces, cut at byte N; or one byte for each piece. A plain answer is then chunked unless a length is asked for |
//! | `x-standin-content-length` | `1`, `0` | a plain answer with its length (as usual), or chunked |
//! | `x-standin-compress` | `1` | gzip, br or zstd, whichever `accept-encoding` likes best; each frame of a stream can be read on its own |
//! | `x-standin-line-end` | `lf`, `crlf`, `cr` | how the lines of server-sent events end |
//! | `x-standin-comments` | `1` | a `: keep-alive` comment before every server-sent event; empty lines before a plain answer and before the elements of an array |
//! | `x-standin-usage` | JSON, `none` | this instead of the counted usage; or no usage at all. On an Anthropic stream its output side comes last, the rest first; on Google's streams it is in the last piece alone |
//! | `x-standin-traffic` | word | the kind of traffic that Vertex AI tells beside its own counts and, in OpenAI's style, in `extra_properties` of the usage, instead of `ON_DEMAND` or that of the tier |
//! | `x-standin-metrics` | JSON, `none` | this instead of `amazon-bedrock-invocationMetrics` and of the headers with counts that Bedrock's InvokeModel has; or none |
//! | `x-standin-usage-place` | `finish`, `every` | OpenAI chat and completion streams of some compatible servers: usage in the chunk that has the finish reason, or in every chunk, asked for or not, and in no chunk of its own |
//! | `x-standin-refuse-stream-options` | `1` | 400 if the request has `stream_options`, as some compatible servers do |
//! | `x-standin-host` | `groq`, `deepseek`, `xai`, `mistral`, `together`, `fireworks`, `cerebras`, `sambanova`, `perplexity`, `databricks`, `vllm`, `ollama`, `mlflow`, `cohere` | the answer is that server's, with its usage, its errors, its list of models; the path `/as/{name}/…` does the same |
//! | `x-standin-model` | name | the model named in the answer |
//! | `x-standin-id` | id | the answer's id |
//! | `x-standin-finish` | word | the finish reason (chat, completions, Google), stop reason (messages, Bedrock) or status (responses); `prompt-blocked` is Google's answer without candidates |
//!
//! A flag set to `0` is as good as absent. Frames are counted before comments are put between them.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::{host::Host, prose};

const PREFIX: &str = "x-standin-";
const MOST_FRAMES: usize = 1_000_000;
const MOST_EXTRA_BYTES: usize = 256 * 1024 * 1024;

/// What one request asked for. All `None` and `false` for a request without such headers.
#[derive(Default)]
pub(crate) struct Wishes {
    pub(crate) status: Option<StatusCode>,
    pub(crate) error_body: Option<ErrorBody>,
    pub(crate) redirect: Option<HeaderValue>,
    pub(crate) hang: Option<Hang>,
    pub(crate) break_after: Option<usize>,
    pub(crate) end_after: Option<usize>,
    pub(crate) error_after: Option<usize>,
    pub(crate) exception: Option<String>,
    pub(crate) spoil_frame: Option<usize>,
    pub(crate) first_byte: Option<Duration>,
    pub(crate) pace: Option<Duration>,
    pub(crate) frames: Option<usize>,
    pub(crate) extra_bytes: usize,
    pub(crate) say: Option<&'static str>,
    pub(crate) cut: Option<Cut>,
    pub(crate) content_length: Option<bool>,
    pub(crate) compress: bool,
    pub(crate) line_end: Option<&'static [u8]>,
    pub(crate) comments: bool,
    pub(crate) usage: Option<Usage>,
    pub(crate) traffic: Option<String>,
    pub(crate) metrics: Option<Usage>,
    pub(crate) usage_place: Option<UsagePlace>,
    pub(crate) refuse_stream_options: bool,
    pub(crate) host: Option<Host>,
    pub(crate) model: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) finish: Option<String>,
}

/// What stands in the body of an error.
#[derive(Clone, Copy)]
pub(crate) enum ErrorBody {
    Html,
    EchoAuth,
    Empty,
}

/// Where the answer stops without an end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hang {
    Headers,
    Body,
}

/// How the body is cut.
#[derive(Clone, Copy)]
pub(crate) enum Cut {
    At(usize),
    Every,
}

/// What is reported instead of the counted usage.
pub(crate) enum Usage {
    Absent,
    Verbatim(String),
}

/// Where compatible servers put the usage of a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum UsagePlace {
    Finish,
    Every,
}

impl Wishes {
    /// Fails with a sentence that names the header which is not understood.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, String> {
        let mut wishes = Self::default();
        for (name, value) in headers {
            if let Some(wish) = name.as_str().strip_prefix(PREFIX)
                && wishes.set(wish, value).is_none()
            {
                return Err(not_understood(name, value));
            }
        }
        Ok(wishes)
    }

    fn set(&mut self, wish: &str, value: &HeaderValue) -> Option<()> {
        let text = std::str::from_utf8(value.as_bytes()).ok()?.trim();
        match wish {
            "status" => self.status = Some(status(text)?),
            "error-body" => {
                self.error_body = Some(match text {
                    "html" => ErrorBody::Html,
                    "echo-auth" => ErrorBody::EchoAuth,
                    "empty" => ErrorBody::Empty,
                    _ => return None,
                });
            }
            "redirect" => self.redirect = Some(value.clone()),
            "hang" => {
                self.hang = Some(match text {
                    "headers" => Hang::Headers,
                    "body" => Hang::Body,
                    _ => return None,
                });
            }
            "break-after" => self.break_after = Some(text.parse().ok()?),
            "end-after" => self.end_after = Some(text.parse().ok()?),
            "error-after" => self.error_after = Some(text.parse().ok()?),
            "exception" => self.exception = Some(text.to_owned()),
            "spoil-frame" => self.spoil_frame = Some(text.parse().ok()?),
            "first-byte-ms" => self.first_byte = Some(milliseconds(text)?),
            "pace-ms" => self.pace = Some(milliseconds(text)?),
            "frames" => self.frames = Some(at_most(text, MOST_FRAMES)?),
            "extra-bytes" => self.extra_bytes = at_most(text, MOST_EXTRA_BYTES)?,
            "say" => self.say = Some(prose::said(text)),
            "cut" if text == "every" => self.cut = Some(Cut::Every),
            "cut" => self.cut = Some(Cut::At(text.parse().ok()?)),
            "content-length" => self.content_length = Some(flag(text)?),
            "compress" => self.compress = flag(text)?,
            "line-end" => {
                self.line_end = match text {
                    "lf" => Some(b"\n"),
                    "crlf" => Some(b"\r\n"),
                    "cr" => Some(b"\r"),
                    _ => return None,
                };
            }
            "comments" => self.comments = flag(text)?,
            "usage" => self.usage = Some(Usage::read(text)?),
            "traffic" => self.traffic = Some(text.to_owned()),
            "metrics" => self.metrics = Some(Usage::read(text)?),
            "usage-place" => {
                self.usage_place = Some(match text {
                    "finish" => UsagePlace::Finish,
                    "every" => UsagePlace::Every,
                    _ => return None,
                });
            }
            "refuse-stream-options" => self.refuse_stream_options = flag(text)?,
            "host" => self.host = Some(Host::named(text)?),
            "model" => self.model = Some(text.to_owned()),
            "id" => self.id = Some(text.to_owned()),
            "finish" => self.finish = Some(text.to_owned()),
            _ => return None,
        }
        Some(())
    }

    /// The usage to report as JSON; `None`: the answer has no usage.
    pub(crate) fn usage_or(&self, counted: impl FnOnce() -> String) -> Option<String> {
        match &self.usage {
            Some(Usage::Absent) => None,
            Some(Usage::Verbatim(json)) => Some(json.clone()),
            None => Some(counted()),
        }
    }
}

impl Usage {
    fn read(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::Absent);
        }
        serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
        Some(Self::Verbatim(text.to_owned()))
    }
}

fn not_understood(name: &HeaderName, value: &HeaderValue) -> String {
    format!(
        "The stand-in does not understand the header {name}: {}",
        String::from_utf8_lossy(value.as_bytes())
    )
}

fn status(text: &str) -> Option<StatusCode> {
    let number = text.parse().ok().filter(|number| *number >= 200)?;
    StatusCode::from_u16(number)
        .ok()
        .filter(|status| status.as_u16() < 600)
}

fn milliseconds(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_millis)
}

fn at_most(text: &str, most: usize) -> Option<usize> {
    text.parse().ok().filter(|number| *number <= most)
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}
