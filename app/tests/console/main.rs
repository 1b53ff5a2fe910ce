//! The console over HTTP, on a database of its own.
#![cfg(test)]

mod audit;
mod browser;
mod catalog;
mod clouds;
mod conflicts;
mod failures;
mod fetching;
mod forms;
mod lists;
mod many_models;
mod pages;
mod people;
mod providers;
mod safety;
mod settings;
mod tokens;
mod usage;
mod validation;
mod zone;
