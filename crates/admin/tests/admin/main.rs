//! What an admin can do, on a real database.
#![cfg(test)]

extern crate weir_admin as admin;

mod app;
mod audit;
mod aws;
mod canary;
mod catalog;
mod ledger;
mod people;
mod providers;
mod queries;
mod secrets;
mod tests_of_connections;
mod tokens;
