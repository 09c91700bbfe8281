//! Why an apply is refused, in a few lines.

use std::collections::BTreeMap;

use asiaq_ir::{Kind, Risk, Scope};
use asiaq_runtime::{Action, Note, Plan, Refusal, Step};

use super::names::Names;
use crate::ui::table;
use crate::ui::text::{PLAIN, count, listed};
use crate::ui::width::width;

/// Steps of one kind of action that the same place in the program, or the same tag, protects.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Same {
    by: String,
    verb: &'static str,
    risk: Risk,
    /// Whether it ends a name because a declaration was renamed.
    is_old_name: bool,
}

/// The refused steps, with what protects them: one entry for each protection, action and risk.
pub(crate) fn refusals(refusals: &[Refusal<'_>]) -> String {
    let width = width();
    let mut entries: BTreeMap<Same, BTreeMap<Kind, Vec<String>>> = BTreeMap::new();
    for Refusal { step, risk, by } in refusals {
        let verb = match step.action {
            Action::Create { .. } => "create",
            Action::Update { .. } => "change",
            Action::Replace { .. } => "replace",
            Action::Delete { .. } => "delete",
        };
        let is_old_name = step.kind == Kind::RecordSet && step.replaced_by.is_some();
        let kinds = entries.entry(Same { by: by.to_string(), verb, risk: *risk, is_old_name }).or_default();
        kinds.entry(step.kind).or_default().push(step.address.to_string());
    }
    let mut text = String::new();
    for (Same { by, verb, risk, is_old_name }, kinds) in entries {
        let named = kinds.iter().map(|(kind, names)| format!("{} {}", kind.name(), Names::few(names).text));
        let named = named.collect::<Vec<_>>().join(", ");
        let risk = match (verb, risk) {
            ("replace", Risk::Replace) => String::new(),
            (_, risk) => format!(" ({})", risk.word()),
        };
        let way_out = if is_old_name {
            "; whoever uses the old name no longer finds it: to keep it beside the new one, write a `record` of this \
             name in a `zone`"
        } else {
            ""
        };
        let entry = format!("{verb} {named}{risk}, {by}{way_out}");
        for line in table::wrapped(PLAIN, &entry, width.saturating_sub(2), 4) {
            text.extend(["  ", &line, "\n"]);
        }
    }
    text
}

/// Why whole environments and what accounts have are not deleted only because nothing declares them any more, and what allows it.
pub(crate) fn unnamed_ends(plan: &Plan, ends: &BTreeMap<Scope, usize>) -> String {
    let scopes: Vec<&Scope> = ends.keys().collect();
    let (is, it) = if scopes.len() == 1 { ("is", "it") } else { ("are", "them") };
    let has_environment = scopes.iter().any(|scope| scope.borrowed().environment().is_some());
    let has_account = scopes.iter().any(|scope| scope.borrowed().account().is_some());
    let options: String = scopes.iter().flat_map(|scope| [" --env ", scope.as_str()]).collect();
    // An account that is not declared cannot be named.
    let named = if has_account { String::new() } else { format!("`{}`, or ", options.trim_start()) };
    let what = match (has_environment, has_account) {
        (true, true) => "of whole environments and accounts",
        (true, false) => "of a whole environment",
        (false, _) => "of all that an account has",
    };
    let is_said = plan.notes.iter().any(|note| matches!(note, Note::MayBeRenamed { .. }));
    let is_new = |step: &Step| step.kind == Kind::Vpc && matches!(step.action, Action::Create { .. });
    let new = plan.steps.iter().find(|step| is_new(step)).filter(|_| !is_said);
    let old = ends.keys().find(|scope| scope.borrowed().environment().is_some());
    let renamed = old.zip(new).map_or_else(String::new, |(old, new)| {
        let line = format!("moved env {old} -> {}", new.address.env());
        format!("\nto keep what an environment has under another name, say which is which, as in `{line}`")
    });
    format!(
        "{} {is} no longer declared, and the end {what} ({}) has to be asked for: a file may \
         be missing.\nto delete {it}, add {named}`--allow data-loss`{renamed}",
        listed(&scopes),
        count(ends.values().sum(), "resource"),
    )
}
