//! What an admin can do, on a real database.
#![cfg(test)]
#![recursion_limit = "256"]

extern crate weir_admin as admin;

mod api_tokens;
mod app;
mod audit;
mod aws;
mod canary;
mod catalog;
mod conflicts;
mod ledger;
mod names;
mod odd_queries;
mod people;
mod people_managed;
mod providers;
mod queries;
mod repricing;
mod repricing_stays;
mod secrets;
mod settings;
mod tests_of_connections;
mod tokens;
mod transcripts;
