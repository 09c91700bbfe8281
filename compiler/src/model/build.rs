//! From declarations to the model.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::ast::Decl;
use asiaq_lang::{Diagnostic, Span};

use super::hosts::Hostclasses;
use super::machines::Pipelines;
use super::provenance::Provenance;
use super::{
    Customer, Dhcp, Endpoint, Environment, JointEnd, Model, Network, PeeringPair, ProjectDefaults,
    references, watch, zones,
};
use crate::block::Block;
use crate::errors;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::names::{Names, name_span};
use crate::schema::Schemas;
use crate::typing::{Typer, check_description};
use crate::value::{Allocation, End, Nat, Spanned, Value};

/// The region with the most zones, of which nobody wants too many: it stands in for one that is broken.
const ROOMIEST: &str = "us-east-1";
/// As far as the schema of `env` lets `zones` go: nothing is laid out over more, whatever is written.
const MOST_ZONES: usize = 6;

/// Evaluates every environment of a project.
pub(crate) fn build(schemas: &Schemas, names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) -> Model {
    let project = names.project();
    let project_name = project.and_then(|decl| decl.name.as_ref()).map(|name| name.text.clone());
    let mut model = Model { project: project_name.unwrap_or_default(), ..Model::default() };
    model.region = Builder::new(schemas, names, &model.project, "").region();
    let mut hostclasses = Hostclasses::of(names);
    let mut pipelines = Pipelines::of(names);
    for name in names.env_order() {
        let Some(decl) = names.get("env", name) else { continue };
        let builder = Builder::new(schemas, names, &model.project, name);
        model.environments.extend(builder.environment(decl, &mut hostclasses, &mut pipelines, diagnostics));
    }
    model.joints = joints(&model, names, diagnostics);
    references::check(&model, names, diagnostics);
    model
}

struct Builder<'a, 'b> {
    evaluator: Evaluator<'a, 'b>,
    project: Option<&'a Decl>,
}

impl<'a, 'b> Builder<'a, 'b> {
    fn new(schemas: &'b Schemas, names: &'b Names<'a>, project_name: &str, env: &str) -> Self {
        let lineage = names.lineage(env);
        let variables = BTreeMap::from([
            ("env.name", env.to_owned()),
            ("env.type", lineage.get(1).copied().unwrap_or_default().to_owned()),
            ("project.name", project_name.to_owned()),
        ]);
        Self { evaluator: Evaluator { schemas, names, lineage, variables }, project: names.project() }
    }

    fn environment(
        mut self,
        decl: &'a Decl,
        hostclasses: &mut Hostclasses<'a>,
        pipelines: &mut Pipelines<'a>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Environment> {
        let span = name_span(decl);
        let block = Block::of_chain(&self.evaluator.names.whole_chain(decl)?);
        let mut provenance = Provenance::default();
        let project = self.project.map(|project| self.project_fields(project, diagnostics));
        let project = Arc::new(project.unwrap_or_default());
        if let Some(region) = project.text("region") {
            self.evaluator.variables.insert("project.region", region.value);
        }
        provenance.add("project", Arc::clone(&project));
        let fields = Arc::new(self.evaluator.fields("env", &block, span, diagnostics));
        provenance.add("", Arc::clone(&fields));
        let networks: Vec<Network> = block
            .nested("metanetwork")
            .into_iter()
            .filter_map(|name| self.network(&block, name, &mut provenance, diagnostics))
            .collect();
        let found = hostclasses.in_environment(&self.evaluator, &networks, &mut provenance, diagnostics);
        let runs_by = fields.reference("pipeline");
        let pipeline = runs_by
            .as_ref()
            .and_then(|set| pipelines.find(&set.value, &self.evaluator, &mut provenance, diagnostics));
        let watch = watch::of_environment(&self.evaluator, &mut provenance, diagnostics);
        let dhcp = self.dhcp(&block, &mut provenance, diagnostics);
        let customer = self.customer(&block, &mut provenance, diagnostics);
        let endpoints = block
            .nested("endpoint")
            .into_iter()
            .filter_map(|name| self.endpoint(&block, name, &mut provenance, diagnostics))
            .collect();
        // What is broken or missing has been reported; what stands in for it brings nothing else up.
        let place = |of: &Fields, field: &str| of.chain(field).map_or_else(|| vec![span], <[Span]>::to_vec);
        let dns = zones::of_environment(&block, &self.evaluator, &mut provenance, diagnostics);
        let region = fields.text("region").or_else(|| project.text("region"));
        let region = region.unwrap_or_else(|| {
            let of = if fields.is_broken("region") { &fields } else { &project };
            Resolved { value: ROOMIEST.to_owned(), chain: place(of, "region") }
        });
        let zones =
            fields.int("zones").unwrap_or_else(|| Resolved { value: 1, chain: place(&fields, "zones") });
        let application = fields.text("application");
        let cidr = match fields.chain("cidr").filter(|_| fields.is_broken("cidr")) {
            Some(chain) => Resolved { value: Allocation::Share, chain: chain.to_vec() },
            None => fields.allocation("cidr")?,
        };
        Some(Environment {
            name: decl.name.as_ref()?.text.clone(),
            span,
            types: self.evaluator.lineage.iter().skip(1).map(|&name| name.to_owned()).collect(),
            region,
            account: self.account(&fields, &project, diagnostics),
            protect: fields.boolean("protect").unwrap_or(Resolved { value: false, chain: vec![span] }),
            zones: zones.map(|zones| usize::try_from(zones).map_or(1, |zones| zones.clamp(1, MOST_ZONES))),
            cidr,
            application: application
                .unwrap_or_else(|| Resolved { value: String::new(), chain: place(&fields, "application") }),
            tags: fields.tags("tags"),
            networks,
            dhcp,
            customer,
            endpoints,
            hosted_zones: dns,
            hosts: found.hosts,
            strays: found.strays,
            without_network: found.without_network,
            common: common(&project, self.project.map_or(span, |project| project.span)),
            runs_unknown: fields.is_broken("pipeline") || (runs_by.is_some() && pipeline.is_none()),
            pipeline,
            runs_by,
            ami_stages: fields.items("ami_stages", Value::text, span),
            credential_buckets: fields.items("credential_buckets", Value::text, span),
            watch,
            provenance,
        })
    }

    /// The project's region, for whatever is no environment's.
    fn region(&self) -> Option<String> {
        // Mistakes in it are reported for the environments.
        let fields = self.project_fields(self.project?, &mut Vec::new());
        fields.text("region").map(|region| region.value)
    }

    fn project_fields(&self, project: &'a Decl, diagnostics: &mut Vec<Diagnostic>) -> Fields {
        let block = Block::of_chain(&[project]);
        self.evaluator.fields("project", &block, name_span(project), diagnostics)
    }

    /// The id of the account that the environment, or else the project, names.
    fn account(
        &self,
        fields: &Fields,
        project: &Fields,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Resolved<String>> {
        let named = fields.reference("account").or_else(|| project.reference("account"))?;
        let decl = self.evaluator.names.get("account", &named.value)?;
        let block = Block::of_chain(&[decl]);
        let account = self.evaluator.fields("account", &block, name_span(decl), diagnostics);
        let id = account.text("id")?;
        Some(Resolved { value: id.value, chain: named.chain.into_iter().chain(id.chain).collect() })
    }

    fn network(
        &self,
        env: &Block<'a>,
        name: &str,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Network> {
        let block = env.child("metanetwork", Some(name), &[])?;
        let span = last_span(env, "metanetwork", Some(name));
        let fields = Arc::new(self.evaluator.fields("metanetwork", &block, span, diagnostics));
        provenance.add(name, Arc::clone(&fields));
        let network = Network {
            name: name.to_owned(),
            span,
            cidr: fields
                .allocation("cidr")
                .unwrap_or(Resolved { value: Allocation::Share, chain: vec![span] }),
            ingress: or_empty(fields.list("ingress", rule), span),
            routes: or_empty(fields.list("routes", route), span),
            // A broken one is one all the same: nobody is told that there is none.
            nat: fields.nat("nat").or_else(|| {
                let chain = fields.chain("nat").filter(|_| fields.is_broken("nat"))?;
                Some(Resolved { value: Nat::Auto, chain: chain.to_vec() })
            }),
            vgw_propagation: fields
                .boolean("vgw_propagation")
                .unwrap_or(Resolved { value: false, chain: vec![span] }),
            description: fields.text("description"),
        };
        if let Some(description) = &network.description {
            diagnostics.extend(check_description(&description.value, description.span()));
            if description.value.is_empty() {
                diagnostics.push(errors::empty_description(description.span()));
            }
        }
        if let Allocation::Pool { .. } = network.cidr.value {
            diagnostics.push(errors::pool_in_network(network.cidr.span(), name));
        }
        Some(network)
    }

    fn dhcp(
        &self,
        env: &Block<'a>,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Dhcp> {
        let block = env.child("dhcp", None, &[])?;
        let span = last_span(env, "dhcp", None);
        let fields = Arc::new(self.evaluator.fields("dhcp", &block, span, diagnostics));
        provenance.add("dhcp", Arc::clone(&fields));
        let ntp = or_empty(fields.list("ntp", Value::address), span);
        if let Some(fifth) = ntp.value.get(4) {
            diagnostics.push(errors::too_many_servers(fifth.span, "time", ntp.value.len()));
        }
        let dns = or_empty(fields.list("dns", name_server), span);
        if let Some(fifth) = dns.value.get(4) {
            diagnostics.push(errors::too_many_servers(fifth.span, "name", dns.value.len()));
        }
        if dns.value.is_empty() && fields.list("dns", name_server).is_some() {
            diagnostics.push(errors::no_name_server(dns.place(span)));
        }
        Some(Dhcp { span, domain_name: fields.text("domain_name"), dns, ntp })
    }

    fn customer(
        &self,
        env: &Block<'a>,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Customer> {
        let block = env.child("customer", None, &[])?;
        let span = last_span(env, "customer", None);
        let fields = Arc::new(self.evaluator.fields("customer", &block, span, diagnostics));
        provenance.add("customer", Arc::clone(&fields));
        Some(Customer {
            span,
            ports: or_empty(fields.list("ports", ports), span),
            from: or_empty(fields.list("from", source), span),
        })
    }

    fn endpoint(
        &self,
        env: &Block<'a>,
        name: &str,
        provenance: &mut Provenance,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Endpoint> {
        let block = env.child("endpoint", Some(name), &[])?;
        let span = last_span(env, "endpoint", Some(name));
        let fields = Arc::new(self.evaluator.fields("endpoint", &block, span, diagnostics));
        provenance.add(format!("endpoint.{name}"), Arc::clone(&fields));
        Some(Endpoint { service: name.to_owned(), span, networks: fields.list("networks", Value::reference) })
    }
}

/// What the project's fields say for an environment.
fn common(project: &Fields, span: Span) -> ProjectDefaults {
    ProjectDefaults {
        span,
        domain: project.text_even_broken("domain"),
        team: project.text("team"),
        trusted_accounts: project
            .list("trusted_accounts", Value::text)
            .map(|set| set.value)
            .unwrap_or_default(),
        http_proxy: project.reference("http_proxy"),
        logger: project.reference("logger"),
        log_forwarder: project.reference("log_forwarder"),
    }
}

fn last_span(env: &Block<'_>, kind: &str, name: Option<&str>) -> Span {
    env.child_decls(kind, name, &[]).last().map(|decl| name_span(decl)).unwrap_or_default()
}

fn or_empty<T>(set: Option<Resolved<Vec<Spanned<T>>>>, span: Span) -> Resolved<Vec<Spanned<T>>> {
    set.unwrap_or(Resolved { value: Vec::new(), chain: vec![span] })
}

macro_rules! pickers {
    ($($name:ident: $variant:ident => $ty:ty),+ $(,)?) => { $(
        fn $name(value: Value) -> Option<$ty> {
            match value {
                Value::$variant(value) => Some(value),
                _ => None,
            }
        }
    )+ };
}

pickers! {
    rule: Rule => crate::value::Rule,
    route: Route => crate::value::Route,
    ports: Ports => crate::value::Ports,
    source: Source => crate::value::Source,
    name_server: NameServer => crate::value::NameServer,
}

/// Every pair of metanetworks that the project's peerings join, each once.
fn joints(model: &Model, names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<PeeringPair> {
    let mut joints: Vec<PeeringPair> = Vec::new();
    for name in names.of_kind("peering") {
        let Some(decl) = names.get("peering", name) else { continue };
        let Some(value) = &decl.value else { continue };
        // Mistakes in the value were reported where it stands.
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
                if joints.iter().all(|joint| joint.ends != ends) {
                    joints.push(PeeringPair { span: decl.span, ends });
                }
            }
        }
    }
    joints
}

/// The metanetworks an end stands for.
fn ends(model: &Model, end: &Spanned<End>, diagnostics: &mut Vec<Diagnostic>) -> Vec<JointEnd> {
    let mut found = Vec::new();
    for env in model.environments_of(&end.value.env) {
        if env.network(&end.value.network).is_some() {
            found.push(JointEnd { env: env.name.clone(), network: end.value.network.clone() });
        } else {
            diagnostics.push(errors::unknown_network(
                end.span,
                &end.value.network,
                &env.name,
                &env.network_names(),
            ));
        }
    }
    found
}
