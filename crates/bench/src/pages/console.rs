//! The console, as somebody who has signed in reads it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, StatusCode, redirect::Policy};

use crate::error::Error;

/// Who reads the pages. The folder must have no other people, or one of this name.
const NAME: &str = "bench";
const PASSWORD: &str = "a password for measuring only";

/// A session of the console.
#[derive(Debug, Clone)]
pub(crate) struct Console {
    client: Client,
    origin: String,
    cookie: String,
}

impl Console {
    /// Has a one-time link made, and signs in by it.
    pub(crate) async fn sign_in(
        weir: &Path,
        data_dir: &Path,
        address: SocketAddr,
    ) -> Result<Self, Error> {
        let output = Command::new(weir)
            .args(["admin", "link", "--data-dir"])
            .arg(data_dir)
            .output()
            .map_err(Error::io("run `weir admin link`"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let link = said
            .split_whitespace()
            .find_map(|word| word.split_once("link="))
            .ok_or_else(|| Error::Broken(format!("`weir admin link` made no link: {said}")))?
            .1;
        // Built together with Weir, reqwest has TLS and wants to be told whose, also where all is plain HTTP.
        let _set = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(failed("set up a client"))?;
        let origin = format!("http://{address}");
        let form = format!(
            "link={link}&name={NAME}&password={}",
            PASSWORD.replace(' ', "+")
        );
        let answer = client
            .post(format!("{origin}/welcome"))
            .header(ORIGIN, &origin)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .map_err(failed("sign in"))?;
        let status = answer.status();
        let cookies = answer.headers().get_all(SET_COOKIE).iter();
        let cookie = cookies
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect::<Vec<_>>()
            .join("; ");
        if !status.is_redirection() || cookie.is_empty() {
            return Err(Error::Broken(format!(
                "signing in was answered with {status}"
            )));
        }
        Ok(Self {
            client,
            origin,
            cookie,
        })
    }

    /// Presses a button that needs nothing to be filled in.
    pub(crate) async fn press(&self, path: &str) -> Result<(), Error> {
        let request = self
            .client
            .post(format!("{}{path}", self.origin))
            .header(COOKIE, &self.cookie)
            .header(ORIGIN, &self.origin)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let status = request.send().await.map_err(failed(path))?.status();
        if status.is_redirection() {
            Ok(())
        } else {
            Err(Error::Broken(format!("{path} was answered with {status}")))
        }
    }

    /// Reads a page to its end; how many bytes it has.
    pub(crate) async fn read(&self, path: &str) -> Result<usize, Error> {
        let request = self
            .client
            .get(format!("{}{path}", self.origin))
            .header(COOKIE, &self.cookie);
        let answer = request.send().await.map_err(failed(path))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(failed(path))?;
        if status == StatusCode::OK {
            Ok(body.len())
        } else {
            Err(Error::Broken(format!("{path} was answered with {status}")))
        }
    }
}

fn failed(what: &str) -> impl FnOnce(reqwest::Error) -> Error {
    let what = what.to_owned();
    move |error| Error::Broken(format!("{what}: {error}"))
}
