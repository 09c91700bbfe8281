//! Declarations: their documentation, and a summary.

use asiaq_lang::FileId;
use asiaq_lang::ast::{Decl, Item};

use super::{docs, heading};
use crate::ide::cursor_context::item_span;
use crate::ide::{Analysis, markdown};
use crate::library::kinds;
use crate::names::name_span;
use crate::value::{Allocation, Nat};

impl Analysis {
    pub(super) fn let_text(&self, name: &str) -> String {
        let names = self.names();
        let Some(found) = names.get_let(name) else { return String::new() };
        let text = crate::explain::on_one_line(self.sources().slice(found.span));
        let facts = self.literal_text(&found.value);
        markdown::paragraphs([markdown::program(&text), docs(&found.docs), facts])
    }

    pub(super) fn declared_text(&self, kind: &str, name: &str) -> String {
        let names = self.names();
        let decl = match kind {
            kinds::ENV => names.environment(name),
            kinds::PROJECT => names.project(),
            _ => names.get(kind, name),
        };
        let Some(decl) = decl else { return String::new() };
        let summary = match decl.kind.text.as_str() {
            kinds::ENV => self.environment_summary(name),
            kinds::ENVTYPE => self.envtype_summary(name),
            kinds::HOSTCLASS => self.hostclass_summary(name),
            kinds::PEERING => self.peering_summary(decl),
            kinds::ACCOUNT => self.account_summary(name),
            _ => String::new(),
        };
        let title = match &decl.value {
            Some(_) => crate::explain::on_one_line(self.sources().slice(decl.span)),
            None => heading(decl),
        };
        markdown::paragraphs([markdown::program(&title), docs(&decl.docs), summary])
    }

    fn environment_summary(&self, name: &str) -> String {
        let Some(env) = self.checked.model.environment(name) else { return String::new() };
        let laid = self.layout().0.get(name);
        let block = match (&env.cidr.value, laid) {
            (Allocation::Pool { pool, .. }, Some(laid)) => {
                format!(
                    "`{}` from `{pool}`, unless a live VPC or a conflict in the account decides otherwise",
                    laid.cidr
                )
            }
            (_, Some(laid)) => format!("`{}`", laid.cidr),
            (_, None) => "no CIDR block".to_owned(),
        };
        let account = env.account.as_ref().map_or_else(String::new, |id| format!(", account `{}`", id.value));
        let protect = if env.protect.value { ", protected" } else { "" };
        let summary =
            format!("{block} in `{}`, {} zones{account}{protect}", env.region.value, env.zones.value);
        let rows: Vec<[String; 3]> = env
            .networks
            .iter()
            .map(|network| {
                let (block, usable) = self.block_and_usable(name, &network.name);
                [markdown::code(&network.name), block, usable]
            })
            .collect();
        let networks = match rows.as_slice() {
            [] => String::new(),
            rows => markdown::table(["Metanetwork", "CIDR block", "Usable addresses"], rows),
        };
        markdown::paragraphs([summary, networks])
    }

    fn envtype_summary(&self, name: &str) -> String {
        let names = self.names();
        let heirs: Vec<&str> = names
            .of_kind(kinds::ENVTYPE)
            .filter(|heir| *heir != name && names.lineage(heir).contains(&name))
            .collect();
        let envs: Vec<&str> = names
            .env_order()
            .iter()
            .map(String::as_str)
            .filter(|env| names.lineage(env).contains(&name))
            .collect();
        let envs = match envs.as_slice() {
            [] => "No environment is of this type.".to_owned(),
            envs => format!("Environments: {}", markdown::names(envs)),
        };
        let heirs = match heirs.as_slice() {
            [] => String::new(),
            heirs => format!("Envtypes that inherit from it: {}", markdown::names(heirs)),
        };
        markdown::paragraphs([envs, heirs])
    }

    fn hostclass_summary(&self, name: &str) -> String {
        let mut rows = Vec::new();
        for env in &self.checked.model.environments {
            if let Some(host) = env.host(name) {
                let private = host
                    .ip
                    .as_ref()
                    .and_then(|ip| self.address_of(&env.name, &ip.value, Some(&host.network.value)))
                    .map_or_else(String::new, |ip| markdown::code(&ip));
                let public = match (&host.eip, host.public_ip.value) {
                    (Some(eip), _) => markdown::code(&eip.value.to_string()),
                    (None, true) => "yes".to_owned(),
                    (None, false) => "no".to_owned(),
                };
                rows.push([markdown::code(&env.name), markdown::code(&host.network.value), private, public]);
            }
        }
        match rows.as_slice() {
            [] => String::new(),
            rows => markdown::table(["Environment", "Metanetwork", "Static address", "Public"], rows),
        }
    }

    fn peering_summary(&self, decl: &Decl) -> String {
        let rows: Vec<[String; 2]> = self
            .checked
            .model
            .joints
            .iter()
            .filter(|joint| joint.span == decl.span)
            .map(|joint| {
                let [a, b] = &joint.ends;
                [format!("`{}/{}`", a.env, a.network), format!("`{}/{}`", b.env, b.network)]
            })
            .collect();
        match rows.as_slice() {
            [] => String::new(),
            rows => markdown::table(["One end", "The other"], rows),
        }
    }

    fn account_summary(&self, name: &str) -> String {
        let envs: Vec<&str> = self
            .checked
            .model
            .environments
            .iter()
            .filter(|env| self.account_of(&env.name).is_some_and(|account| account == name))
            .map(|env| env.name.as_str())
            .collect();
        let envs = match envs.as_slice() {
            [] => String::new(),
            envs => format!("Environments: {}", markdown::names(envs)),
        };
        let Some(account) = self.checked.model.account(name) else { return envs };
        let place = format!("Account `{}` in `{}`", account.id.value, account.region);
        let rows: Vec<[String; 2]> = kinds::OF_ACCOUNTS
            .iter()
            .map(|kind| (kind, account.arns.names_of(kind)))
            .filter(|(_, names)| !names.is_empty())
            .map(|(kind, names)| [(*kind).to_owned(), markdown::names(&names)])
            .collect();
        let declared = match rows.as_slice() {
            [] => String::new(),
            rows => markdown::table(["Kind", "Declared"], rows),
        };
        markdown::paragraphs([place, envs, declared])
    }

    /// The ARN of what accounts declare, in each account that has it from `owner`.
    pub(super) fn arns_text(&self, kind: &str, name: &str, owner: Option<&str>) -> String {
        let names = self.names();
        let is_heir = |account: &str, owner: &str| names.lineage_of(kinds::ACCOUNT, account).contains(&owner);
        let accounts = self.checked.model.accounts.iter();
        let accounts = accounts.filter(|account| owner.is_none_or(|owner| is_heir(&account.name, owner)));
        let rows: Vec<[String; 2]> = accounts
            .filter_map(|account| Some((account, account.arns.of(kind, name)?.first()?)))
            .map(|(account, arn)| [markdown::code(&account.name), markdown::code(arn)])
            .collect();
        match rows.as_slice() {
            [] => String::new(),
            rows => markdown::table(["Account", "ARN"], rows),
        }
    }

    /// The account that an environment, or else the project, names.
    fn account_of(&self, env: &str) -> Option<String> {
        let provenance = &self.checked.model.environment(env)?.provenance;
        let chain = provenance.get("account").or_else(|| provenance.get("project.account"))?;
        let setting = self.setting_at(*chain.first()?)?;
        Some(self.sources().slice(setting.value.span).to_owned())
    }

    /// Lists the declarations of a file.
    pub(super) fn file_text(&self, file: FileId) -> String {
        let Some(tree) = self.tree(file) else { return String::new() };
        let mut parts = vec![markdown::program(&format!("use {}", self.sources().path(file)))];
        let mut declared = Vec::new();
        for item in &tree.items {
            match item {
                Item::Decl(decl) => declared.push(heading(decl)),
                Item::Let(found) => declared.push(format!("let {}", found.name.text)),
                Item::Use(_) | Item::Expect(_) | Item::Moved(_) | Item::Kind(_) => {}
            }
        }
        if let [Item::Decl(only)] = tree.items.as_slice() {
            parts.push(docs(&only.docs));
        }
        if !declared.is_empty() {
            parts.push(format!("Declares {}", markdown::names(&declared)));
        }
        markdown::paragraphs(parts)
    }

    /// The documentation of the declaration that is named at `span`.
    pub(super) fn docs_at(&self, span: asiaq_lang::Span) -> String {
        let Some(tree) = self.tree(span.file) else { return String::new() };
        let item =
            tree.items.iter().find(|item| crate::ide::cursor_context::is_in(item_span(item), span.start));
        let Some(Item::Decl(top)) = item else { return String::new() };
        let cursor = crate::ide::cursor_context::CursorContext::find(tree, span.start);
        let decl = cursor.decls.iter().find(|decl| name_span(decl) == span).copied().unwrap_or(top);
        docs(&decl.docs)
    }
}

/// Describes the NAT gateways that `nat` asks for.
pub(super) fn nat_text(nat: &Nat) -> String {
    match nat {
        Nat::Auto => {
            "One NAT gateway in each zone; asiaq allocates their elastic IP addresses, and releases them \
                          with the gateways."
                .to_owned()
        }
        Nat::One => {
            "One NAT gateway for all zones, in the first one; asiaq allocates its elastic IP address, and \
                     releases it with the gateway."
                .to_owned()
        }
        Nat::Static(addresses) if nat.is_one() => {
            let addresses = addresses.iter().map(|ip| ip.value.to_string());
            let address: String = addresses.collect();
            format!("One NAT gateway for all zones, in the first one, with the elastic IP address {address}")
        }
        Nat::Static(addresses) => format!("{} NAT gateways with fixed elastic IP addresses", addresses.len()),
    }
}
