//! What browsers get from a bucket: its website, and what pages of other origins may use.

use asiaq_ir::{CorsRule, RoutingRule, Website};

use super::{Inner, Reader, inside};
use crate::block::Block;
use crate::dns;
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::fields::{CorsFields, RedirectFields, WebsiteFields};
use crate::library::kinds;
use crate::value::Spanned;

impl<'a> Reader<'_, 'a, '_> {
    pub(super) fn website(&mut self, bucket: &Block<'a>, path: &str) -> Option<Spanned<Website>> {
        let block = bucket.child(kinds::WEBSITE, None, &[])?;
        let span = bucket.last_span(kinds::WEBSITE, None);
        let path = inside(path, kinds::WEBSITE);
        let fields = self.fields(kinds::WEBSITE, &block, span, path.clone());
        let of = WebsiteFields::of(&fields, span);
        let mut rules = Vec::new();
        for Inner { name, span, fields, .. } in self.blocks(&block, kinds::REDIRECT, &path) {
            let of = RedirectFields::of(&fields, span);
            self.host(of.host.as_ref());
            let rule = RoutingRule {
                prefix: text(of.prefix),
                error: of.error.map(|status| status.value.to_string()),
                host: text(of.host),
                replace_prefix: text(of.to_prefix),
                replace_key: text(of.to_key),
                // AWS's own.
                status: of.status.map(|status| status.value.to_string()).filter(|status| status != "301"),
            };
            if rule.replace_prefix.is_some() && rule.replace_key.is_some() {
                self.diagnostics.push(errors::two_ways_to_redirect(span, name));
            } else if rule.host.is_none() && rule.replace_prefix.is_none() && rule.replace_key.is_none() {
                self.diagnostics.push(errors::redirect_to_nowhere(span, name));
            }
            rules.push(rule);
        }
        self.host(of.redirect_all.as_ref());
        let website =
            Website { index: text(of.index), error: text(of.error), redirect: text(of.redirect_all), rules };
        Some(Spanned { value: website, span })
    }

    pub(super) fn cors(&mut self, bucket: &Block<'a>, path: &str) -> Vec<Spanned<CorsRule>> {
        let mut rules = Vec::new();
        for Inner { span, fields, .. } in self.blocks(bucket, kinds::CORS, path) {
            let of = CorsFields::of(&fields, span);
            for pattern in of.origins.value.iter().chain(&of.headers.value) {
                if pattern.value.matches('*').count() > 1 {
                    self.diagnostics.push(errors::several_wildcards(pattern.span, &pattern.value));
                }
            }
            for (field, list) in [("methods", &of.methods), ("origins", &of.origins)] {
                if list.value.is_empty() {
                    self.diagnostics.push(errors::no_entries(list.place(span), field));
                }
            }
            let set = |list: &[Spanned<String>]| list.iter().map(|one| one.value.clone()).collect();
            let rule = CorsRule {
                methods: of.methods.value.iter().map(|method| method.value.to_ascii_uppercase()).collect(),
                origins: set(&of.origins.value),
                headers: set(&of.headers.value),
                expose: set(&of.expose.value),
                max_age: of.max_age.map(|age| u32::try_from(age.value).unwrap_or(u32::MAX)),
            };
            rules.push(Spanned { value: rule, span });
        }
        rules
    }
}

impl Reader<'_, '_, '_> {
    /// Reports what is no host, with or without a protocol before it.
    fn host(&mut self, set: Option<&Resolved<String>>) {
        let Some(set) = set else { return };
        let bare = ["https://", "http://"].iter().find_map(|start| set.value.strip_prefix(start));
        let bare = bare.unwrap_or(&set.value);
        let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let host = bare.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(bare, |(host, _)| host);
        if dns::domain(host).is_none() {
            self.diagnostics.push(errors::not_a_domain(set.span(), &set.value));
        }
    }
}

fn text(set: Option<Resolved<String>>) -> Option<String> {
    set.map(|set| set.value)
}
