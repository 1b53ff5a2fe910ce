//! The console over HTTP: routes, and what lies around every one of them.
//!
//! | layer, from the outside | what for |
//! |---|---|
//! | `headers` | content security policy with a nonce, and the other headers of every answer |
//! | `session` | the cookie, and what is kept under it |
//! | `page` | who asks, in which look; whatever fails becomes a page of the console |
//! | `origin` | changes only from pages of this console |
//! | `guard` | closed by default: only what [`guard::OPEN`] lists is for everybody |
//! | `again` | a form that cannot be taken at the moment comes back with what was typed |

mod again;
mod aside;
pub(crate) mod assets;
pub(crate) mod failure;
pub(crate) mod fields;
pub(crate) mod flash;
mod guard;
mod headers;
pub(crate) mod once;
mod origin;
pub(crate) mod page;
mod reader;
mod remembered;
pub(crate) mod session;
pub(crate) mod shortcuts;
mod state;
pub(crate) mod theme;
pub(crate) mod wrong;

use axum::{Router, middleware, routing};
use tower_sessions::SessionStore;

pub use reader::SessionReader;
pub(crate) use state::Console;
pub use state::ConsoleState;

use crate::pages;

/// The whole console, to be merged into the server's router. It answers `/`, everything that it links to,
/// and whatever no other route takes.
pub fn console<S: SessionStore + Clone>(state: ConsoleState, sessions: S) -> Router {
    let console = Console::new(state);
    let over_tls = console.secure_cookies();
    let assets = Router::new()
        .route("/style/{file}", routing::get(assets::style))
        .route("/pkg/{file}", routing::get(assets::package))
        .with_state(console.clone());
    let pages = pages::routes()
        .route("/theme", routing::post(theme::change))
        .fallback(pages::errors::not_found)
        .layer(middleware::from_fn(guard::closed_by_default))
        .layer(middleware::from_fn_with_state(
            console.clone(),
            origin::same_origin,
        ))
        .layer(middleware::from_fn_with_state(
            console.clone(),
            page::around,
        ))
        .layer(session::layer(sessions, over_tls))
        .with_state(console);
    pages
        .merge(assets)
        .layer(middleware::from_fn_with_state(over_tls, headers::secure))
}
