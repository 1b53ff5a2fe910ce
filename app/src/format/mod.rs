//! How figures, money and times are written. The only place that decides it, for every page.

pub(crate) mod ability;
pub(crate) mod count;
pub(crate) mod money;
pub(crate) mod size;
pub(crate) mod time;
pub(crate) mod zone;

#[cfg(test)]
mod tests;
