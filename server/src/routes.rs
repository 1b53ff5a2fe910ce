//! Which part of Weir answers a path.
//!
//! | path | who answers |
//! |---|---|
//! | `/llm`, `/llm/…` | the data plane, without a router in between |
//! | `/healthz`, `/readyz` | here |
//! | `/api/…` | the REST API |
//! | everything else | the console |

mod bodies;

use std::sync::Arc;

use admin::catalog::CATALOG_MAX_BYTES;
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, Response, StatusCode, header},
};
use gateway::Gateway;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use store::{Store, StoreError};
use tower::ServiceExt;

use self::bodies::{Bodies, BodyRefusal};

/// Everything that answers requests. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Routes {
    gateway: Gateway,
    pages: Router,
    bodies: Bodies,
    health: Arc<Health>,
}

/// The largest body of a page or of the REST API; what each of them takes may be less.
const FORM_MAX_BYTES: usize = 8 << 20;
/// The same, where the file of a catalog is taken: a little more than that may have, so that one which is
/// too large is told so by whoever takes it.
const CATALOG_BODY_MAX_BYTES: usize = CATALOG_MAX_BYTES + (1 << 20);

#[derive(Debug)]
struct Health {
    gateway: Gateway,
    store: Store,
}

impl Routes {
    /// The data plane beside everything that has a router: REST API and console.
    #[must_use]
    pub(crate) fn new(gateway: Gateway, store: Store, pages: Router) -> Self {
        let health = Arc::new(Health {
            gateway: gateway.clone(),
            store,
        });
        Self {
            gateway,
            pages,
            bodies: Bodies::new(),
            health,
        }
    }

    /// Answers one request.
    pub(crate) async fn handle(&self, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path();
        if path == gateway::ROOT || path.starts_with(gateway::BELOW_ROOT) {
            return self.gateway.handle(request).await.map(Body::new);
        }
        match path {
            "/healthz" => plain(StatusCode::OK, "ok\n"),
            "/readyz" => self.health.ready().await,
            _ => self.page(request).await,
        }
    }

    /// Answers a request of a page or of the REST API. What its body holds is given back when it is answered.
    async fn page(&self, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let (intake, most) = intake(parts.uri.path());
        let (body, held) = self.bodies.count(body, most);
        let body = match intake {
            Intake::Stream => Body::new(body),
            Intake::Whole => match body.collect().await {
                Ok(whole) => Body::from(whole.to_bytes()),
                Err(refusal) => return refused(refusal),
            },
        };
        let request = Request::from_parts(parts, body);
        let Ok(response) = self.pages.clone().oneshot(request).await;
        held.refusal().map_or(response, refused)
    }
}

/// What may come with a request of a page or of the REST API.
enum Intake {
    /// The whole body is taken before anybody looks at the request, so that nobody holds on to a handler
    /// with half a form.
    Whole,
    /// The body is read by whoever takes it, once it is known who sends it: it may be large.
    Stream,
}

/// How the body of a path is taken, and how large it may be.
fn intake(path: &str) -> (Intake, usize) {
    match path {
        "/settings/catalog" | "/api/v1/catalog" => (Intake::Stream, CATALOG_BODY_MAX_BYTES),
        _ => (Intake::Whole, FORM_MAX_BYTES),
    }
}

fn refused(refusal: BodyRefusal) -> Response<Body> {
    let status = match refusal {
        BodyRefusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        BodyRefusal::Full => StatusCode::SERVICE_UNAVAILABLE,
        BodyRefusal::Late => StatusCode::REQUEST_TIMEOUT,
        BodyRefusal::Broken => StatusCode::BAD_REQUEST,
    };
    let mut response = plain(status, refusal.to_string());
    if refusal == BodyRefusal::Full {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

impl Health {
    /// Ready: calls can be written down and the database answers.
    async fn ready(&self) -> Response<Body> {
        if !self.gateway.can_record() {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "the journal cannot be written\n",
            );
        }
        let answered = self.store.ping().await;
        if let Err(StoreError::Held { .. }) = answered {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "another Weir has taken the database\n",
            );
        }
        let trouble = self.store.ledger_trouble();
        if trouble.is_some_and(|trouble| trouble.needs_somebody) {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database's files are damaged or gone; the log says what to do\n",
            );
        }
        match answered {
            Ok(()) => plain(StatusCode::OK, "ready\n"),
            Err(error) => {
                tracing::warn!(%error, "The database does not answer");
                plain(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the database does not answer\n",
                )
            }
        }
    }
}

fn plain(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use admin::Live;
    use catalog::Catalog;
    use clap::Parser;
    use gateway::{ConnectSettings, Parts, Recorder, WhenUnrecordable};
    use journal::{Journal, SyncPolicy};
    use store::MasterKey;
    use tokio_util::{sync::CancellationToken, task::TaskTracker};

    use super::*;
    use crate::settings::ServeArgs;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        serve: ServeArgs,
    }

    #[tokio::test]
    async fn weir_is_not_ready_while_the_database_does_not_answer() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(store::Options {
            database_url: format!("sqlite:{}", dir.path().join("weir.db").display()),
            master_key: MasterKey::generate().unwrap(),
            readers: 1,
        })
        .await
        .unwrap();
        let live = Live::load(&store, Arc::new(Catalog::builtin().unwrap()));
        let serve = Command::parse_from(["weir"]).serve;
        let (journal, _reader) =
            Journal::open(&dir.path().join("journal"), SyncPolicy::Off).unwrap();
        let tasks = TaskTracker::new();
        let gateway = Gateway::new(Parts {
            live: live.await.unwrap(),
            transcripts: None,
            recorder: Recorder::new(journal, WhenUnrecordable::Refuse, tasks.clone()),
            connect: ConnectSettings::default(),
            limits: serve.limits(),
            background_due: vec![],
            tasks,
            give_up: CancellationToken::new(),
        })
        .unwrap();
        let health = Health {
            gateway,
            store: store.clone(),
        };
        assert_eq!(health.ready().await.status(), StatusCode::OK);
        store.close().await.unwrap();
        assert_eq!(
            health.ready().await.status(),
            StatusCode::SERVICE_UNAVAILABLE
        );
    }
}
