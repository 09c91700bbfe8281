//! Kinds and names in `moved` items.

use super::values::nested_of;
use super::{CompletionKind, Offers, Rank};
use crate::library::kinds;
use crate::moves::{MOVABLE, is_nested};

impl Offers<'_> {
    /// Offers the kinds whose declarations can have moved.
    pub(super) fn movable(&mut self) {
        for kind in MOVABLE {
            self.plain(Rank::First, CompletionKind::Kind, kind, None);
        }
    }

    /// Offers what an old name begins with: nothing declares it any more.
    pub(super) fn moved_from(&mut self, kind: &str) {
        if is_nested(kind) {
            self.homes();
        }
    }

    /// Offers what a new name can be.
    pub(super) fn moved_to(&mut self, kind: &str) {
        let old = self.cursor.statement.get(2).copied();
        let names: Vec<&str> = self.names.of_kind(kind).filter(|name| Some(*name) != old).collect();
        let shown =
            if kind == kinds::ENV { CompletionKind::Environment } else { CompletionKind::Declaration };
        for name in names {
            self.named(Rank::First, shown, kind, name);
        }
        if is_nested(kind) {
            if let [_, _, env, "/", ..] = self.cursor.statement.as_slice() {
                self.plain(Rank::First, CompletionKind::Environment, &format!("{env}/"), None);
            } else {
                self.homes();
            }
        }
    }

    /// Offers the declarations of a kind in an environment.
    pub(super) fn nested_in(&mut self, kind: &str, env: &str) {
        let shown =
            if kind == kinds::METANETWORK { CompletionKind::Network } else { CompletionKind::Declaration };
        for name in nested_of(self.names, env, kind) {
            self.plain(Rank::First, shown, name, Some(format!("{kind} of {env}")));
        }
    }

    /// Offers the environments as the beginnings of paths.
    fn homes(&mut self) {
        for name in self.names.env_order() {
            self.plain(Rank::Second, CompletionKind::Environment, &format!("{name}/"), None);
        }
    }
}
