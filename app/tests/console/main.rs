//! The console over HTTP, on a database of its own.
#![cfg(test)]

mod browser;
mod forms;
mod pages;
mod people;
mod safety;
