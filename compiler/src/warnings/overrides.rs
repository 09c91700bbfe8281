//! Overrides that change nothing: for an environment that lacks the thing, or equal to what holds without them.

use std::collections::BTreeMap;

use asiaq_lang::ast::{Body, Context, Decl, Member, Name, Override, Setting};
use asiaq_lang::{Diagnostic, Span};

use super::Project;
use super::same::same;
use crate::block::{Block, Hit, winners};
use crate::errors::{self, Same};
use crate::evaluate::Evaluator;
use crate::library::kinds::{self, REPEATABLE};
use crate::model::{Environment, run_block};
use crate::typing::Variables;

pub(super) fn find(project: &Project<'_>, found: &mut Vec<Diagnostic>) {
    let mut of_env: BTreeMap<&str, Evaluator<'_, '_>> = BTreeMap::new();
    for kind in [kinds::HOSTCLASS, kinds::PIPELINE, kinds::PROJECT] {
        let decls: Vec<&Decl> = match kind {
            kinds::PROJECT => project.names.projects().collect(),
            _ => project.names.of_kind(kind).filter_map(|name| project.names.get(kind, name)).collect(),
        };
        let heirs = heirs(&decls);
        for decl in &decls {
            let overrides = overrides(decl);
            if overrides.is_empty() {
                continue;
            }
            let bearers = bearers(project, decl, &heirs);
            for found_override in overrides {
                if let Some(stray) = stray(project, decl, &bearers, &found_override) {
                    found.push(stray);
                } else {
                    found.extend(idle(project, &mut of_env, kind, &bearers, &found_override));
                }
            }
        }
    }
}

/// A setting for some environments only.
struct Found<'a> {
    setting: &'a Setting,
    context: &'a Context,
    /// The override block that directly contains it, if there is one.
    block: Option<&'a Override>,
    /// The nested declarations around it, the outermost first.
    inside: Vec<&'a Decl>,
}

fn overrides(decl: &Decl) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    overrides_in(&decl.body, None, &mut Vec::new(), &mut found);
    found
}

/// Adds the overrides in `body`; `outer` is the block of overrides that it is, or that it is in.
fn overrides_in<'a>(
    body: &'a Body,
    outer: Option<(&'a Override, IsDirect)>,
    inside: &mut Vec<&'a Decl>,
    found: &mut Vec<Found<'a>>,
) {
    for member in &body.members {
        match member {
            Member::Field(setting) => {
                let context = setting.context.as_ref().or(outer.map(|(block, _)| &block.context));
                let block =
                    outer.filter(|(_, is_direct)| *is_direct == IsDirect::Yes).map(|(block, _)| block);
                let inside = inside.clone();
                found.extend(context.map(|context| Found { setting, context, block, inside }));
            }
            Member::Override(block) => overrides_in(&block.body, Some((block, IsDirect::Yes)), inside, found),
            Member::Decl(decl) => {
                inside.push(decl);
                overrides_in(&decl.body, outer.map(|(block, _)| (block, IsDirect::No)), inside, found);
                inside.pop();
            }
            Member::Statement(_) => {}
        }
    }
}

/// Whether a field is directly in an override block, and not in a declaration there.
#[derive(Clone, Copy, PartialEq)]
enum IsDirect {
    Yes,
    No,
}

impl Found<'_> {
    /// The text to remove with the setting: the whole block if it contains nothing else.
    fn removal(&self, project: &Project<'_>) -> Span {
        let alone = self.block.filter(|block| block.body.members.len() == 1);
        project.removal(alone.map_or(self.setting.span, |block| block.span))
    }

    /// The name and, where it is its own, the context.
    fn heading(&self) -> Span {
        let name = self.setting.name.span;
        self.setting.context.as_ref().map_or(name, |context| name.to(context.span))
    }

    /// The kind of the declaration that directly contains the field, in a declaration of kind `top`.
    fn kind<'k>(&self, top: &'k str) -> &'k str
    where
        Self: 'k,
    {
        self.inside.last().map_or(top, |decl| decl.kind.text.as_str())
    }

    /// The merged block that contains the setting in an environment of this `lineage`; absent if it is ambiguous.
    fn block_in<'b>(&self, top: &Block<'b>, lineage: &[&str]) -> Option<Block<'b>> {
        let name = |decl: &&Decl| decl.name.as_ref().map(|name| name.text.clone());
        let (mut block, rest) = match self.inside.as_slice() {
            [stage, run, rest @ ..] if stage.kind.text == kinds::STAGE => {
                (run_block(top, &name(run)?, lineage)?, rest)
            }
            [stage] if stage.kind.text == kinds::STAGE => return None,
            rest => (top.clone(), rest),
        };
        for decl in rest {
            // Repeated declarations without a name cannot be told apart.
            if REPEATABLE.contains(&decl.kind.text.as_str()) {
                return None;
            }
            block = block.child(&decl.kind.text, name(decl).as_deref(), lineage)?;
        }
        Some(block)
    }
}

/// A declaration with its ancestors' fields, and the environments it applies in.
struct Bearer<'a> {
    block: Block<'a>,
    environments: Vec<&'a Environment>,
}

/// Declarations by the name of their parent.
fn heirs<'a>(decls: &[&'a Decl]) -> BTreeMap<&'a str, Vec<&'a Decl>> {
    let mut heirs: BTreeMap<&str, Vec<&Decl>> = BTreeMap::new();
    for decl in decls {
        if let Some(parent) = &decl.parent {
            heirs.entry(&parent.text).or_default().push(decl);
        }
    }
    heirs
}

/// `decl` and everything that inherits from it, in order of name.
fn bearers<'a>(
    project: &Project<'a>,
    decl: &'a Decl,
    heirs: &BTreeMap<&'a str, Vec<&'a Decl>>,
) -> Vec<Bearer<'a>> {
    let environments = &project.model.environments;
    let kind = decl.kind.text.as_str();
    if kind == kinds::PROJECT {
        return vec![Bearer { block: Block::of_chain(&[decl]), environments: environments.iter().collect() }];
    }
    let has = |env: &Environment, name: &str| match kind {
        kinds::PIPELINE => env.pipeline.as_ref().is_some_and(|pipeline| pipeline.name == name),
        _ => env.host(name).is_some(),
    };
    let mut bearers = BTreeMap::new();
    let mut waiting = vec![decl];
    while let Some(heir) = waiting.pop() {
        let Some(name) = heir.name.as_ref().map(|name| name.text.as_str()) else { continue };
        let Some(chain) = project.names.whole_chain(heir) else { continue };
        let bearer = Bearer {
            block: Block::of_chain(&chain),
            environments: environments.iter().filter(|env| has(env, name)).collect(),
        };
        if bearers.insert(name, bearer).is_none() {
            waiting.extend(heirs.get(name).into_iter().flatten());
        }
    }
    bearers.into_values().collect()
}

/// An override for environments in which nothing bears it.
fn stray(
    project: &Project<'_>,
    decl: &Decl,
    bearers: &[Bearer<'_>],
    found: &Found<'_>,
) -> Option<Diagnostic> {
    let lacks = |name: &&Name| {
        let envs: Vec<&str> =
            project.model.environments_of(&name.text).map(|env| env.name.as_str()).collect();
        let has =
            |env: &str| bearers.iter().any(|bearer| bearer.environments.iter().any(|has| has.name == env));
        (!envs.is_empty() && !envs.iter().any(|env| has(env))).then_some((name.span, envs))
    };
    let host = decl.name.as_ref()?;
    let names = &found.context.names;
    let lacking: Vec<(&Name, Span, Vec<&str>)> =
        names.iter().filter_map(|name| lacks(&name).map(|(span, envs)| (name, span, envs))).collect();
    let (name, span, envs) = lacking.first()?;
    let heading = format!("{}@{}", found.setting.name.text, name.text);
    let diagnostic = match decl.kind.text.as_str() {
        kinds::PIPELINE => errors::stray_run_override(*span, &heading, &host.text, envs),
        _ => errors::stray_override(*span, &heading, &name.text, &host.text, envs),
    };
    if lacking.len() < names.len() {
        return Some(diagnostic);
    }
    Some(diagnostic.fix("remove the override", found.removal(project), ""))
}

/// An override with the value that applies without it, in every declaration that inherits it.
fn idle<'a>(
    project: &Project<'a>,
    of_env: &mut BTreeMap<&'a str, Evaluator<'a, 'a>>,
    kind: &str,
    bearers: &[Bearer<'a>],
    found: &Found<'_>,
) -> Option<Diagnostic> {
    let field = project.schemas.kind(found.kind(kind))?.field(&found.setting.name.text)?;
    let mut same_as = None;
    for bearer in bearers {
        for env in &bearer.environments {
            let evaluator = of_env.entry(&env.name).or_insert_with(|| evaluator(project, env));
            let Some(block) = found.block_in(&bearer.block, &evaluator.lineage) else { continue };
            let hits = block.hits(&field.name, &evaluator.lineage);
            let is_it = |setting: &Setting| std::ptr::eq(setting, found.setting);
            if !hits.iter().any(|hit| is_it(hit.setting)) {
                continue;
            }
            let without: Vec<Hit<'_>> = hits.iter().filter(|hit| !is_it(hit.setting)).copied().collect();
            let (with, other) = (evaluator.value(field, &hits)?, evaluator.value(field, &without)?);
            if !same(&with, &other) {
                return None;
            }
            let counts = winners(&hits).1.iter().any(|setting| is_it(setting));
            if counts && same_as.is_none() {
                same_as = Some(without.first().map_or(Same::Default, |hit| Same::Setting(hit.setting.span)));
            }
        }
    }
    let heading = (found.heading(), project.sources.slice(found.setting.span));
    Some(errors::idle_override(heading, same_as?, found.removal(project)))
}

fn evaluator<'a>(project: &Project<'a>, env: &'a Environment) -> Evaluator<'a, 'a> {
    let mut variables = Variables::from([
        ("env.name", env.name.clone()),
        ("env.type", env.types.first().cloned().unwrap_or_default()),
        ("project.name", project.model.project.clone()),
        ("project.region", env.region.value.clone()),
    ]);
    let common = &env.common;
    for (variable, text) in [("project.domain", &common.domain), ("project.team", &common.team)] {
        if let Some(text) = text {
            variables.insert(variable, text.value.clone());
        }
    }
    let lineage = std::iter::once(env.name.as_str()).chain(env.types.iter().map(String::as_str)).collect();
    Evaluator { schemas: project.schemas, names: project.names, lineage, variables }
}
