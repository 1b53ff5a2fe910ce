//! A client that makes one call after the other and keeps its connection.

use std::net::SocketAddr;

use bytes::Bytes;

use crate::client::{Answer, CallError, Watch, call};
use crate::http::{Connection, HttpError};
use crate::requests::{Ask, LastBytes};
use crate::side::Side;

/// The client of one side that always asks the same.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    address: SocketAddr,
    request: Bytes,
    last: LastBytes,
}

impl Question {
    pub(crate) fn new(side: &Side, ask: &Ask) -> Self {
        Self {
            address: side.address,
            request: ask.request(side),
            last: ask.last_bytes(),
        }
    }
}

/// One such client.
#[derive(Debug)]
pub(crate) struct Caller {
    question: Question,
    /// `None` before the first call and after one that failed.
    connection: Option<Connection>,
}

impl Caller {
    pub(crate) fn new(question: Question) -> Self {
        Self {
            question,
            connection: None,
        }
    }

    /// Connects, so that the first call need not.
    pub(crate) async fn connect(&mut self) -> Result<(), CallError> {
        let connection = Connection::open(self.question.address).await;
        self.connection = Some(connection.map_err(HttpError::Io)?);
        Ok(())
    }

    /// Makes one call.
    pub(crate) async fn call(&mut self, watch: &mut impl Watch) -> Result<Answer, CallError> {
        if !self.connection.as_ref().is_some_and(Connection::is_open) {
            self.connect().await?;
        }
        let Some(connection) = &mut self.connection else {
            return Err(HttpError::CutShort.into());
        };
        let Question { request, last, .. } = &self.question;
        call(connection, request, *last, watch).await
    }

    /// Asks something else from now on.
    pub(crate) fn ask(&mut self, question: Question) {
        self.question = question;
    }
}
