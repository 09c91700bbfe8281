//! Environments that have another name in AWS than in the program.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use asiaq_aws::Aws;
use asiaq_compiler::{Checked, Lowered};
use asiaq_ir::Scope;
use asiaq_runtime::{Accounts, Coverage, Note, Observed, RenamedEnvironments, only_renames, plan};

use super::reached::Reached;

/// Environments of a program that may have other names in AWS, of those that the run can work on. Those in `kept`, which are
/// sandboxes, have had no other name, and are nothing else now.
pub(super) fn environments(
    checked: &Checked,
    aws: &Accounts<Aws>,
    reached: &Reached,
    (observed, kept): (&Observed, &BTreeSet<String>),
) -> RenamedEnvironments {
    let environments = checked.environments();
    let is_here = |name: &str| !reached.is_left_out(&Scope::environment(name));
    let mut declared: BTreeMap<&str, Option<&str>> = environments
        .iter()
        .map(|env| (env.name.as_str(), is_here(&env.name).then_some(env.region.as_str())))
        .collect();
    declared.extend(kept.iter().map(|name| (name.as_str(), None)));
    let mut renamed = RenamedEnvironments::of(&declared, &checked.moved_environments(), observed);
    // Nothing moves to another account.
    let account = |name: &str| &aws.of(Scope::environment(name).borrowed()).account;
    renamed.likely.take_if(|(old, new)| account(old) != account(new));
    renamed
}

/// The program lowered for what is in AWS. `scope` then covers the renamed environments under both names. Those that
/// are likely the same are so if the plan does nothing but rename them; a note says what came of it.
pub(super) fn lower(
    checked: &Checked,
    observed: &Observed,
    scope: &mut Coverage,
    renamed: RenamedEnvironments,
    now: &str,
) -> (Lowered, Option<Note>) {
    let RenamedEnvironments { begun, likely } = renamed;
    scope.follow(&begun);
    let mut note = None;
    if let Some((old, new)) = likely {
        let mut moved = begun.clone();
        moved.insert(old.clone(), new.clone());
        let mut both = scope.clone();
        both.follow(&moved);
        if !both.covers(Scope::environment(&new).borrowed()) {
            return (lowered(checked, observed, scope, &begun), None);
        }
        let lowered = lowered(checked, observed, &both, &moved);
        if only_renames(&plan(&lowered.ir, observed, &both, now), &old, &new) {
            *scope = both;
            return (lowered, Some(Note::RenamedEnvironment { old, new }));
        }
        note = Some(Note::MayBeRenamed { old, new });
    }
    (lowered(checked, observed, scope, &begun), note)
}

/// The program lowered as if it had said that the environments have moved.
fn lowered(
    checked: &Checked,
    observed: &Observed,
    scope: &Coverage,
    moved: &BTreeMap<String, String>,
) -> Lowered {
    let facts = &observed.facts;
    let facts = if moved.is_empty() { Cow::Borrowed(facts) } else { Cow::Owned(facts.moved(moved)) };
    let mut lowered = checked.lower_for(&facts, scope.environments().as_ref());
    lowered.ir.moved.extend(moved.clone());
    lowered
}
