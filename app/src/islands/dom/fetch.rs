//! Asking the server: pages, short texts, and whether it answers.

use leptos::{
    wasm_bindgen::{JsCast, JsValue},
    web_sys::{self, DomParser, RequestInit, Response, SupportedType},
};
use wasm_bindgen_futures::JsFuture;

use super::Answer;

/// Says to the server that nobody asked by hand. It knows it by this name in `http::session`.
const BY_ITSELF: &str = "x-weir-by-itself";

/// Fetches a page of this console. `None`: the network or the server did not give one.
pub(crate) async fn fetch(address: &str, post: Option<&JsValue>) -> Option<Answer> {
    let options = RequestInit::new();
    if let Some(body) = post {
        options.set_method("POST");
        options.set_body(body);
    }
    ask(address, &options).await
}

/// Sends a form and fetches the page that it leads to, with the message on it, which is for whoever calls to
/// show.
pub(crate) async fn send(address: &str, body: &JsValue) -> Option<Answer> {
    let options = with_header("x-weir-shows-message")?;
    options.set_method("POST");
    options.set_body(body);
    ask(address, &options).await
}

/// Fetches a page without anybody having asked for it. `None`: the network or the server did not give one.
pub(crate) async fn fetch_by_itself(address: &str) -> Option<Answer> {
    ask(address, &with_header(BY_ITSELF)?).await
}

/// Fetches a short text without anybody having asked for it.
pub(crate) async fn text_by_itself(address: &str) -> Told {
    let Some(options) = with_header(BY_ITSELF) else {
        return Told::Nothing;
    };
    match text(address, &options).await {
        Some((answer, _)) if answer.redirected() => Told::SignedOut,
        Some((answer, text)) if answer.ok() => Told::Text(text),
        _ => Told::Nothing,
    }
}

/// What a script was told that asked by itself.
pub(crate) enum Told {
    /// What it asked for.
    Text(String),
    /// Whoever opened the page is no longer signed in.
    SignedOut,
    /// The network or the server did not give it.
    Nothing,
}

/// A request with a header by which the server knows its scripts.
fn with_header(name: &str) -> Option<RequestInit> {
    let headers = js_sys::Object::new();
    js_sys::Reflect::set(&headers, &name.into(), &"1".into()).ok()?;
    let options = RequestInit::new();
    options.set_headers(&headers);
    Some(options)
}

async fn ask(address: &str, options: &RequestInit) -> Option<Answer> {
    let answer = JsFuture::from(web_sys::window()?.fetch_with_str_and_init(address, options))
        .await
        .ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    let (address, status) = (answer.url(), answer.status());
    let text = JsFuture::from(answer.text().ok()?)
        .await
        .ok()?
        .as_string()?;
    let page = DomParser::new()
        .ok()?
        .parse_from_string(&text, SupportedType::TextHtml)
        .ok()?;
    Some(Answer {
        address,
        status,
        page,
    })
}

/// Fetches a short text. `None`: the network or the server did not give one.
pub(crate) async fn fetch_text(address: &str) -> Option<String> {
    let (answer, text) = text(address, &RequestInit::new()).await?;
    // Whoever is signed out is led to the page for signing in, which is no answer.
    (answer.ok() && !answer.redirected()).then_some(text)
}

async fn text(address: &str, options: &RequestInit) -> Option<(Response, String)> {
    let answer = JsFuture::from(web_sys::window()?.fetch_with_str_and_init(address, options))
        .await
        .ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    let text = JsFuture::from(answer.text().ok()?)
        .await
        .ok()?
        .as_string()?;
    Some((answer, text.trim().to_owned()))
}

/// The status with which an address answers; 401 where it leads to signing in. `None`: the network or the server did
/// not answer.
pub(crate) async fn status(address: &str) -> Option<u16> {
    let answer = JsFuture::from(web_sys::window()?.fetch_with_str(address))
        .await
        .ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    Some(if answer.redirected() {
        401
    } else {
        answer.status()
    })
}
