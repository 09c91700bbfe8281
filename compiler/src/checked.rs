//! A project that has been checked, and what can be asked of it.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{Facts, Ir, Origin};
use asiaq_lang::ast::Allow;
use asiaq_lang::{Diagnostic, SourceMap, Tag};

use crate::allows;
use crate::layout::{self, ZoneCost};
use crate::lower::{self, Machines};
use crate::model::{self, Model};
use crate::resources::Resources;

/// A checked project.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The texts that the diagnostics are about, the library's included.
    pub sources: SourceMap,
    /// Errors and warnings in order of place; each mistake once.
    pub diagnostics: Vec<Diagnostic>,
    pub(crate) model: Model,
    /// The warnings that the project switches off, and where.
    pub(crate) allows: Vec<Allow>,
    /// The resources for an account that holds nothing yet, without machines that another environment proves.
    pub(crate) resources: Resources,
}

/// A project lowered for an account.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The wanted resources.
    pub ir: Ir,
    /// Errors and warnings that depend on the account.
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
    /// Its pipeline.
    pub pipeline: Option<PipelineSummary>,
}

/// The pipeline of an environment.
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

impl Checked {
    /// Whether the program is refused.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether the program is refused for more than claims that do not hold.
    pub fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(|found| found.is_error() && !found.code.has(Tag::Claim))
    }

    /// The project's name.
    pub fn project(&self) -> &str {
        &self.model.project
    }

    /// A region of the program, for calls that belong to none.
    pub fn usual_region(&self) -> Option<String> {
        let of_environments = self.model.environments.iter().map(|env| &env.region.value);
        self.model.region.iter().chain(of_environments).min().cloned()
    }

    /// The project's region.
    pub fn region(&self) -> Option<String> {
        self.model.region.clone()
    }

    /// The hostclasses that the program declares or runs.
    pub fn hostclasses(&self) -> BTreeSet<String> {
        let environments = || self.model.environments.iter();
        let declared = environments().flat_map(|env| env.hosts.iter().map(|host| host.name.clone()));
        let run = environments().flat_map(|env| env.running().map(|(_, run)| run.hostclass.clone()));
        declared.chain(run).collect()
    }

    /// The stages of images that the program accepts somewhere or gives: values of the tag `stage`.
    pub fn image_stages(&self) -> BTreeSet<String> {
        let environments = || self.model.environments.iter();
        let of_hosts =
            environments().flat_map(|env| &env.hosts).filter_map(|host| host.machine.image.stages.as_ref());
        let lists = environments().map(|env| &env.ami_stages).chain(of_hosts);
        let accepted = lists.flat_map(|stages| &stages.value).map(|stage| stage.value.trim().to_owned());
        let bakes = &self.model.bakes;
        let roles = [&bakes.stages.new, &bakes.stages.good, &bakes.stages.bad].map(Clone::clone);
        accepted.chain(roles.into_iter().filter(|_| bakes.bakery.is_some())).collect()
    }

    /// Whether the program allows a warning, anywhere.
    pub fn allows(&self, code: &str) -> bool {
        self.allows.iter().flat_map(|allow| &allow.codes).any(|allowed| allowed.text == code)
    }

    /// The environments and accounts of the program, with the resources for accounts that hold nothing yet, except
    /// machines that another environment proves.
    pub fn declared(&self) -> &Ir {
        &self.resources.ir
    }

    /// The credential buckets in which environments keep their operators, by environment.
    pub fn operator_buckets(&self) -> BTreeMap<String, String> {
        let kept = self.model.environments.iter().filter(|env| env.keeps_operators.value);
        let bucket = |env: &model::Environment| {
            let first = env.credential_buckets.value.first()?;
            Some(asiaq_ir::credential_bucket(&env.region.value, &self.model.project, &first.value))
        };
        kept.filter_map(|env| Some((env.name.clone(), bucket(env)?))).collect()
    }

    /// The names that environments had before, with those that they have.
    pub fn moved_environments(&self) -> BTreeMap<String, String> {
        let mut moved = self.model.moved();
        moved.retain(|old, _| !old.contains('/'));
        moved
    }

    /// Lowers the project for an account that holds `facts`. Diagnostics of [`check`](crate::check) are not
    /// repeated.
    pub fn lower(&self, facts: &Facts) -> Lowered {
        self.lower_for(facts, None)
    }

    /// Lowers the project for an account that holds `facts`, but reports what the account lacks for the
    /// environments `only` alone.
    pub fn lower_for(&self, facts: &Facts, only: Option<&BTreeSet<String>>) -> Lowered {
        let is_lowered = self.resources.is_whole && only.is_none() && *facts == Facts::default();
        let resources = if is_lowered {
            self.resources.clone()
        } else {
            Resources::of(&self.sources, &self.model, facts, only, Machines::All)
        };
        let Resources { ir, mut diagnostics, limits, .. } = resources;
        diagnostics.extend(limits);
        diagnostics.retain(|diagnostic| !self.diagnostics.contains(diagnostic));
        allows::silence(&self.allows, &mut diagnostics);
        Lowered { ir, diagnostics: sort_and_deduplicate(diagnostics) }
    }

    /// What one more zone costs where metanetworks have no part for it.
    pub fn zone_costs(&self) -> Vec<ZoneCost> {
        layout::zone_costs(&self.sources, &self.model, &self.resources.layout)
    }

    /// The envtypes, in order of name, with the region that an environment of the type has unless it says another.
    pub fn envtypes(&self) -> &[(String, Option<String>)] {
        &self.model.envtypes
    }

    /// The place of the declaration of an environment.
    pub fn declared_at(&self, env: &str) -> Option<Origin> {
        Some(lower::origin(&self.sources, self.model.environment(env)?.span))
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

    /// The hostclasses through which instances of an environment are reached over SSH, in order of preference.
    pub fn jump_hosts(&self, env: &str) -> Vec<String> {
        let hosts = self.model.environment(env).map(|env| env.common.jump_hosts.iter());
        hosts.into_iter().flatten().map(|host| host.value.clone()).collect()
    }

    /// The place that protects the instances of a hostclass in an environment: the hostclass's setting, or else the
    /// environment's; absent if neither is set.
    pub fn protection(&self, env: &str, hostclass: &str) -> Option<Origin> {
        let env = self.model.environment(env)?;
        let place = env.protects(hostclass).or_else(|| env.protects(""))?;
        Some(lower::origin(&self.sources, place))
    }
}

/// Sorts diagnostics by place and keeps one of each place and code: several environments inherit one mistake.
pub(crate) fn sort_and_deduplicate(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    diagnostics.sort_by_key(|diagnostic| (diagnostic.primary, diagnostic.severity));
    diagnostics.retain(|diagnostic| seen.insert((diagnostic.primary, diagnostic.code)));
    diagnostics
}
