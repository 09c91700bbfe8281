//! Explains metanetworks and addresses with their values in each environment.

use asiaq_lang::ast::Expr;
use ipnet::Ipv4Net;

use super::docs;
use crate::address_space::RESERVED_IN_SUBNET;
use crate::ide::cursor_context::CursorContext;
use crate::ide::index::{Occurrence, Role};
use crate::ide::{Analysis, Offset, markdown};
use crate::library::kinds;
use crate::proof::{Place, place};
use crate::value::Address;

/// Number of addresses for instances in a subnet.
pub(in crate::ide) fn usable(subnet: Ipv4Net) -> u64 {
    (1_u64 << (32 - u32::from(subnet.prefix_len()))).saturating_sub(RESERVED_IN_SUBNET)
}

impl Analysis {
    pub(super) fn nested_text(
        &self,
        kind: &str,
        name: &str,
        owner: Option<&str>,
        occurrence: &Occurrence,
        cursor: &CursorContext<'_>,
    ) -> String {
        let title = markdown::program(&format!("{kind} {name}"));
        // Its own documentation, or that of the declaration it overrides.
        let mut said = match (occurrence.role, cursor.decls.last()) {
            (Role::Declaration, Some(decl)) => docs(&decl.docs),
            (Role::Declaration | Role::Reference, _) => String::new(),
        };
        let mut at = occurrence.span;
        for _ in 0..self.workspace.files.len().max(16) {
            if !said.is_empty() {
                break;
            }
            let next = self.definition(Offset { file: at.file, at: at.start }).first().copied();
            let Some(next) = next.filter(|next| *next != at) else { break };
            said = self.docs_at(next);
            at = next;
        }
        let envs = match owner {
            Some(owner) => self.environments(Some(owner)),
            None => self.environments_at(cursor),
        };
        let rows: Vec<[String; 3]> = envs
            .iter()
            .filter(|env| kind == kinds::METANETWORK && env.network(name).is_some())
            .map(|env| {
                let (block, usable) = self.block_and_usable(&env.name, name);
                [markdown::code(&env.name), block, usable]
            })
            .collect();
        let blocks = match rows.as_slice() {
            [] => String::new(),
            rows => markdown::table(["Environment", "CIDR block", "Usable addresses"], rows),
        };
        markdown::paragraphs([title, said, blocks, self.arns_text(kind, name, owner)])
    }

    /// The CIDR block of a metanetwork, and the number of addresses for instances.
    pub(in crate::ide) fn block_and_usable(&self, env: &str, network: &str) -> (String, String) {
        let Some(laid) = self.layout().network(env, network) else {
            return ("no room".to_owned(), String::new());
        };
        let each = laid.subnets.first().map_or(0, |subnet| usable(*subnet));
        let usable = match laid.subnets.len() {
            1 => each.to_string(),
            zones => format!("{zones} × {each}"),
        };
        (markdown::code(&laid.block.to_string()), usable)
    }

    /// Resolves a static address in an environment; `own` is its metanetwork if it names none.
    pub(in crate::ide) fn address_of(
        &self,
        env: &str,
        address: &Address,
        own: Option<&str>,
    ) -> Option<String> {
        let network = match address {
            Address::Ip(ip) => return Some(ip.to_string()),
            Address::Offset { network: Some(network), .. } => network.value.as_str(),
            Address::Offset { network: None, .. } => own?,
        };
        match place(address, &self.layout().network(env, network)?.subnets) {
            Place::Address(ip) => Some(ip.to_string()),
            Place::Reserved(ip, _) => Some(format!("{ip}, which AWS reserves")),
            Place::Outside => Some("outside the metanetwork".to_owned()),
        }
    }

    /// Explains an offset with its address in each environment.
    pub(super) fn offset_text(&self, expr: &Expr, cursor: &CursorContext<'_>) -> String {
        let mut rows = Vec::new();
        for env in self.environments_at(cursor) {
            let servers = env.dhcp.iter().flat_map(crate::model::Dhcp::addresses);
            let mut found =
                servers.filter(|(_, span)| *span == expr.span).map(|(address, _)| (address, None));
            let host = env.hosts.iter().find_map(|host| {
                let ip = host.ip.as_ref().filter(|ip| ip.span().end == expr.span.end)?;
                (ip.span().file == expr.span.file).then_some((&ip.value, Some(host.network.value.as_str())))
            });
            if let Some((address, own)) = found.next().or(host)
                && let Some(ip) = self.address_of(&env.name, address, own)
            {
                rows.push((env.name.clone(), ip));
            }
        }
        super::by_environment("Address", rows)
    }
}
