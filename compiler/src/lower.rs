//! From the model to the IR: which AWS resources make an environment, how they are named and tagged.

mod balancers;
mod endpoint;
mod env;
mod gateways;
mod hostclass;
mod ingress;
pub(crate) mod machines;
mod metanetwork;
mod peering;
mod protect;
mod watch;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{
    ADDRESS_TAG, Address, ENV_TAG, Environment as IrEnvironment, Facts, Ir, Node, Origin, PROJECT_TAG, Ref,
    RegionFacts, Resource, TAGS_TAG,
};
use asiaq_lang::{Diagnostic, SourceMap, Span};

use crate::layout::{EnvLayout, Layout};
use crate::model::{Environment, Model};
use crate::value::Spanned;

/// Lowers a laid-out model. What is wrong with an environment is said where it is among `only`.
pub(crate) fn lower(
    sources: &SourceMap,
    model: &Model,
    layout: &Layout,
    facts: &Facts,
    only: Option<&BTreeSet<String>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Ir {
    let mut lowering = Lowering {
        sources,
        model,
        layout,
        facts,
        ir: Ir { project: model.project.clone(), ..Ir::default() },
        taken: watch::NameRegistry::default(),
        diagnostics,
    };
    for env in &model.environments {
        let origin = origin(sources, env.span);
        lowering.ir.environments.insert(
            env.name.clone(),
            IrEnvironment {
                region: env.region.value.clone(),
                account: env.account.as_ref().map(|account| account.value.clone()),
                protect: env.protect.value,
                origin,
            },
        );
        if let Some(laid) = layout.0.get(&env.name) {
            let said = lowering.diagnostics.len();
            lowering.environment(env, laid);
            if only.is_some_and(|only| !only.contains(&env.name)) {
                lowering.diagnostics.truncate(said);
            }
        }
    }
    lowering.peerings();
    lowering.ir
}

/// A lowering under way.
struct Lowering<'a> {
    sources: &'a SourceMap,
    model: &'a Model,
    layout: &'a Layout,
    facts: &'a Facts,
    ir: Ir,
    /// Names that are given away.
    taken: watch::NameRegistry,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// Optional tags of a resource, beside the ones every resource of its kind has.
type Tags = BTreeMap<String, String>;

impl Lowering<'_> {
    fn environment(&mut self, env: &Environment, laid: &EnvLayout) {
        let gateways = self.gateways(env);
        self.vpc(env, laid);
        for network in &env.networks {
            if let Some(own) = laid.networks.get(&network.name) {
                self.metanetwork(env, network, laid, own, &gateways);
                self.ingress(env, network);
            }
        }
        for endpoint in &env.endpoints {
            self.endpoint(env, laid, endpoint);
        }
        self.zones(env);
        self.balancers(env, laid);
        for host in &env.hosts {
            self.floating_interfaces(env, laid, host);
        }
        self.machines(env, laid);
        self.watch(env);
        self.protect(env);
    }

    fn region(&self, env: &Environment) -> Option<&RegionFacts> {
        env.facts(self.facts)
    }

    /// Adds the resource at `env`/`path`, asked for at `span`.
    fn add(
        &mut self,
        env: &Environment,
        path: &str,
        span: Span,
        resource: impl Into<Resource>,
    ) -> NodeBuilder<'_> {
        let address = Address::new(&env.name, path);
        let node = Node {
            resource: resource.into(),
            region: env.region.value.clone(),
            tags: BTreeMap::new(),
            after: BTreeSet::new(),
            origin: origin(self.sources, span),
            protect: None,
            provenance: BTreeMap::new(),
        };
        self.ir.resources.insert(address.clone(), node);
        NodeBuilder {
            sources: self.sources,
            project: &self.ir.project,
            node: self.ir.resources.get_mut(&address),
            address,
        }
    }
}

/// The place of a span, as a plan cites it.
pub(crate) fn origin(sources: &SourceMap, span: Span) -> Origin {
    let at = sources.start(span);
    Origin { file: sources.path(span.file).to_owned(), line: at.line, column: at.column }
}

/// A node being written.
struct NodeBuilder<'l> {
    sources: &'l SourceMap,
    project: &'l str,
    address: Address,
    node: Option<&'l mut Node>,
}

impl NodeBuilder<'_> {
    /// Gives it the tags that everything of an environment has, under `name`, and `own` ones.
    fn tagged(mut self, env: &Environment, name: &str, own: &[(&str, &str)]) -> Self {
        let mut tags = Tags::new();
        let mut optional: BTreeSet<&str> = BTreeSet::new();
        for (key, value) in env.tags.iter().flat_map(|tags| &tags.value) {
            tags.insert(key.clone(), value.value.clone());
            optional.insert(key);
        }
        if let Some(envtype) = env.types.first() {
            tags.insert("type".to_owned(), envtype.clone());
        }
        tags.insert("application".to_owned(), env.application.value.clone());
        tags.insert("Name".to_owned(), name.to_owned());
        for (key, value) in own {
            tags.insert((*key).to_owned(), (*value).to_owned());
        }
        optional.extend(own.iter().map(|(key, _)| *key).filter(|key| OPTIONAL_TAGS.contains(key)));
        if !optional.is_empty() {
            tags.insert(TAGS_TAG.to_owned(), optional.into_iter().collect::<Vec<_>>().join(" "));
        }
        tags.insert(PROJECT_TAG.to_owned(), self.project.to_owned());
        tags.insert(ENV_TAG.to_owned(), env.name.clone());
        tags.insert(ADDRESS_TAG.to_owned(), self.address.to_string());
        if let Some(node) = &mut self.node {
            node.tags = tags;
        }
        self
    }

    /// Gives it further tags, which it may lose again.
    fn also(mut self, further: Option<&BTreeMap<String, Spanned<String>>>) -> Self {
        let further = further.into_iter().flatten();
        if let Some(node) = &mut self.node {
            for (key, value) in further {
                list_tag(node, key, &value.value);
            }
        }
        self
    }

    /// Says where `field` comes from: the winner first.
    fn provenance(mut self, field: &str, chain: &[Span]) -> Self {
        let origins = chain.iter().map(|span| origin(self.sources, *span)).collect();
        if let Some(node) = &mut self.node {
            node.provenance.insert(field.to_owned(), origins);
        }
        self
    }

    /// Says that it comes after `env`/`path` without pointing at it.
    fn after(self, env: &Environment, path: &str) -> Self {
        self.after_all([Address::new(&env.name, path)])
    }

    /// Says that it comes after all of these without pointing at them.
    fn after_all(mut self, earlier: impl IntoIterator<Item = Address>) -> Self {
        if let Some(node) = &mut self.node {
            node.after.extend(earlier);
        }
        self
    }
}

/// Gives a node a tag that it may lose again.
fn list_tag(node: &mut Node, key: &str, value: &str) {
    node.tags.insert(key.to_owned(), value.to_owned());
    let listed = node.tags.entry(TAGS_TAG.to_owned()).or_default();
    let mut keys: BTreeSet<&str> = listed.split_whitespace().collect();
    keys.insert(key);
    *listed = keys.into_iter().collect::<Vec<_>>().join(" ");
}

/// Tags that some resources of a kind have and others have not.
const OPTIONAL_TAGS: &[&str] = &["dynonat", "productline"];

/// A reference to the VPC of `env`.
fn vpc_of(env: &Environment) -> Ref {
    Ref::to(&env.name, "vpc")
}

/// The path of part `slot` of a metanetwork: `intranet/subnet/1`.
fn path_of(network: &str, part: &str, slot: usize) -> String {
    format!("{network}/{part}/{}", slot + 1)
}
