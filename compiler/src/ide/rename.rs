//! Calling a thing by another name, everywhere.

use asiaq_lang::{Edit, Span};

use super::{Analysis, Offset};

impl Analysis {
    /// The name at a place, where it is one that may be changed.
    pub fn renameable(&self, _at: Offset) -> Option<Span> {
        None
    }

    /// The edits that call the thing at a place `to`; or why it cannot be called so.
    pub fn rename(&self, _at: Offset, _to: &str) -> Result<Vec<Edit>, String> {
        Err("there is nothing here to rename".to_owned())
    }
}
