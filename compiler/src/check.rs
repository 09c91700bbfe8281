//! From a workspace to a checked project: every phase once, in order.

mod follow_ups;

use std::borrow::Borrow;

use asiaq_ir::Facts;
use asiaq_lang::Diagnostic;
use asiaq_lang::ast::Allow;

use crate::checked::{Checked, sort_and_deduplicate};
use crate::lower::{Machines, Proved};
use crate::names::NameTable;
use crate::resources::Resources;
use crate::schema::Schemas;
use crate::warnings::{self, Project};
use crate::{Workspace, allows, declarations, expect, model, moves, policies, unused};

/// A checked project with the kinds and names that were collected for it.
pub(crate) struct CheckedWorkspace {
    pub(crate) checked: Checked,
    pub(crate) schemas: Schemas,
    pub(crate) names: NameTable,
}

/// Checks a project: names, types, overrides, and the proofs for all its environments together.
pub fn check(workspace: Workspace) -> Checked {
    analyse(workspace).checked
}

/// Checks a project and keeps what an editor asks for again.
pub(crate) fn analyse(workspace: Workspace) -> CheckedWorkspace {
    let schemas = Schemas::read(&workspace.files);
    let mut diagnostics = workspace.diagnostics();
    if !workspace.is_whole {
        // Half the names may be declared in the missing file: any further diagnostic would be a guess.
        let names = NameTable::collect(&workspace.files, &mut Vec::new());
        let checked = Checked {
            sources: workspace.sources,
            diagnostics: sort_and_deduplicate(diagnostics),
            ..Checked::default()
        };
        return CheckedWorkspace { checked, schemas, names };
    }
    let unbalanced = follow_ups::unbalanced(&workspace.sources, &diagnostics);
    let table = NameTable::collect(&workspace.files, &mut diagnostics).with_texts(&workspace.texts);
    let names = table.names(&workspace.files);
    let declared = declarations::check(&workspace.files, &schemas, &names);
    follow_ups::remove_in_unknown_fields(&mut diagnostics, &declared, &workspace.files);
    diagnostics.extend(declared);

    let mut proofs = Vec::new();
    let (mut model, evaluated) = model::build(&schemas, &names, &mut proofs);
    let moves = moves::read(&workspace.files, &workspace.sources, &schemas, &names, &model, &mut proofs);
    model.moves = moves;
    let mut of_claims = Vec::new();
    let claims = expect::read(&workspace.files, (&schemas, &names), &model, &mut of_claims);
    // Lowering belongs to the check: a peering across accounts, for example, shows only in the finished resources. Claims
    // need the machines of their environments.
    let whole = expect::environments(&claims, &model);
    let mut proved = Proved::default();
    let machines = Machines::Unproved { whole: &whole, proved: &mut proved };
    let resources = Resources::of(&workspace.sources, &model, &Facts::default(), None, machines);
    proofs.extend(resources.diagnostics.iter().cloned());
    let mut of_unused = unused::prove(&workspace.sources, &schemas, &names, (&model, evaluated), proved);
    follow_ups::remove_repeated(&mut of_unused, &proofs);
    proofs.append(&mut of_unused);
    proofs.append(&mut of_claims);
    // What a table does not know is no guess, whatever else is wrong.
    let is_certain = |found: &Diagnostic| found.is_error() || policies::is_unknown_name(found);
    let (mut of_policies, warnings_of_policies): (Vec<_>, Vec<_>) =
        policies::check(&workspace.sources, &model).into_iter().partition(is_certain);
    proofs.append(&mut of_policies);
    // Where a delimiter is missing, names and types are still checked, but nothing can be proved.
    if unbalanced.is_empty() {
        follow_ups::remove_consequences(&mut proofs, &diagnostics, &workspace.sources);
        follow_ups::remove_in_broken_blocks(&mut proofs, &diagnostics, &workspace.files);
        diagnostics.append(&mut proofs);
        let mut limits = resources.limits.clone();
        follow_ups::remove_repeated(&mut limits, &diagnostics);
        diagnostics.append(&mut limits);
    }
    follow_ups::remove_missed(&mut diagnostics, &workspace.files, &workspace.sources);
    follow_ups::remove_within(&mut diagnostics, &unbalanced);

    let allows: Vec<Allow> =
        allows::of_project(&workspace.sources, workspace.files.iter().map(Borrow::borrow)).cloned().collect();
    diagnostics.extend(allows::check(&allows));
    let is_sound = !diagnostics.iter().any(Diagnostic::is_error);
    if is_sound {
        // Warnings about a program with errors would be guesses.
        let project = Project::new(
            &workspace.sources,
            &workspace.files,
            &names,
            &schemas,
            &model,
            &resources.layout,
            &resources.ir,
        );
        diagnostics.extend(warnings::find(&project));
        diagnostics.extend(warnings_of_policies);
        diagnostics.extend(expect::prove(&claims, &resources.ir, &workspace.sources, &model));
    }
    let idle = allows::silence(&allows, &mut diagnostics);
    if is_sound {
        diagnostics.extend(allows::idle(&workspace.sources, &allows, &idle));
    }
    let checked = Checked {
        diagnostics: sort_and_deduplicate(diagnostics),
        sources: workspace.sources,
        model,
        allows,
        resources,
    };
    CheckedWorkspace { checked, schemas, names: table }
}
