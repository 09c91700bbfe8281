//! The value that stands for one that cannot be parsed.

use crate::{
    Span,
    ast::{Expr, ExprKind},
};

/// Something broken that has been reported, at the end of `after`.
pub(super) fn error_value(after: Span) -> Expr {
    Expr { kind: ExprKind::Error, span: Span { start: after.end, ..after } }
}
