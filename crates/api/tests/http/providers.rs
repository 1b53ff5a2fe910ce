mod create;
mod delete;
mod list;
mod test;
mod update;
