//! How figures, money and times are written. The only place that decides it, for every page.

pub(crate) mod ability;
pub(crate) mod count;
pub(crate) mod money;
pub(crate) mod time;

#[cfg(test)]
mod tests;
