//! The console over HTTP, on a database of its own.
#![cfg(test)]

mod browser;
mod clouds;
mod failures;
mod fetching;
mod forms;
mod lists;
mod many_models;
mod pages;
mod people;
mod providers;
mod safety;
mod tokens;
