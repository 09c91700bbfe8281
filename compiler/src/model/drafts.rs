//! Environments that nobody declares, in which the declarations that no environment uses are evaluated. They show the
//! mistakes of an envtype, a pipeline, a hostclass or an alarm before its first use, and are never part of a project.

mod settings;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use asiaq_lang::ast::Decl;
use asiaq_lang::{Diagnostic, FileId, Span};
use ipnet::Ipv4Net;

use self::settings::Settings;
use super::build::{Builder, DRAFT_NAME};
use super::hosts::Hostclasses;
use super::machines::Pipelines;
use super::{
    Environment, Evaluated, Host, HostsOfRuns, Model, Network, Pipeline, Provenance, Stage, references,
};
use crate::block::Block;
use crate::errors::{self, codes};
use crate::evaluate::Resolved;
use crate::library::kinds;
use crate::names::{Names, name_span, parent_kind};
use crate::schema::Schemas;
use crate::value::{Address, Capacity, Route, Spanned, Via};

/// Overrides of an unused pipeline that are tried.
const CONTEXTS: usize = 3;

/// An environment that nobody declares.
pub(crate) struct Draft {
    /// A model of it alone.
    pub(crate) model: Model,
    /// How messages call it.
    pub(crate) shown: String,
    /// Whether its CIDR block is declared, so that its address space is known.
    pub(crate) has_space: bool,
    /// What was found while it was evaluated.
    pub(crate) found: Vec<Diagnostic>,
}

/// The drafts for whatever `model`, whose environments are the declared ones, does not use. They have the hostclasses and
/// runs that were `evaluated` for it. Only files for which `is_own` holds are looked at.
pub(crate) fn drafts<'a>(
    schemas: &Schemas,
    names: &Names<'a>,
    (model, evaluated): (&Model, Evaluated<'a>),
    is_own: &dyn Fn(FileId) -> bool,
) -> Vec<Draft> {
    let parents: BTreeSet<(&str, &str)> = names
        .all()
        .filter_map(|(kind, _, decl)| Some((parent_kind(kind), decl.parent.as_ref()?.text.as_str())))
        .collect();
    let (hostclasses, networks) = (OnceCell::new(), OnceCell::new());
    let mut drafter =
        Drafter { schemas, names, model, is_own, parents, hostclasses, networks, drafts: Vec::new() };
    drafter.envtypes(evaluated);
    drafter.pipelines();
    drafter.rest();
    drafter.drafts
}

/// An environment of envtype `name`, which no environment of `model` is of. It has the name of the envtype.
pub(crate) fn draft_of(schemas: &Schemas, names: &Names<'_>, model: &Model, name: &str) -> Option<Draft> {
    let decl = names.get(kinds::ENVTYPE, name)?;
    let builder = Builder::draft(schemas, names, model, names.lineage(name));
    let has_space = builder.has_cidr(decl);
    let (mut hostclasses, mut pipelines) = (Hostclasses::of(names), Pipelines::of(names));
    let (env, found) = of_envtype(builder, decl, &mut hostclasses, &mut pipelines)?;
    let shown = format!("`{name}`");
    Some(Draft { model: alone(model, env), shown, has_space, found })
}

/// The environment that `builder` makes of an envtype, and what was found.
fn of_envtype<'a>(
    builder: Builder<'a, '_>,
    decl: &'a Decl,
    hostclasses: &mut Hostclasses<'a>,
    pipelines: &mut Pipelines<'a>,
) -> Option<(Environment, Vec<Diagnostic>)> {
    let types = builder.evaluator.lineage.iter().map(|&name| name.to_owned()).collect();
    let mut found = Vec::new();
    let env = builder.environment(decl, hostclasses, pipelines, &mut found)?;
    // An environment of the type has to add what is missing.
    found.retain(|found| found.code != codes::MISSING_FIELD);
    Some((Environment { types, ..env }, found))
}

/// A model of an environment alone, in the project of `model`.
fn alone(model: &Model, env: Environment) -> Model {
    let Model { project, region, .. } = model;
    Model {
        project: project.clone(),
        region: region.clone(),
        environments: vec![env],
        is_draft: true,
        ..Model::default()
    }
}

struct Drafter<'a, 'b> {
    schemas: &'b Schemas,
    names: &'b Names<'a>,
    model: &'b Model,
    is_own: &'b dyn Fn(FileId) -> bool,
    /// What something inherits from: it is evaluated with its heirs.
    parents: BTreeSet<(&'a str, &'a str)>,
    hostclasses: OnceCell<Hostclasses<'a>>,
    /// The metanetworks of all environments and envtypes.
    networks: OnceCell<BTreeSet<&'a str>>,
    drafts: Vec<Draft>,
}

impl<'a, 'b> Drafter<'a, 'b> {
    /// The names of the project's own declarations of `kind` from which nothing inherits.
    fn leaves(&self, kind: &'static str) -> Vec<&'a str> {
        let is_leaf = |name: &&str| {
            let is_own = self.names.get(kind, name).is_some_and(|decl| (self.is_own)(decl.span.file));
            is_own && !self.parents.contains(&(kind, *name))
        };
        self.names.of_kind(kind).filter(is_leaf).collect()
    }

    /// The environments of the project, and the drafts so far.
    fn environments(&self) -> impl Iterator<Item = &Environment> {
        let drafts = self.drafts.iter().flat_map(|draft| &draft.model.environments);
        self.model.environments.iter().chain(drafts)
    }

    fn builder(&self, lineage: Vec<&'a str>) -> Builder<'a, 'b> {
        Builder::draft(self.schemas, self.names, self.model, lineage)
    }

    /// The environments as which something with overrides for `contexts` is evaluated: together with other overrides, or
    /// with none, it might be what no environment ever has.
    fn lineages(&self, contexts: &BTreeSet<&'a str>) -> Vec<Vec<&'a str>> {
        if contexts.is_empty() {
            let first = self.names.env_order().first();
            return vec![first.map(|env| self.names.lineage(env)).unwrap_or_default()];
        }
        contexts.iter().take(CONTEXTS).map(|context| self.names.lineage(context)).collect()
    }

    fn hostclasses(&self) -> &Hostclasses<'a> {
        self.hostclasses.get_or_init(|| Hostclasses::of(self.names))
    }

    fn push(&mut self, env: Environment, shown: String, has_space: bool, found: Vec<Diagnostic>) {
        let model = alone(self.model, env);
        self.drafts.push(Draft { model, shown, has_space, found });
    }

    fn envtypes(&mut self, evaluated: Evaluated<'a>) {
        let mut settings = Settings::new(evaluated.hostclasses, evaluated.pipelines);
        for name in self.leaves(kinds::ENVTYPE) {
            let Some(decl) = self.names.get(kinds::ENVTYPE, name) else { continue };
            let builder = || self.builder(self.names.lineage(name));
            let has_space = builder().has_cidr(decl);
            let (mut no_hostclasses, mut no_pipelines) = (Hostclasses::default(), Pipelines::default());
            let bare = of_envtype(builder(), decl, &mut no_hostclasses, &mut no_pipelines);
            // Where machines get addresses depends on the address space.
            let are_known = !has_space && bare.as_ref().is_some_and(|(bare, _)| settings.have(bare));
            let (hostclasses, pipelines) = settings.machines();
            let draft = if are_known { bare } else { of_envtype(builder(), decl, hostclasses, pipelines) };
            let Some((mut env, found)) = draft else { continue };
            DRAFT_NAME.clone_into(&mut env.name);
            self.push(env, format!("`{name}`"), has_space, found);
            self.references();
        }
    }

    /// Finds metanetworks that the last draft lacks, where the name of another is near: an heir may declare the others.
    fn references(&mut self) {
        let Some(draft) = self.drafts.last_mut() else { return };
        let mut found = Vec::new();
        references::check(&draft.model, self.names, &mut found);
        let is_suggested =
            |found: &Diagnostic| found.help.as_ref().is_some_and(|help| help.starts_with("did you mean"));
        let is_near = |found: &Diagnostic| found.code != codes::UNKNOWN_NETWORK || is_suggested(found);
        let is_known = |found: &Diagnostic| {
            found.code != codes::RULE_WITHOUT_PEERING && found.code != codes::RUN_WITHOUT_NETWORK
        };
        found.retain(|found| is_near(found) && is_known(found));
        draft.found.append(&mut found);
    }

    fn pipelines(&mut self) {
        let named: BTreeSet<String> =
            self.environments().filter_map(|env| Some(env.runs_by.as_ref()?.value.clone())).collect();
        for name in self.leaves(kinds::PIPELINE).into_iter().filter(|name| !named.contains(*name)) {
            let Some(decl) = self.names.get(kinds::PIPELINE, name) else { continue };
            let Some(chain) = self.names.whole_chain(decl) else { continue };
            let mut pipelines = Pipelines::of_one(self.names, name);
            for lineage in self.lineages(&Block::of_chain(&chain).contexts()) {
                let builder = self.builder(lineage);
                let mut found = Vec::new();
                let mut provenance = Provenance::default();
                let pipeline = pipelines.find(name, &builder.evaluator, &mut provenance, &mut found);
                let Some(pipeline) = pipeline else { continue };
                let hosts = self.hostclasses();
                let hosts = pipeline.runs().filter_map(|run| {
                    let (host, is_homeless) =
                        hosts.drafted(&run.hostclass, &builder.evaluator, &mut found)?;
                    if is_homeless {
                        found.push(errors::run_without_network(run.span, &run.hostclass));
                    }
                    Some(host)
                });
                let hosts = hosts.collect();
                self.draft_of(builder, name_span(decl), hosts, pipeline, found);
            }
        }
    }

    /// The hostclasses that nothing runs, and the alarms about them.
    fn rest(&mut self) {
        let running: BTreeSet<String> = self
            .environments()
            .flat_map(|env| &env.pipeline)
            .flat_map(|pipeline| pipeline.runs())
            .map(|run| run.hostclass.clone())
            .collect();
        let wanted: Vec<&str> =
            self.leaves(kinds::HOSTCLASS).into_iter().filter(|name| !running.contains(*name)).collect();
        let watched = [kinds::TOPIC, kinds::ALARM, kinds::LOG_METRIC, kinds::OPERATOR];
        let is_watched = || watched.iter().any(|kind| !self.leaves(kind).is_empty());
        let is_alone = self.environments().next().is_none() && is_watched();
        if wanted.is_empty() && !is_alone {
            return;
        }
        let (mut found, mut hosts, mut runs) = (Vec::new(), Vec::new(), Vec::new());
        for name in wanted {
            let Some(contexts) = self.hostclasses().contexts(name) else { continue };
            let Some(lineage) = self.lineages(contexts).into_iter().next() else { continue };
            let evaluator = self.builder(lineage).evaluator;
            let Some((host, _)) = self.hostclasses().drafted(name, &evaluator, &mut found) else { continue };
            let mut run = Pipelines::run_of_nobody(name, host.span, &evaluator);
            // One instance: a number is not what is asked about here.
            run.sizes.desired = Some(Resolved { value: Capacity::Always(1), chain: vec![host.span] });
            runs.push(run);
            hosts.push(host);
        }
        let site = hosts.first().map_or_else(Span::default, |host: &Arc<Host>| host.span);
        let stages = if runs.is_empty() { Vec::new() } else { vec![Stage { span: site, runs }] };
        let pipeline = Arc::new(Pipeline::new(String::new(), stages));
        let builder = self.builder(self.lineages(&BTreeSet::new()).into_iter().next().unwrap_or_default());
        self.draft_of(builder, site, hosts, pipeline, found);
    }

    /// A draft that runs `pipeline`, with every metanetwork that the hostclasses name.
    fn draft_of(
        &mut self,
        builder: Builder<'a, 'b>,
        site: Span,
        mut hosts: Vec<Arc<Host>>,
        pipeline: Arc<Pipeline>,
        mut found: Vec<Diagnostic>,
    ) {
        self.networks_of_nobody(&hosts, &mut found);
        let mut networks: BTreeMap<&str, Network> = BTreeMap::new();
        for (network, span) in hosts.iter().flat_map(|host| named_networks(host)) {
            networks.entry(network).or_insert_with(|| {
                let mut made = builder.bare_network(network, span);
                let route = Route { destination: Ipv4Net::default(), via: Via::Igw };
                made.routes = Resolved { value: vec![Spanned::new(route, span)], chain: vec![span] };
                made
            });
        }
        let networks: Vec<Network> = networks.into_values().collect();
        let Some(mut env) = builder.bare_environment(site, &mut found) else { return };
        found.retain(|found| found.code != codes::MISSING_FIELD || found.primary != site);
        hosts.sort_by(|a, b| a.name.cmp(&b.name));
        env.zones.value = 2;
        env.runs_by = Some(Resolved { value: pipeline.name.clone(), chain: vec![site] });
        env.pipeline = Some(pipeline);
        env.hosts = hosts;
        env.hosts_of_runs = HostsOfRuns::default();
        env.networks = networks;
        self.push(env, "an environment".to_owned(), false, found);
    }

    /// Finds metanetworks of `hosts` that no environment and no envtype has.
    fn networks_of_nobody(&self, hosts: &[Arc<Host>], found: &mut Vec<Diagnostic>) {
        let known = self.networks.get_or_init(|| {
            let decls = [kinds::ENV, kinds::ENVTYPE]
                .into_iter()
                .flat_map(|kind| self.names.of_kind(kind).filter_map(move |name| self.names.get(kind, name)));
            decls.flat_map(|decl| Block::of_chain(&[decl]).nested(kinds::METANETWORK)).collect()
        });
        if known.is_empty() {
            return;
        }
        for (network, span) in hosts.iter().flat_map(|host| named_networks(host)) {
            if !known.contains(network) {
                let known: Vec<&str> = known.iter().copied().collect();
                if errors::nearest(network, &known).is_some() {
                    // The place is the whole field, which a fix would replace.
                    found.push(errors::without_fix(errors::network_of_nobody(span, network, &known)));
                }
            }
        }
    }
}

/// The metanetworks that a hostclass names, and where.
fn named_networks(host: &Host) -> Vec<(&str, Span)> {
    let mut found = vec![(host.network.value.as_str(), host.network.span())];
    found.extend(host.machine.security.value.iter().map(|network| (network.value.as_str(), network.span)));
    for balancer in &host.balancers {
        found.extend(balancer.network.iter().map(|network| (network.value.as_str(), network.span())));
    }
    for (address, _) in host.addresses() {
        if let Address::Offset { network: Some(network), .. } = address {
            found.push((network.value.as_str(), network.span));
        }
    }
    found
}
