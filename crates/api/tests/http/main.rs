//! The REST API, request by request, on a real database. Paths mirror those of the API.
#![cfg(test)]

extern crate weir_api as api;

mod api_tokens;
mod app;
mod audit;
mod auth;
mod books_by_python;
mod calls;
mod canary;
mod catalog;
mod catalog_refresh;
mod docs;
mod errors;
mod import;
mod openapi;
mod people;
mod providers;
mod repricings;
mod secrets;
mod settings;
mod tokens;
mod transcripts;
mod usage;
mod usage_report;
