//! The placeholder for a value that cannot be parsed.

use crate::{
    Span,
    ast::{Expr, ExprKind},
};

/// A value with a reported error, empty, at the end of `after`.
pub(super) fn error_value(after: Span) -> Expr {
    Expr { kind: ExprKind::Error, span: Span { start: after.end, ..after } }
}
