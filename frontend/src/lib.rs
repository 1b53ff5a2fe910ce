//! The entry point of the console in the browser: makes the islands of `app` callable, and nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's script before it wakes the islands.
#[wasm_bindgen]
pub fn hydrate() {
    app::hydrate();
}
