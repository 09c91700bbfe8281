//! A project that has been checked, and what can be asked of it.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use asiaq_ir::{Facts, Ir, Origin};
use asiaq_lang::ast::Allow;
use asiaq_lang::{Diagnostic, SourceMap, Span, Tag, codes};

use crate::layout::Layout;
use crate::model::{self, Model};
use crate::names::Names;
use crate::schema::Schemas;
use crate::warnings::{self, Project};
use crate::{Workspace, allows, declarations, expect, layout, lower, proof};

/// A checked project.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The texts, for messages.
    pub sources: SourceMap,
    /// What is wrong, in order of place; each mistake once.
    pub diagnostics: Vec<Diagnostic>,
    pub(crate) model: Model,
    /// What is not to be said, and where.
    pub(crate) allows: Vec<Allow>,
}

/// What a project asks for, and what stands in the way.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The wanted resources.
    pub ir: Ir,
    /// What is wrong in view of the account.
    pub diagnostics: Vec<Diagnostic>,
}

/// An environment in a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct EnvironmentSummary {
    /// Name.
    pub name: String,
    /// The envtype it inherits from.
    #[serde(rename = "type")]
    pub envtype: Option<String>,
    /// AWS region.
    pub region: String,
    /// Account it must be in.
    pub account: Option<String>,
    /// Whether it refuses what replaces or loses something.
    pub protect: bool,
    /// Its block; the pool and size where it is chosen at the first apply.
    pub cidr: String,
    /// Number of zones.
    pub zones: usize,
    /// Its metanetworks.
    pub networks: Vec<String>,
    /// What runs in it.
    pub pipeline: Option<PipelineSummary>,
}

/// What runs in an environment.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PipelineSummary {
    /// Name of the pipeline.
    pub name: String,
    /// The hostclasses of each stage, in order.
    pub stages: Vec<Vec<String>>,
}

impl PipelineSummary {
    fn of(pipeline: &model::Pipeline) -> Self {
        let runs = |stage: &model::Stage| stage.runs.iter().map(|run| run.hostclass.clone()).collect();
        Self { name: pipeline.name.clone(), stages: pipeline.stages.iter().map(runs).collect() }
    }
}

/// A checked project with what was made on the way.
pub(crate) struct CheckedWorkspace {
    pub(crate) checked: Checked,
    /// Who gets which block, as far as nothing is live.
    pub(crate) layout: Layout,
    /// The resources it asks for, as far as nothing is live.
    pub(crate) ir: Ir,
}

/// Checks a project: names, types, overrides, and the proofs for all its environments together.
pub fn check(workspace: Workspace) -> Checked {
    analyse(workspace).checked
}

/// The same, with what is made on the way.
pub(crate) fn analyse(workspace: Workspace) -> CheckedWorkspace {
    let mut diagnostics = workspace.diagnostics();
    if !workspace.is_whole {
        // Half the names may be in the file that is not there: whatever else is wrong is a guess.
        let checked = Checked {
            sources: workspace.sources,
            diagnostics: tidy(diagnostics),
            model: Model::default(),
            allows: Vec::new(),
        };
        return CheckedWorkspace { checked, layout: Layout::default(), ir: Ir::default() };
    }
    // Where a bracket is missing, names and types are still checked, but nothing can be proved.
    let unbalanced = unbalanced(&workspace.sources, &diagnostics);
    let schemas = Schemas::read(&workspace.files);
    let names = Names::collect(&workspace.files, &mut diagnostics);
    diagnostics.extend(declarations::check(&workspace.files, &schemas, &names));
    let mut proofs = Vec::new();
    let model = model::build(&schemas, &names, &mut proofs);
    let laid = layout::layout(&model, &Facts::default(), &mut proofs);
    proofs.extend(proof::prove(&model, &laid));
    // Lowering finds what only the finished resources show, such as a peering across accounts.
    let ir = lower::lower(&workspace.sources, &model, &laid, &Facts::default(), None, &mut proofs);
    let claims = expect::read(&workspace.files, &names, &model, &mut proofs);
    // What a broken value leads to is not a second mistake.
    proofs.retain(|proof| {
        let places = || proof.related.iter().map(|related| related.span).chain([proof.primary]);
        // A broken value may go on where the parser has given it up.
        let start = |found: &Diagnostic| Span { end: found.primary.start, ..found.primary };
        let is_broken = |found: &Diagnostic| places().any(|place| place.contains(start(found)));
        // Nor is what a declaration or a field lacks that is broken right behind its name.
        let follows = |found: &Diagnostic| {
            let broken = found.primary;
            places().any(|name| {
                let between = Span { start: name.end, end: broken.start, ..name };
                name.file == broken.file
                    && name.end <= broken.start
                    && workspace.sources.slice(between).chars().all(|c| matches!(c, ' ' | '\t' | ':'))
            })
        };
        // What nothing separates is sound all the same.
        let is_sound =
            |found: &Diagnostic| found.code == codes::MISSING_SEPARATOR && found.primary.range().is_empty();
        let errors = diagnostics.iter().filter(|found| found.is_error() && !is_sound(found));
        !errors.into_iter().any(|found| is_broken(found) || follows(found))
    });
    if unbalanced.is_empty() {
        diagnostics.append(&mut proofs);
    }
    diagnostics.retain(|found| {
        is_delimiter(found) || !unbalanced.iter().any(|unbalanced| unbalanced.contains(found.primary))
    });
    let allows: Vec<Allow> =
        allows::of_project(&workspace.sources, workspace.files.iter().map(Borrow::borrow)).cloned().collect();
    diagnostics.extend(allows::check(&allows));
    let is_sound = !diagnostics.iter().any(Diagnostic::is_error);
    if is_sound {
        // What is not meant in a program with errors is anybody's guess.
        let project =
            Project::new(&workspace.sources, &workspace.files, &names, &schemas, &model, &laid, &ir);
        diagnostics.extend(warnings::find(&project));
        diagnostics.extend(expect::prove(&claims, &ir, &workspace.sources, &model));
    }
    let idle = allows::silence(&allows, &mut diagnostics);
    if is_sound {
        diagnostics.extend(allows::idle(&workspace.sources, &allows, &idle));
    }
    let checked = Checked { diagnostics: tidy(diagnostics), sources: workspace.sources, model, allows };
    CheckedWorkspace { checked, layout: laid, ir }
}

impl Checked {
    /// Whether the program is refused.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The project's name.
    pub fn project(&self) -> &str {
        &self.model.project
    }

    /// The project's region, and those of the environments that may be in `account`; of all of them where
    /// none is named.
    pub fn regions(&self, account: Option<&str>) -> BTreeSet<String> {
        let is_here = |env: &&model::Environment| match (&env.account, account) {
            (Some(declared), Some(account)) => declared.value == account,
            (None, _) | (_, None) => true,
        };
        let of_environments = self.model.environments.iter().filter(is_here);
        let of_environments = of_environments.map(|env| env.region.value.clone());
        self.model.region.clone().into_iter().chain(of_environments).collect()
    }

    /// Lowers the project for an account that holds `facts`. What [`check`] has said is not said again.
    pub fn lower(&self, facts: &Facts) -> Lowered {
        self.lower_for(facts, None)
    }

    /// The same for somebody who asks about the environments `only`: what the account lacks for others is not said.
    pub fn lower_for(&self, facts: &Facts, only: Option<&BTreeSet<String>>) -> Lowered {
        let mut diagnostics = Vec::new();
        let laid = layout::layout(&self.model, facts, &mut diagnostics);
        diagnostics.extend(proof::prove(&self.model, &laid));
        let ir = lower::lower(&self.sources, &self.model, &laid, facts, only, &mut diagnostics);
        diagnostics.retain(|diagnostic| !self.diagnostics.contains(diagnostic));
        allows::silence(&self.allows, &mut diagnostics);
        Lowered { ir, diagnostics: tidy(diagnostics) }
    }

    /// The declared environments, in order of declaration.
    pub fn environments(&self) -> Vec<EnvironmentSummary> {
        let summary = |env: &model::Environment| EnvironmentSummary {
            name: env.name.clone(),
            envtype: env.types.first().cloned(),
            region: env.region.value.clone(),
            account: env.account.as_ref().map(|account| account.value.clone()),
            protect: env.protect.value,
            cidr: self
                .sources
                .slice(env.cidr.span())
                .split_once('=')
                .map_or_else(String::new, |(_, value)| value.trim().to_owned()),
            zones: env.zones.value,
            networks: env.network_names().into_iter().map(str::to_owned).collect(),
            pipeline: env.pipeline.as_deref().map(PipelineSummary::of),
        };
        self.model.environments.iter().map(summary).collect()
    }

    /// The place that protects the machines of a hostclass in an environment: its own word, or else the
    /// environment's; absent where neither does.
    pub fn protection(&self, env: &str, hostclass: &str) -> Option<Origin> {
        let env = self.model.environment(env)?;
        let place = env.protects(hostclass).or_else(|| env.protects(""))?;
        Some(lower::origin(&self.sources, place))
    }
}

/// Whether it says that a bracket lacks its partner.
fn is_delimiter(found: &Diagnostic) -> bool {
    found.code.has(Tag::Delimiter)
}

/// The stretches that mean something else than they say, since a bracket in them lacks its partner: for one that
/// is not opened the declaration before it, for one that is not closed the rest of its line.
fn unbalanced(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<Span> {
    let stretch = |found: &Diagnostic| {
        let place = found.primary;
        let text = sources.text(place.file);
        let (before, after) = text.split_at_checked(place.range().start)?;
        if found.code == codes::STRAY_CLOSE {
            let begins = |line: &&str| line.starts_with(|c: char| c.is_ascii_alphabetic());
            let lines = before.split_inclusive('\n').rev();
            let mut start = before.len();
            for line in lines {
                start -= line.len();
                if begins(&line) {
                    break;
                }
            }
            return Some(Span::new(place.file, start, place.range().end));
        }
        let line = after.split(['\n', '\r']).next().unwrap_or("").len();
        Some(Span::new(place.file, place.range().start, place.range().start + line))
    };
    diagnostics.iter().filter(|found| is_delimiter(found)).filter_map(stretch).collect()
}

/// In order of place, each mistake once: what several environments inherit is one mistake.
fn tidy(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    diagnostics.sort_by_key(|diagnostic| (diagnostic.primary, diagnostic.severity));
    diagnostics.retain(|diagnostic| seen.insert((diagnostic.primary, diagnostic.code)));
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Files;

    struct One(&'static str);

    impl Files for One {
        fn read(&self, _: &str) -> Result<String, String> {
            Ok(self.0.to_owned())
        }
    }

    #[test]
    fn regions_of_other_accounts_are_not_looked_at() {
        let text = "project p { region = us-west-2 }
account one { id = \"111111111111\" }
account two { id = \"222222222222\" }
env a { cidr = 10.0.0.0/20, region = eu-west-1, account = one }
env b { cidr = 10.1.0.0/20, region = us-gov-west-1, account = two }
env c { cidr = 10.2.0.0/20, region = eu-west-3 }
";
        let checked = check(Workspace::load(&["infra.asq".to_owned()], &One(text)).unwrap());
        assert_eq!(checked.diagnostics, []);
        let regions = |account| checked.regions(account).into_iter().collect::<Vec<_>>();
        assert_eq!(regions(Some("111111111111")), ["eu-west-1", "eu-west-3", "us-west-2"]);
        assert_eq!(regions(None), ["eu-west-1", "eu-west-3", "us-gov-west-1", "us-west-2"]);
    }
}
