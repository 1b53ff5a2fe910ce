//! The console over HTTP, on a database of its own.
#![cfg(test)]

mod attack;
mod audit;
mod azure;
mod browser;
mod calls;
mod catalog;
mod chosen;
mod clouds;
mod conflicts;
mod dimensions;
mod endpoints;
mod failures;
mod fetching;
mod forms;
mod importing;
mod lists;
mod many_models;
mod pages;
mod people;
mod providers;
mod repricing;
mod safety;
mod settings;
mod storage;
mod tokens;
mod transcripts;
mod usage;
mod usage_deleted;
mod usage_report;
mod validation;
mod zone;
