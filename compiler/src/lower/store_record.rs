//! The names of databases, caches and search domains in DNS.

use asiaq_ir::{RecordSet, RecordTarget, Ref};
use asiaq_lang::Span;

use super::Lowering;
use crate::evaluate::Resolved;
use crate::model::Environment;

/// Seconds that resolvers may cache the name of a database, a cache or a search domain: short, so that a change is seen soon.
const TTL: u32 = 5;

impl Lowering<'_> {
    /// A record in `zone` with the full name `name`, for what is declared as `kind` `declared` at `span`.
    pub(super) fn store_record(
        &mut self,
        env: &Environment,
        declared: (&str, &str, Span),
        zone: Ref,
        name: (&Resolved<String>, String),
    ) {
        self.store_record_at(env, declared, "record", zone, name);
    }

    /// The same at path `part` of the declaration.
    pub(super) fn store_record_at(
        &mut self,
        env: &Environment,
        (kind, declared, span): (&str, &str, Span),
        part: &str,
        zone: Ref,
        (domain, name): (&Resolved<String>, String),
    ) {
        let path = format!("{kind}/{declared}");
        let mut node = self
            .node(env, &format!("{path}/{part}"), span)
            .declared_by(format!("{kind}.{declared}"))
            .tagged(&name, &[]);
        let record = RecordSet {
            zone,
            name: node.set(RecordSet::NAME, &domain.chain, name),
            record: "CNAME".to_owned(),
            ttl: Some(TTL),
            target: RecordTarget::NameOf(Ref::to(&env.name, &path)),
        };
        self.add(node, record);
    }
}
