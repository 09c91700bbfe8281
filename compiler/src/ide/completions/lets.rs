//! `let`s whose value fits where the cursor is.

use asiaq_lang::ast::{Expr, ExprKind};

use super::values::networks_of;
use super::{CompletionKind, Insert, Offers, Rank};
use crate::explain::on_one_line;
use crate::library;
use crate::library::kinds;
use crate::names::{LetValue, Names};
use crate::types::Ty;
use crate::typing::units;
use crate::value::AppProtocol;

/// How deep a `let` is looked into.
const DEPTH: usize = 16;

impl Offers<'_> {
    /// The `let`s that a value of type `ty` may be.
    pub(super) fn lets(&mut self, ty: &Ty) {
        let outermost = self.cursor.frames.first().map_or(&self.cursor.statement, |frame| &frame.heading);
        let own = match outermost.as_slice() {
            ["let", name, ..] => Some(*name),
            _ => None,
        };
        let names = self.names;
        for (name, found) in names.lets() {
            if Some(name) != own && is_fit(names, names.let_value(name), ty, DEPTH) {
                let value = on_one_line(self.analysis.sources().slice(found.value.span));
                let docs = Some(found.docs.join("\n"));
                let insert = Insert::Plain(name.to_owned());
                self.offer(Rank::Second, CompletionKind::Let, name, Some(value), docs, insert);
            }
        }
    }
}

/// Whether the value of a `let` may be a `ty`.
fn is_fit(names: &Names<'_>, value: Option<LetValue<'_>>, ty: &Ty, depth: usize) -> bool {
    match value {
        Some(LetValue::Fit(value)) => fits(names, value, ty, depth),
        Some(LetValue::Unfit) | None => false,
    }
}

/// Whether a value may be a `ty`, as far as its form shows.
fn fits(names: &Names<'_>, expr: &Expr, ty: &Ty, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    if let ExprKind::Name(name) = &expr.kind
        && let Some(value) = names.let_value(name)
    {
        return is_fit(names, Some(value), ty, depth);
    }
    match (ty, &expr.kind) {
        (Ty::Optional(inner), _) => fits(names, expr, inner, depth),
        (Ty::List(item), ExprKind::List(items)) => {
            items.iter().all(|found| fits(names, found, item, depth) || fits(names, found, ty, depth))
        }
        (Ty::Capacity | Ty::Script | Ty::Watched, ExprKind::List(items)) => {
            items.iter().all(|found| fits(names, found, ty, depth))
        }
        (Ty::Listener, ExprKind::Phrase(word, _)) => AppProtocol::of(&word.text).is_some(),
        (Ty::Sticky, ExprKind::Phrase(word, _)) => word.text == "cookie",
        (Ty::Credential, ExprKind::Phrase(word, _)) => word.text == "credential",
        (Ty::Credential, ExprKind::Name(word)) => word == "managed",
        (Ty::SecretStore, ExprKind::Phrase(word, _)) => {
            matches!(word.text.as_str(), "parameters" | "secrets_manager")
        }
        (Ty::SecretStore, ExprKind::Name(word)) => word == "buckets",
        (Ty::Snapshot, ExprKind::Name(word)) => word == "latest",
        (Ty::Script | Ty::File, ExprKind::Phrase(word, _)) => word.text == "file",
        (Ty::Folder, ExprKind::Phrase(word, _)) => word.text == "dir",
        (Ty::Metadata, ExprKind::Phrase(word, _)) => ["file", "url"].contains(&word.text.as_str()),
        (Ty::Reserve, ExprKind::Quantity(_, unit)) => unit == "%",
        (Ty::Watched, ExprKind::Name(word)) => word == "all" || names.get(kinds::HOSTCLASS, word).is_some(),
        (Ty::Source, ExprKind::List(_)) => fits(names, expr, &Ty::List(Box::new(Ty::Source)), depth),
        (Ty::Error, _)
        | (Ty::Cidr | Ty::Source | Ty::Allocation, ExprKind::Cidr(_))
        | (Ty::Ip | Ty::Address | Ty::NameServer, ExprKind::Ip(_))
        | (Ty::Address | Ty::NameServer, ExprKind::Offset(_) | ExprKind::Sum(..))
        | (Ty::Int | Ty::Number | Ty::Capacity | Ty::Reserve, ExprKind::Int(_))
        | (Ty::PortRange, ExprKind::Int(_) | ExprKind::Range(..))
        | (Ty::Number, ExprKind::Number(_))
        | (
            Ty::String
            | Ty::Domain
            | Ty::AccountId
            | Ty::Subscriber
            | Ty::Watched
            | Ty::InstanceType
            | Ty::Class
            | Ty::Snapshot
            | Ty::DatabaseName
            | Ty::AmiId,
            ExprKind::String(_),
        )
        | (Ty::Rule, ExprKind::Rule(_))
        | (Ty::Route, ExprKind::Route(_))
        | (Ty::Peering, ExprKind::Link(..))
        | (Ty::Listener, ExprKind::Arrow(..) | ExprKind::Redirect(..))
        | (Ty::Capacity, ExprKind::Timed(..))
        | (Ty::Window | Ty::DailyWindow, ExprKind::Window(_))
        | (Ty::Condition, ExprKind::Condition(_))
        | (Ty::Tags | Ty::Texts | Ty::UserData | Ty::Dimensions | Ty::Parameters, ExprKind::Record(_))
        | (Ty::Source, ExprKind::Path(..))
        | (Ty::Allocation | Ty::Nat, ExprKind::Auto { .. }) => true,
        (Ty::Duration | Ty::Size | Ty::Percent, ExprKind::Quantity(_, unit)) => {
            units(ty).any(|known| known == unit)
        }
        (Ty::Bool, ExprKind::Name(word)) => matches!(word.as_str(), "true" | "false"),
        (Ty::Enum(words), ExprKind::Name(word)) => words.contains(word),
        (Ty::Region, ExprKind::Name(word)) => library::regions().contains_key(word.as_str()),
        (Ty::Source | Ty::Cidr, ExprKind::Name(word)) if word == "internet" => true,
        (Ty::Ref(kind), ExprKind::Name(word)) if kind != kinds::METANETWORK => {
            names.get(kind, word).is_some()
        }
        (Ty::Ref(_) | Ty::Source, ExprKind::Name(word)) => {
            let mut owners = names.of_kind(kinds::ENV).chain(names.of_kind(kinds::ENVTYPE));
            owners.any(|owner| networks_of(names, owner).contains(&word.as_str()))
        }
        _ => false,
    }
}
