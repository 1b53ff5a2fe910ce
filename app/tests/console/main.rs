//! The console over HTTP, on a database of its own.
#![cfg(test)]

mod browser;
mod failures;
mod forms;
mod pages;
mod people;
mod providers;
mod safety;
mod tokens;
