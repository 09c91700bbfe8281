//! From the model to the IR: the AWS resources of each environment, with their names and tags.

mod accounts;
mod alike;
mod balancers;
mod cache;
mod cluster;
mod container;
mod database;
mod endpoint;
mod env;
mod gateways;
mod hostclass;
mod identity;
mod ingress;
mod limits;
#[cfg(test)]
mod lists;
pub(crate) mod machines;
mod metanetwork;
mod missing;
mod names;
mod node;
mod operators;
mod peering;
mod protect;
mod search;
mod secrets;
mod storage;
mod store_record;
mod table;
#[cfg(test)]
mod tests;
mod watch;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    Environment as IrEnvironment, Facts, Ir, KeptSubnets, Ref, RegionFacts, Rename, Resource, ResourceKind,
};
use asiaq_lang::{Diagnostic, SourceMap, Span};

pub(crate) use alike::{Machines, Proved};
use container::Container;
pub(crate) use hostclass::spaced_addresses;
use names::NameRegistry;
use node::NodeBuilder;
pub(crate) use node::origin;
use watch::Publishing;

use crate::layout::{EnvLayout, Layout, NetworkLayout};
use crate::model::{Account, Environment, Model, Move, Network};
use crate::value::Allocation;

/// A model with the CIDR blocks of its environments, and what is known of its account.
#[derive(Clone, Copy)]
pub(crate) struct LaidOut<'a> {
    pub(crate) sources: &'a SourceMap,
    pub(crate) model: &'a Model,
    pub(crate) layout: &'a Layout,
    pub(crate) facts: &'a Facts,
    /// The addresses that the model moves: [`Model::moved`].
    pub(crate) moved: &'a BTreeMap<String, String>,
}

/// What lowering reported.
#[derive(Default)]
pub(crate) struct Reported {
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The values that AWS does not accept.
    pub(crate) limits: Vec<Diagnostic>,
}

/// Lowers a model, and those of its machines that `machines` names. Reports the mistakes of the environments in `only`, of
/// all where it is absent. The flag is set if the resources are whole.
pub(crate) fn lower(
    LaidOut { sources, model, layout, facts, moved }: LaidOut<'_>,
    only: Option<&BTreeSet<String>>,
    machines: Machines<'_>,
    reported: &mut Reported,
) -> (Ir, bool) {
    let mut lowering = Lowering {
        sources,
        model,
        layout,
        facts,
        ir: Ir { project: model.project.clone(), ..Ir::default() },
        names: NameRegistry::default(),
        diagnostics: &mut reported.diagnostics,
        limits: Vec::new(),
        missing: Vec::new(),
        machines,
        publishing: Publishing::of(&model.accounts),
        is_whole: true,
    };
    for account in &model.accounts {
        lowering
            .ir
            .accounts
            .insert(account.name.clone(), accounts::lower(account, origin(sources, account.span)));
        // What accounts declare is the same for every environment.
        if !matches!(lowering.machines, Machines::Of(_)) {
            lowering.identity(account);
            lowering.storage(account);
        }
    }
    for env in &model.environments {
        let origin = origin(sources, env.span);
        lowering.ir.environments.insert(
            env.name.clone(),
            IrEnvironment {
                region: env.region.value.clone(),
                account: env.account.as_ref().map(|account| account.value.clone()),
                account_name: env.account_name.clone(),
                protect: env.protect.value,
                secrets: env.secret_store(&model.project),
                origin,
            },
        );
    }
    lowering.environments(only);
    lowering.peerings();
    lowering.delegations();
    lowering.note_accounts();
    lowering.diagnostics.extend(missing::report(lowering.missing));
    lowering.ir.moved.clone_from(moved);
    let rename = |moved: &Move| Rename {
        text: moved.text.clone(),
        from: moved.prefixes.keys().cloned().collect(),
        origin: origin(sources, moved.span),
    };
    lowering.ir.renames = model.moves.iter().map(rename).collect();
    reported.limits.extend(limits::reduce(lowering.limits));
    (lowering.ir, lowering.is_whole)
}

/// What was reported about a part of an environment.
struct Found {
    diagnostics: Vec<Diagnostic>,
    limits: Vec<limits::Refused>,
    missing: Vec<missing::Missing>,
}

/// Something that is lowered for each environment.
type Step<'a> = fn(&mut Lowering<'a>, &Environment, &EnvLayout);

/// The state of a lowering.
struct Lowering<'a> {
    sources: &'a SourceMap,
    model: &'a Model,
    layout: &'a Layout,
    facts: &'a Facts,
    ir: Ir,
    /// Names in AWS.
    names: NameRegistry,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// Values that AWS does not accept.
    limits: Vec<limits::Refused>,
    /// What the account lacks, once for each environment.
    missing: Vec<missing::Missing>,
    machines: Machines<'a>,
    /// What accounts publish to topics.
    publishing: Publishing,
    /// Whether no machine was left out.
    is_whole: bool,
}

impl<'a> Lowering<'a> {
    /// How much has been reported.
    fn reported(&self) -> [usize; 3] {
        [self.diagnostics.len(), self.limits.len(), self.missing.len()]
    }

    /// Takes out everything that was reported since [`Lowering::reported`] was `since`.
    fn take(&mut self, since: [usize; 3]) -> Found {
        let [diagnostics, limits, missing] = since;
        Found {
            diagnostics: self.diagnostics.split_off(diagnostics),
            limits: self.limits.split_off(limits),
            missing: self.missing.split_off(missing),
        }
    }

    /// Lowers every environment; reports in the order of the program. Machines are lowered first for the environments that
    /// prove those of others.
    fn environments(&mut self, only: Option<&BTreeSet<String>>) {
        let layout = self.layout;
        let laid_out = |env: &'a Environment| Some((env, layout.0.get(&env.name)?));
        let known = self.model.environments.iter().filter_map(laid_out);
        let envs: Vec<(&Environment, &EnvLayout)> =
            known.filter(|(env, _)| self.machines.are_of(&env.name)).collect();
        let in_order: Vec<usize> = (0..envs.len()).collect();
        let machines_first = self.machines.order(&envs);
        let mut found: Vec<Vec<Found>> = envs.iter().map(|_| Vec::new()).collect();
        let steps: [(&[usize], Step<'a>); 3] = [
            (&in_order, Self::environment),
            (&machines_first, Self::machines),
            (&in_order, |lowering, env, _| lowering.watch(env)),
        ];
        for (order, step) in steps {
            for at in order {
                let (Some((env, laid)), Some(found)) = (envs.get(*at), found.get_mut(*at)) else { continue };
                let reported = self.reported();
                step(self, env, laid);
                found.push(self.take(reported));
            }
        }
        let is_wanted = |env: &Environment| only.is_none_or(|only| only.contains(&env.name));
        let found = envs.iter().zip(found).filter(|((env, _), _)| is_wanted(env));
        for Found { diagnostics, limits, missing } in found.flat_map(|(_, found)| found) {
            self.diagnostics.extend(diagnostics);
            self.limits.extend(limits);
            self.missing.extend(missing);
        }
    }

    /// Lowers an environment without its machines and what watches them.
    fn environment(&mut self, env: &Environment, laid: &EnvLayout) {
        let gateways = self.gateways(env);
        self.vpc(env, laid);
        for network in &env.networks {
            if let Some(own) = laid.networks.get(&network.name) {
                self.ir.kept.extend(kept(self.sources, env, network, own));
                self.metanetwork(env, network, laid, own, &gateways);
                self.ingress(env, network);
            }
        }
        for endpoint in &env.endpoints {
            self.endpoint(env, laid, endpoint);
        }
        self.zones(env);
        self.secrets(env);
        self.databases(env, laid);
        self.caches(env, laid);
        self.tables(env);
        self.balancers(env, laid);
        self.searches(env, laid);
        self.operators(env);
        for host in &env.hosts {
            self.floating_interfaces(env, laid, host);
        }
    }

    fn region(&self, env: &Environment) -> Option<&RegionFacts> {
        env.facts(self.facts)
    }

    /// A node at `path` of `env`, requested at `span`.
    fn node<'m, R>(&self, env: &'m Environment, path: &str, span: Span) -> NodeBuilder<'m, R>
    where
        'a: 'm,
        R: ResourceKind + Into<Resource>,
    {
        NodeBuilder::new(&self.model.project, Container::Environment(env), path, span)
    }

    /// A node at `path` of an account, requested at `span`.
    fn in_account<'m, R>(&self, account: &'m Account, path: &str, span: Span) -> NodeBuilder<'m, R>
    where
        'a: 'm,
        R: ResourceKind + Into<Resource>,
    {
        NodeBuilder::new(&self.model.project, Container::Account(account), path, span)
    }

    /// Adds a resource with its node.
    fn add<R: ResourceKind + Into<Resource>>(&mut self, node: NodeBuilder<'_, R>, resource: R) {
        let (address, node) = node.build(self.sources, resource, &mut self.limits);
        self.ir.resources.insert(address, node);
    }
}

/// The live subnets of a metanetwork, if the program alone would result in others.
fn kept(
    sources: &SourceMap,
    env: &Environment,
    network: &Network,
    laid: &NetworkLayout,
) -> Option<KeptSubnets> {
    let computed = laid.computed.clone()?;
    let is_sized = matches!(network.cidr.value, Allocation::Fixed(_) | Allocation::Sized(_));
    let parts = (laid.parts, env.parts(network).next_power_of_two());
    Some(KeptSubnets {
        environment: env.name.clone(),
        network: network.name.clone(),
        live: laid.subnets.clone(),
        computed,
        parts: Some(parts).filter(|(live, computed)| is_sized && live != computed),
        origin: origin(sources, network.cidr.place(network.span)),
    })
}

/// A reference to the VPC of `env`.
fn vpc_of(env: &Environment) -> Ref {
    Ref::to(&env.name, "vpc")
}

/// The path of part `slot` of a metanetwork: `intranet/subnet/1`.
fn path_of(network: &str, part: &str, slot: usize) -> String {
    format!("{network}/{part}/{}", slot + 1)
}
