//! The `.asq` syntax: sources and spans, diagnostics as data, and text to tree.
//!
//! [`parse`] is total: it always gives a tree and a list of diagnostics, and a broken field or declaration
//! costs one message while everything around it is in the tree. The grammar itself is `grammar/asq.pest`.
//! [`format`] gives a text the one layout that all `.asq` files have.

pub mod ast;
mod autofix;
pub mod aws_words;
mod code;
pub mod codes;
mod diagnostic;
mod errors;
mod foreign_syntax;
mod format;
mod parse;
mod recover;
mod scan;
mod source;
pub mod spellings;

pub use autofix::{Fixed, apply_fixes};
pub use code::{Code, Severity, Tag};
pub use diagnostic::{Applicability, Diagnostic, Edit, Fix, Related};
pub use format::format;
pub use parse::{Parsed, parse};
pub use source::{FileId, Position, SourceMap, Span};
