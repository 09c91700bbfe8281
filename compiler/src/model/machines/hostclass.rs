//! What the fields and blocks of a hostclass say of its machines.

use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::{Disk, Image, Machine, SmokeTest};
use crate::block::Block;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::names::name_span;
use crate::value::Value;

/// The fields of the blocks inside a hostclass or a run, by the path within it.
pub(in crate::model) type Parts = Vec<(String, Arc<Fields>)>;

/// Seconds to wait for a smoke test where that is broken.
const PATIENCE: u64 = 1200;

impl Machine {
    /// The machines of the hostclass that `block` says, with its own `fields`; what its blocks say goes to
    /// `parts`.
    pub(in crate::model) fn of(
        fields: &Fields,
        block: &Block<'_>,
        span: Span,
        evaluator: &Evaluator<'_, '_>,
        parts: &mut Parts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut reader = Reader { block, span, evaluator, parts, diagnostics };
        let flag = |field: &str, broken: bool| fields.flag(field, broken, span);
        Self {
            ips: fields.items("ips", Value::address, span),
            security: fields.items("security", Value::reference, span),
            profile: fields.text("instance_profile"),
            key: fields.text("key"),
            product_line: fields.text("product_line"),
            domain: fields.text_even_broken("domain"),
            chaos: flag("chaos", true),
            proxy: flag("proxy", false),
            tags: fields.tags("tags"),
            user_data: fields.texts("user_data"),
            termination_policies: fields.items("termination_policies", Value::text, span),
            root_size: fields.size("root_size"),
            ephemeral: fields.int("ephemeral"),
            stateful: flag("stateful", false),
            ebs_optimized: flag("ebs_optimized", true),
            monitoring: flag("monitoring", false),
            metadata_tokens: flag("metadata_tokens", true),
            disks: block.nested("disk").into_iter().filter_map(|name| reader.disk(name)).collect(),
            image: reader.image(),
            smoke_test: reader.smoke_test(),
            is_tested: reader.is_tested(),
        }
    }
}

struct Reader<'a, 'b, 'r> {
    block: &'r Block<'a>,
    /// The hostclass.
    span: Span,
    evaluator: &'r Evaluator<'a, 'b>,
    parts: &'r mut Parts,
    diagnostics: &'r mut Vec<Diagnostic>,
}

impl Reader<'_, '_, '_> {
    /// The fields of a block of the hostclass, and where it is declared; the defaults where it is not.
    fn part(&mut self, kind: &str, name: Option<&str>) -> (Arc<Fields>, Option<Span>) {
        let lineage = self.evaluator.lineage.as_slice();
        let declared = self.block.child_decls(kind, name, lineage).last().map(|decl| name_span(decl));
        let block = self.block.child(kind, name, lineage).unwrap_or_default();
        let site = declared.unwrap_or(self.span);
        let fields = Arc::new(self.evaluator.fields(kind, &block, site, self.diagnostics));
        if declared.is_some() {
            let path = name.map_or_else(|| kind.to_owned(), |name| format!("{kind}.{name}"));
            self.parts.push((path, Arc::clone(&fields)));
        }
        (fields, declared)
    }

    fn disk(&mut self, name: &str) -> Option<Disk> {
        self.block.child("disk", Some(name), &self.evaluator.lineage)?;
        let (fields, declared) = self.part("disk", Some(name));
        let span = declared.unwrap_or(self.span);
        Some(Disk {
            name: name.to_owned(),
            span,
            size: fields.size("size"),
            volume: fields.word("type", "gp3", span),
            iops: fields.int("iops"),
            throughput: fields.int("throughput"),
            encrypted: fields.flag("encrypted", true, span),
        })
    }

    fn image(&mut self) -> Image {
        let (fields, _) = self.part("ami", None);
        Image {
            id: fields.text("id"),
            stages: fields.list("stages", Value::text),
            product_line: fields.text("product_line"),
        }
    }

    fn smoke_test(&mut self) -> SmokeTest {
        let (fields, span) = self.part("smoke_test", None);
        let site = span.unwrap_or(self.span);
        SmokeTest {
            span,
            check: fields.word("check", "tag", site),
            port: fields.ports("port"),
            path: fields.text("path"),
            document: fields.text("document"),
            timeout: fields.duration("timeout").unwrap_or(Resolved { value: PATIENCE, chain: vec![site] }),
            terminates: fields.flag("terminates", true, site),
        }
    }

    fn is_tested(&mut self) -> bool {
        self.part("deploy", None);
        let (fields, _) = self.part("test", None);
        ["command", "integration"].iter().any(|field| fields.chain(field).is_some())
    }
}
