//! Weir's REST API, as an administrator's script uses it.

use std::net::SocketAddr;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::{CallError, beginning};
use crate::error::Error;
use crate::http::{Connection, Head, HttpError, Receive};
use crate::weir::ADMIN_TOKEN;

/// The API over one connection.
#[derive(Debug)]
pub(crate) struct AdminApi {
    address: SocketAddr,
    connection: Option<Connection>,
}

impl AdminApi {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            connection: None,
        }
    }

    /// Reads something.
    pub(crate) async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Error> {
        let body = self.send("GET", path, None).await?;
        read(&format!("GET {path}"), &body)
    }

    /// Makes something; tells what was made.
    pub(crate) async fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &Value,
    ) -> Result<T, Error> {
        let body = self.send("POST", path, Some(body)).await?;
        read(&format!("POST {path}"), &body)
    }

    /// Sets something.
    pub(crate) async fn put(&mut self, path: &str, body: &Value) -> Result<(), Error> {
        self.send("PUT", path, Some(body)).await.map(drop)
    }

    /// Changes something.
    pub(crate) async fn patch(&mut self, path: &str, body: &Value) -> Result<(), Error> {
        self.send("PATCH", path, Some(body)).await.map(drop)
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Vec<u8>, Error> {
        let what = format!("{method} {path}");
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {ADMIN_TOKEN}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let whole = self
            .exchange(request.as_bytes())
            .await
            .map_err(|error| Error::Api {
                what: what.clone(),
                source: CallError::Http(error),
            })?;
        if !(200..300).contains(&whole.status) {
            return Err(Error::Refused {
                what,
                status: whole.status,
                body: beginning(&whole.body),
            });
        }
        Ok(whole.body)
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Whole, HttpError> {
        let mut connection = match self.connection.take().filter(Connection::is_open) {
            Some(connection) => connection,
            None => Connection::open(self.address).await?,
        };
        let mut whole = Whole::default();
        connection.exchange(request, &mut whole).await?;
        self.connection = Some(connection);
        Ok(whole)
    }
}

/// Whether a path answers 200.
pub(crate) async fn answers(address: SocketAddr, path: &str) -> bool {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let mut api = AdminApi::new(address);
    let answer = api.exchange(request.as_bytes()).await;
    answer.is_ok_and(|whole| whole.status == 200)
}

/// An answer that is read whole.
#[derive(Default)]
struct Whole {
    status: u16,
    body: Vec<u8>,
}

impl Receive for Whole {
    fn head(&mut self, head: &Head) {
        self.status = head.status;
    }

    fn content(&mut self, piece: &[u8]) {
        self.body.extend_from_slice(piece);
    }
}

fn read<T: DeserializeOwned>(what: &str, body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| {
        let body = beginning(body);
        Error::Broken(format!(
            "{what} was answered with something else than documented ({error}): {body}"
        ))
    })
}
