//! From declarations to the model.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use asiaq_lang::ast::Decl;
use asiaq_lang::{Diagnostic, Span};
use ipnet::Ipv4Net;

use super::hosts::Hostclasses;
use super::machines::Pipelines;
use super::provenance::Provenance;
use super::{
    Account, Customer, Dhcp, Endpoint, Environment, HostsOfRuns, JointEnd, Model, Network, PeeringPair,
    ProjectDefaults, accounts, bakes, cache, database, logging, operators, references, secrets, table, watch,
    zones,
};
use crate::block::Block;
use crate::errors::{self, codes};
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::fields::{
    CustomerFields, DhcpFields, EndpointFields, EnvFields, MetanetworkFields, ProjectFields,
};
use crate::library::kinds;
use crate::names::{Names, name_span};
use crate::schema::Schemas;
use crate::typing::{Typer, Variables, check_description};
use crate::value::{Allocation, End, Nat, Spanned, Value};

/// The region with the most zones. It replaces a broken region, so that no number of zones is reported as too
/// large.
const ROOMIEST: &str = "us-east-1";
/// The largest `zones` that the schema of `env` accepts. No more zones are laid out, whatever the file sets.
const MOST_ZONES: usize = 6;

/// The name of an environment that nobody declares: short, because names in AWS are composed with it.
pub(crate) const DRAFT_NAME: &str = "e0";
/// The CIDR block of an environment that nobody declares and that has none of its own.
pub(crate) const DRAFT_CIDR: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 16);

/// The hostclasses and pipelines of a project with what was evaluated of them.
pub(crate) struct Evaluated<'a> {
    pub(super) hostclasses: Hostclasses<'a>,
    pub(super) pipelines: Pipelines<'a>,
}

/// Evaluates every environment of a project.
pub(crate) fn build<'a>(
    schemas: &Schemas,
    names: &Names<'a>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Model, Evaluated<'a>) {
    let project = names.project();
    let project_name = project.and_then(|decl| decl.name.as_ref()).map(|name| name.text.clone());
    let mut model = Model { project: project_name.unwrap_or_default(), ..Model::default() };
    // Mistakes in the project are reported for the environments; accounts need its fields too.
    let mut mistakes = Vec::new();
    let variables = project_variables(schemas, names, &model.project, &mut mistakes);
    if names.of_kind(kinds::ACCOUNT).next().is_some() {
        // What depends on the environment has no value only where an account asks for it.
        mistakes.retain(|found| found.code != codes::MISPLACED_VARIABLE);
        diagnostics.append(&mut mistakes);
    }
    model.region = variables.get("project.region").cloned();
    let accounts = accounts::of_project(schemas, names, &variables, diagnostics);
    let mut evaluated = Evaluated { hostclasses: Hostclasses::of(names), pipelines: Pipelines::of(names) };
    for name in names.env_order() {
        let Some(decl) = names.get(kinds::ENV, name) else { continue };
        let builder = Builder::new(schemas, names, &model.project, &accounts, name);
        let Evaluated { hostclasses, pipelines } = &mut evaluated;
        model.environments.extend(builder.environment(decl, hostclasses, pipelines, diagnostics));
    }
    model.accounts = accounts;
    model.envtypes = envtypes(schemas, names, &model);
    let evaluator = bakes::evaluator(schemas, names, &variables);
    model.bakes = bakes::of_project(&evaluator, diagnostics);
    model.logging = logging::of_project(&evaluator, diagnostics);
    model.joints = joints(&model, names, diagnostics).into();
    references::check(&model, names, diagnostics);
    database::check(&model, diagnostics);
    for env in &model.environments {
        cache::check_all(env, diagnostics);
        table::check_all(env, diagnostics);
    }
    (model, evaluated)
}

/// The envtypes, each with the region that an environment of the type has.
fn envtypes(schemas: &Schemas, names: &Names<'_>, model: &Model) -> Vec<(String, Option<String>)> {
    let region = |name: &str| {
        let decl = names.get(kinds::ENVTYPE, name)?;
        let evaluator = Builder::draft(schemas, names, model, names.lineage(name)).evaluator;
        let block = Block::of_chain(&names.chain(decl));
        let fields = evaluator.fields(kinds::ENV, &block, name_span(decl), &mut Vec::new());
        EnvFields::of(&fields, name_span(decl)).region.map(|region| region.value)
    };
    let usual = || model.region.clone();
    names.of_kind(kinds::ENVTYPE).map(|name| (name.to_owned(), region(name).or_else(usual))).collect()
}

pub(super) struct Builder<'a, 'b> {
    pub(super) evaluator: Evaluator<'a, 'b>,
    project: Option<&'a Decl>,
    /// The accounts of the project.
    accounts: &'b [Account],
    /// Whether the environment is one that nobody declares.
    is_draft: bool,
}

impl<'a, 'b> Builder<'a, 'b> {
    fn new(
        schemas: &'b Schemas,
        names: &'b Names<'a>,
        project_name: &str,
        accounts: &'b [Account],
        env: &str,
    ) -> Self {
        let lineage = names.lineage(env);
        let variables = BTreeMap::from([
            ("env.name", env.to_owned()),
            ("env.type", lineage.get(1).copied().unwrap_or_default().to_owned()),
            ("project.name", project_name.to_owned()),
        ]);
        let evaluator = Evaluator { schemas, names, lineage, variables };
        Self { evaluator, project: names.project(), accounts, is_draft: false }
    }

    /// For an environment that nobody declares, of the envtypes of `lineage`, in the project of `model`.
    pub(super) fn draft(
        schemas: &'b Schemas,
        names: &'b Names<'a>,
        model: &'b Model,
        lineage: Vec<&'a str>,
    ) -> Self {
        let variables = BTreeMap::from([
            ("env.name", DRAFT_NAME.to_owned()),
            ("env.type", lineage.first().copied().unwrap_or_default().to_owned()),
            ("project.name", model.project.clone()),
        ]);
        let evaluator = Evaluator { schemas, names, lineage, variables };
        Self { evaluator, project: names.project(), accounts: &model.accounts, is_draft: true }
    }

    pub(super) fn environment(
        self,
        decl: &'a Decl,
        hostclasses: &mut Hostclasses<'a>,
        pipelines: &mut Pipelines<'a>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Environment> {
        let block = Block::of_chain(&self.evaluator.names.whole_chain(decl)?);
        let name = decl.name.as_ref()?.text.clone();
        self.of_block(name, name_span(decl), &block, hostclasses, pipelines, diagnostics)
    }

    /// An environment in which nothing is declared, at `site`.
    pub(super) fn bare_environment(
        self,
        site: Span,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Environment> {
        let (mut hostclasses, mut pipelines) = (Hostclasses::default(), Pipelines::default());
        let name = DRAFT_NAME.to_owned();
        self.of_block(name, site, &Block::default(), &mut hostclasses, &mut pipelines, diagnostics)
    }

    /// A metanetwork in which nothing is declared, at `site`.
    pub(super) fn bare_network(&self, name: &str, site: Span) -> Network {
        let fields = self.evaluator.fields(kinds::METANETWORK, &Block::default(), site, &mut Vec::new());
        let MetanetworkFields { cidr, max_zones, ingress, routes, nat, vgw_propagation, description } =
            MetanetworkFields::of(&fields, site);
        let (name, max_zones) = (name.to_owned(), max_zones.map(zone_count));
        Network { name, span: site, cidr, max_zones, ingress, routes, nat, vgw_propagation, description }
    }

    /// Whether an envtype or an ancestor of it has a CIDR block.
    pub(super) fn has_cidr(&self, decl: &'a Decl) -> bool {
        let chain = self.evaluator.names.chain(decl);
        !Block::of_chain(&chain).hits(EnvFields::CIDR, &[]).is_empty()
    }

    fn of_block(
        mut self,
        name: String,
        span: Span,
        block: &Block<'a>,
        hostclasses: &mut Hostclasses<'a>,
        pipelines: &mut Pipelines<'a>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Environment> {
        let mut provenance = Provenance::default();
        let project = self.project.map(|project| project_fields(&self.evaluator, project, diagnostics));
        let project = Arc::new(project.unwrap_or_default());
        let project_site = self.project.map_or(span, |project| project.span);
        let of_project = ProjectFields::of(&project, project_site);
        self.evaluator.variables.extend(variables_of(&of_project));
        self.add_project(Arc::clone(&project), &mut provenance);
        let fields = Arc::new(self.evaluator.fields(kinds::ENV, block, span, diagnostics));
        let of = EnvFields::of(&fields, span);
        provenance.add("", Arc::clone(&fields));
        let networks: Vec<Network> = block
            .nested(kinds::METANETWORK)
            .into_iter()
            .filter_map(|name| self.network(block, name, &mut provenance, diagnostics))
            .collect();
        let found = hostclasses.in_environment(&self.evaluator, &networks, &mut provenance, diagnostics);
        let runs_by = of.pipeline;
        let pipeline = runs_by
            .as_ref()
            .and_then(|set| pipelines.find(&set.value, &self.evaluator, &mut provenance, diagnostics));
        let watch = watch::of_environment(&self.evaluator, &mut provenance, diagnostics);
        let dhcp = self.dhcp(block, &mut provenance, diagnostics);
        let customer = self.customer(block, &mut provenance, diagnostics);
        let endpoints = block
            .nested(kinds::ENDPOINT)
            .into_iter()
            .filter_map(|name| self.endpoint(block, name, &mut provenance, diagnostics))
            .collect();
        // Missing and broken fields have been reported. Their stand-ins cause no further diagnostics.
        let dns = zones::of_environment(block, &self.evaluator, &mut provenance, diagnostics);
        let searches = super::search::of_environment(block, &self.evaluator, &mut provenance, diagnostics);
        let tables = table::of_environment(block, &self.evaluator, &mut provenance, diagnostics);
        let operators = self.operators(&fields, &mut provenance, diagnostics);
        let region = of.region.or(of_project.region.clone());
        let region_unknown = region.is_none();
        let region = region.unwrap_or_else(|| {
            let set = fields.broken(EnvFields::REGION, ()).map(|set| set.chain);
            let set = set.or_else(|| project.chain(ProjectFields::REGION).map(<[Span]>::to_vec));
            Resolved { value: ROOMIEST.to_owned(), chain: set.unwrap_or_else(|| vec![span]) }
        });
        let is_store_broken =
            [EnvFields::CREDENTIAL_BUCKETS, EnvFields::SECRETS].iter().any(|field| fields.is_broken(field));
        let around = database::Surroundings {
            env: &name,
            region: &region.value,
            project: self.evaluator.variables.get("project.name").map_or("", String::as_str),
            networks: &networks,
            store: (!is_store_broken).then_some((&of.secrets.value, &of.credential_buckets.value)),
        };
        let secrets = secrets::of_environment(block, &self.evaluator, &mut provenance, diagnostics);
        secrets::check_all(&secrets, (&name, around.region, around.project), around.store, diagnostics);
        let caches = cache::of_environment(block, &around, &self.evaluator, &mut provenance, diagnostics);
        let zones = fields.broken(EnvFields::ZONES, 1).unwrap_or(of.zones);
        let stand_in = || Resolved { value: Allocation::Fixed(DRAFT_CIDR), chain: vec![span] };
        let stand_in = self.is_draft.then(stand_in);
        let cidr = fields.broken(EnvFields::CIDR, Allocation::Share).or(of.cidr).or(stand_in)?;
        let databases =
            database::of_environment(block, &around, &self.evaluator, &mut provenance, diagnostics);
        let account = of.account.or(of_project.account.clone());
        Some(Environment {
            name,
            span,
            types: self.evaluator.lineage.iter().skip(1).map(|&name| name.to_owned()).collect(),
            region,
            account_name: account.as_ref().map(|named| named.value.clone()),
            account: account.and_then(|named| self.account(named)),
            protect: of.protect,
            zones: zone_count(zones),
            max_zones: of.max_zones.map(zone_count),
            cidr,
            application: of.application,
            tags: of.tags,
            networks,
            dhcp,
            customer,
            endpoints,
            databases,
            hosted_zones: dns,
            hosts: found.hosts,
            strays: found.strays,
            without_network: found.without_network,
            common: common(of_project, &project, project_site),
            region_unknown,
            runs_unknown: fields.is_broken(EnvFields::PIPELINE) || (runs_by.is_some() && pipeline.is_none()),
            pipeline,
            hosts_of_runs: HostsOfRuns::default(),
            runs_by,
            ami_stages: of.ami_stages,
            credential_buckets: of.credential_buckets,
            store: of.secrets,
            app_auth: of.app_auth,
            secrets,
            keeps_operators: of.operators,
            operators,
            instance_data: of.instance_data,
            searches,
            watch,
            caches,
            tables,
            provenance,
        })
    }

    /// The operators of an environment; none where nobody knows whether it has any, and where.
    fn operators(
        &self,
        env: &Fields,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<super::Operator> {
        let operators = operators::of_environment(&self.evaluator, provenance, diagnostics);
        let places = [EnvFields::OPERATORS, EnvFields::CREDENTIAL_BUCKETS];
        if places.iter().any(|field| env.is_broken(field)) { Vec::new() } else { operators }
    }

    /// The id of the account that the environment, or else the project, names.
    fn account(&self, named: Resolved<String>) -> Option<Resolved<String>> {
        let id = &self.accounts.iter().find(|account| account.name == named.value)?.id;
        let chain = named.chain.into_iter().chain(id.chain.iter().copied()).collect();
        Some(Resolved { value: id.value.clone(), chain })
    }

    fn network(
        &self,
        env: &Block<'a>,
        name: &str,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Network> {
        let block = env.child(kinds::METANETWORK, Some(name), &[])?;
        let span = env.last_span(kinds::METANETWORK, Some(name));
        let fields = Arc::new(self.evaluator.fields(kinds::METANETWORK, &block, span, diagnostics));
        provenance.add(name, Arc::clone(&fields));
        let MetanetworkFields { cidr, max_zones, ingress, routes, nat, vgw_propagation, description } =
            MetanetworkFields::of(&fields, span);
        let nat = nat.or_else(|| fields.broken(MetanetworkFields::NAT, Nat::Auto));
        let (name, max_zones) = (name.to_owned(), max_zones.map(zone_count));
        let network =
            Network { name, span, cidr, max_zones, ingress, routes, nat, vgw_propagation, description };
        if let Some(description) = &network.description {
            diagnostics.extend(check_description(&description.value, description.span()));
            if description.value.is_empty() {
                diagnostics.push(errors::empty_description(description.span()));
            }
        }
        if let Allocation::Pool { .. } = network.cidr.value {
            diagnostics.push(errors::pool_in_network(network.cidr.span(), &network.name));
        }
        Some(network)
    }

    fn dhcp(
        &self,
        env: &Block<'a>,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Dhcp> {
        let block = env.child(kinds::DHCP, None, &[])?;
        let span = env.last_span(kinds::DHCP, None);
        let fields = Arc::new(self.evaluator.fields(kinds::DHCP, &block, span, diagnostics));
        provenance.add(kinds::DHCP, Arc::clone(&fields));
        let DhcpFields { domain_name, dns, ntp } = DhcpFields::of(&fields, span);
        if let Some(fifth) = ntp.value.get(4) {
            diagnostics.push(errors::too_many_servers(fifth.span, "time", ntp.value.len()));
        }
        if let Some(fifth) = dns.value.get(4) {
            diagnostics.push(errors::too_many_servers(fifth.span, "name", dns.value.len()));
        }
        if dns.value.is_empty() {
            diagnostics.push(errors::no_name_server(dns.place(span)));
        }
        Some(Dhcp { span, domain_name, dns, ntp })
    }

    fn customer(
        &self,
        env: &Block<'a>,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Customer> {
        let block = env.child(kinds::CUSTOMER, None, &[])?;
        let span = env.last_span(kinds::CUSTOMER, None);
        let fields = Arc::new(self.evaluator.fields(kinds::CUSTOMER, &block, span, diagnostics));
        provenance.add(kinds::CUSTOMER, Arc::clone(&fields));
        let CustomerFields { ports, from } = CustomerFields::of(&fields, span);
        Some(Customer { span, ports, from })
    }

    fn endpoint(
        &self,
        env: &Block<'a>,
        name: &str,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Endpoint> {
        let block = env.child(kinds::ENDPOINT, Some(name), &[])?;
        let span = env.last_span(kinds::ENDPOINT, Some(name));
        let fields = Arc::new(self.evaluator.fields(kinds::ENDPOINT, &block, span, diagnostics));
        provenance.add(format!("endpoint.{name}"), Arc::clone(&fields));
        let EndpointFields { networks } = EndpointFields::of(&fields, span);
        Some(Endpoint { service: name.to_owned(), span, networks })
    }
}

impl Builder<'_, '_> {
    /// The project with its blocks. What is wrong in these is reported with the bakes.
    fn add_project(&self, fields: Arc<Fields>, provenance: &mut Provenance) {
        provenance.add("project", fields);
        let Some(project) = self.project else { return };
        let block = Block::of_chain(&[project]);
        for kind in [kinds::BAKERY, kinds::LOGGING, kinds::STAGE_ROLES] {
            if let Some((fields, _)) = bakes::part(&self.evaluator, &block, kind, &mut Vec::new()) {
                provenance.add(format!("project.{kind}"), Arc::new(fields));
            }
        }
    }
}

fn project_fields(
    evaluator: &Evaluator<'_, '_>,
    project: &Decl,
    diagnostics: &mut Vec<Diagnostic>,
) -> Fields {
    evaluator.fields(kinds::PROJECT, &Block::of_chain(&[project]), name_span(project), diagnostics)
}

/// The variables of the project in whatever belongs to no environment.
fn project_variables(
    schemas: &Schemas,
    names: &Names<'_>,
    project_name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Variables {
    let mut variables = Variables::from([("project.name", project_name.to_owned())]);
    if let Some(project) = names.project() {
        let evaluator = Evaluator { schemas, names, lineage: Vec::new(), variables: variables.clone() };
        let fields = project_fields(&evaluator, project, diagnostics);
        variables.extend(variables_of(&ProjectFields::of(&fields, project.span)));
    }
    variables
}

/// The variables that the fields of a project set.
fn variables_of(project: &ProjectFields) -> impl Iterator<Item = (&'static str, String)> {
    let fields = [
        ("project.domain", &project.domain),
        ("project.region", &project.region),
        ("project.team", &project.team),
    ];
    fields.into_iter().filter_map(|(variable, field)| Some((variable, field.as_ref()?.value.clone())))
}

/// A number of zones, within the limits of the schema of `env` also where the file exceeds them.
fn zone_count(said: Resolved<i64>) -> Resolved<usize> {
    said.map(|zones| usize::try_from(zones).map_or(1, |zones| zones.clamp(1, MOST_ZONES)))
}

/// The defaults for an environment, from the fields of the project.
fn common(project: ProjectFields, fields: &Fields, span: Span) -> ProjectDefaults {
    ProjectDefaults {
        span,
        domain: project.domain.or_else(|| fields.broken(ProjectFields::DOMAIN, String::new())),
        team: project.team,
        trusted_accounts: project.trusted_accounts.value,
        http_proxy: project.http_proxy,
        logger: project.logger,
        log_forwarder: project.log_forwarder,
        jump_hosts: project.jump_hosts.value,
    }
}

/// Every pair of metanetworks that the project's peerings join, each once.
fn joints(model: &Model, names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<PeeringPair> {
    let mut joints: Vec<PeeringPair> = Vec::new();
    let mut joined: BTreeSet<[JointEnd; 2]> = BTreeSet::new();
    for name in names.of_kind(kinds::PEERING) {
        let Some(decl) = names.get(kinds::PEERING, name) else { continue };
        let Some(value) = &decl.value else { continue };
        // Mistakes in the value have been reported by the check of the declaration.
        let typed = Typer::new(names, None).value(value, &crate::types::Ty::Peering);
        let Value::Peering(left, right) = typed else { continue };
        let (from, to) = (ends(model, &left, diagnostics), ends(model, &right, diagnostics));
        if left.value.env == right.value.env && model.environment(&left.value.env).is_some() {
            diagnostics.push(errors::peering_with_itself(value.span, &left.value.env));
        }
        for a in &from {
            for b in to.iter().filter(|b| b.env != a.env) {
                let mut ends = [a.clone(), b.clone()];
                ends.sort();
                if joined.insert(ends.clone()) {
                    joints.push(PeeringPair { span: decl.span, ends });
                }
            }
        }
    }
    joints
}

/// The metanetworks that an end denotes.
fn ends(model: &Model, end: &Spanned<End>, diagnostics: &mut Vec<Diagnostic>) -> Vec<JointEnd> {
    let mut found = Vec::new();
    for env in model.environments_of(&end.value.env) {
        if env.network(&end.value.network).is_some() {
            found.push(JointEnd { env: env.name.clone(), network: end.value.network.clone() });
        } else {
            let known = env.network_names();
            let found = errors::unknown_network(end.span, &end.value.network, &env.name, &known);
            diagnostics.push(errors::without_fix(found));
        }
    }
    found
}
