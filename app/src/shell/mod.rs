//! What is around every page: the document, the navigation, and the frame of pages without it.

pub(crate) mod document;
pub(crate) mod gate;
pub(crate) mod keys;
pub(crate) mod nav;
