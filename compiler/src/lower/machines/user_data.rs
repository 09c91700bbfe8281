//! User data, which instances read at boot: values, one `key="value"` a line in order of key, and scripts.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::user_data::{self, LIMIT, Script};
use asiaq_ir::{Address, Ref, UserDataEndpoint};
use asiaq_lang::Span;

use super::Running;
use crate::errors;
use crate::evaluate::Resolved;
use crate::instance_data::bucket_name;
use crate::lower::Lowering;
use crate::lower::hostclass::{floating, spaced_addresses};
use crate::value::{self, Spanned, StoreEnd};

/// The hostclass of the Zookeeper that instances connect to.
const ZOOKEEPER: &str = "mhczookeeper";
/// An absent value, as the scripts on instances expect it.
const NONE: &str = "None";

impl Lowering<'_> {
    /// The user data of the instances of a run, and what its places for endpoints stand for.
    pub(super) fn user_data(&mut self, running: Running<'_>) -> (String, BTreeSet<UserDataEndpoint>) {
        let mut lines = self.known(running);
        let said = running.host.machine.user_data.iter().flat_map(|said| &said.value);
        let mut endpoints = BTreeSet::new();
        for (key, value) in said {
            let text = match StoreEnd::in_text(&value.value) {
                Some(end) => self.store_end(running, end, value.span, &mut endpoints),
                None => value.value.clone(),
            };
            lines.insert(key, (text, value.span));
        }
        let mut text = String::new();
        for (key, (value, span)) in &lines {
            let is_end = value.starts_with("$(") && !endpoints.is_empty();
            if let Some(character) =
                value.chars().find(|c| matches!(c, '"' | '$' | '`' | '\\') || c.is_control())
                && *key != "zookeepers"
                && !is_end
            {
                self.diagnostics.push(errors::special_character(*span, character));
            }
            text.push_str(key);
            text.push_str("=\"");
            text.push_str(value);
            text.push_str("\"\n");
        }
        let machine = &running.host.machine;
        let scripts: Vec<Script<'_>> =
            machine.script.iter().flat_map(|said| &said.value).map(script).collect();
        let text = user_data::text(&text, &scripts);
        let sent = user_data::sent(&text).len();
        if sent > LIMIT {
            let said = machine.script.as_ref().map(Resolved::span);
            let said = said.or_else(|| machine.user_data.as_ref().map(Resolved::span));
            let (span, lengths) = (said.unwrap_or(running.run.span), (text.len(), sent));
            self.diagnostics.push(errors::user_data_too_long(span, &running.host.name, lengths, LIMIT));
        }
        (text, endpoints)
    }

    /// The port or the DNS name of a database, a cache or a search domain. A name that AWS has not assigned yet is a place
    /// that an apply fills in.
    fn store_end(
        &mut self,
        Running { env, .. }: Running<'_>,
        end: StoreEnd<'_>,
        span: Span,
        endpoints: &mut BTreeSet<UserDataEndpoint>,
    ) -> String {
        let of_kind = || env.stores().filter(|store| store.kind == end.kind);
        let Some(store) = of_kind().find(|store| store.name == end.name) else {
            let known: Vec<&str> = of_kind().map(|store| store.name).collect();
            let unknown = errors::unknown_store(span, (end.kind, end.name), &env.name, &known);
            self.diagnostics.push(unknown);
            return String::new();
        };
        if end.is_port {
            return store.port.to_string();
        }
        let address = Address::new(&env.name, &store.path);
        if let Some(name) = self.region(env).and_then(|facts| facts.endpoints.get(&address)) {
            return name.clone();
        }
        let place = address.to_string();
        let text = user_data::endpoint_place(&place);
        endpoints.insert(UserDataEndpoint { address: place, of: Ref::To(address) });
        text
    }

    /// The values that instances get beside those of the program.
    fn known<'m>(&self, running: Running<'m>) -> BTreeMap<&'m str, (String, Span)> {
        let Running { env, laid, host, run, .. } = running;
        let domain = host.machine.domain.as_ref().or(env.common.domain.as_ref());
        let addresses = |of: Option<&Resolved<String>>| spaced_addresses(env, laid, of);
        let own: Vec<String> = floating(laid, host).iter().map(|found| found.address.to_string()).collect();
        let zookeepers =
            domain.map(|domain| format!("[\\\"{ZOOKEEPER}-{}.{}:2181\\\"]", env.name, domain.value));
        let (owner, by) = running.owner();
        let flag = |set: bool| if set { "1" } else { "0" }.to_owned();
        let terminates = &host.machine.smoke_test.terminates;
        let name =
            domain.map_or((NONE.to_owned(), host.span), |domain| (domain.value.clone(), domain.span()));
        let eip = host.eip.as_ref().map_or(NONE.to_owned(), |eip| eip.value.to_string());
        let is_classic = running.env.is_classic();
        let mut lines = BTreeMap::new();
        // A minimal instance gets the lines that the program says.
        let mut line = |key, is_said: bool, value: String, place| {
            if is_said || is_classic {
                lines.insert(key, (value, place));
            }
        };
        line("hostclass", false, host.name.clone(), host.span);
        line("environment_name", false, env.name.clone(), env.span);
        line("project_name", false, self.model.project.clone(), env.span);
        line("owner", false, owner.to_owned(), by);
        line("domain_name", false, name.0, name.1);
        let buckets = self.buckets(running);
        line("credential_buckets", !buckets.is_empty(), buckets, env.credential_buckets.span());
        line("zookeepers", false, zookeepers.unwrap_or_default(), host.span);
        let common = &env.common;
        line("logger_ip", common.logger.is_some(), addresses(common.logger.as_ref()), host.span);
        let forwarder = &common.log_forwarder;
        line("logforwarder_ip", forwarder.is_some(), addresses(forwarder.as_ref()), host.span);
        line("eip", host.eip.is_some(), eip, host.span);
        line("floating_ips", !own.is_empty(), own.join(" "), host.span);
        line("floating_ip", !own.is_empty(), own.first().cloned().unwrap_or_default(), host.span);
        line("smoketest_termination", terminates.is_said(), flag(terminates.value), host.span);
        line("is_spotinst", false, flag(run.spot.is_some()), run.span);
        if host.machine.proxy.value {
            line("http_proxy_ip", true, addresses(common.http_proxy.as_ref()), host.span);
        }
        lines
    }

    /// Names of the buckets with credentials, separated by spaces.
    fn buckets(&self, running: Running<'_>) -> String {
        let Running { env, .. } = running;
        let name = |ending: &str| bucket_name(&env.region.value, &self.model.project, ending);
        let names = env.credential_buckets.value.iter().map(|ending| name(&ending.value));
        names.collect::<Vec<_>>().join(" ")
    }
}

/// A script of the program, with the name that its part of the user data has.
fn script(script: &Spanned<value::Script>) -> Script<'_> {
    let name = script.value.file.as_deref().unwrap_or("script");
    Script { name: name.into(), text: script.value.text.as_ref().into() }
}
