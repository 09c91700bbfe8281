//! The instance settings of a hostclass, from its fields and blocks.

use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::{Disk, Image, Machine, SmokeTest, Test};
use crate::block::Block;
use crate::evaluate::{Evaluator, Fields};
use crate::library::fields::{
    AmiFields, DeployFields, DiskFields, HostclassFields, SmokeTestFields, TestFields,
};
use crate::library::kinds;
use crate::names::name_span;

/// The fields of the blocks inside a hostclass or a run, by the path within it.
pub(in crate::model) type Parts = Vec<(String, Arc<Fields>)>;

impl Machine {
    /// The instances that `block` of the hostclass declares, with the hostclass's own fields. The fields of nested
    /// blocks go to `parts`.
    pub(in crate::model) fn of(
        own: HostclassFields,
        fields: &Fields,
        block: &Block<'_>,
        span: Span,
        evaluator: &Evaluator<'_, '_>,
        parts: &mut Parts,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut reader = Reader { block, span, evaluator, parts, diagnostics };
        // Every current instance type has enhanced networking.
        let _ = &own.enhanced_networking;
        let (test, is_tested, is_deployed) = reader.deployment();
        Self {
            ips: own.ips,
            security: own.security,
            profile: own.instance_profile,
            key: own.key,
            product_line: own.product_line,
            domain: own.domain.or_else(|| fields.broken(HostclassFields::DOMAIN, String::new())),
            chaos: own.chaos,
            proxy: own.proxy,
            tags: own.tags,
            user_data: own.user_data,
            script: own.script,
            termination_policies: own.termination_policies,
            root_size: own.root_size,
            ephemeral: own.ephemeral,
            stateful: own.stateful,
            ebs_optimized: own.ebs_optimized,
            monitoring: own.monitoring,
            metadata_tokens: own.metadata_tokens,
            disks: block.nested(kinds::DISK).into_iter().filter_map(|name| reader.disk(name)).collect(),
            image: reader.image(),
            smoke_test: reader.smoke_test(),
            test,
            is_tested,
            is_deployed,
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
        self.block.child(kinds::DISK, Some(name), &self.evaluator.lineage)?;
        let (fields, declared) = self.part(kinds::DISK, Some(name));
        let span = declared.unwrap_or(self.span);
        let of = DiskFields::of(&fields, span);
        Some(Disk {
            name: name.to_owned(),
            span,
            size: of.size,
            volume: of.r#type,
            iops: of.iops,
            throughput: of.throughput,
            encrypted: of.encrypted,
        })
    }

    fn image(&mut self) -> Image {
        let (fields, declared) = self.part(kinds::AMI, None);
        let AmiFields { id, newest, owner, parameter, stages, product_line } =
            AmiFields::of(&fields, declared.unwrap_or(self.span));
        Image { id, newest, owner, parameter, stages, product_line }
    }

    fn smoke_test(&mut self) -> SmokeTest {
        let (fields, span) = self.part(kinds::SMOKE_TEST, None);
        let SmokeTestFields { check, port, path, document, timeout, terminates } =
            SmokeTestFields::of(&fields, span.unwrap_or(self.span));
        SmokeTest { span, check, port, path, document, timeout, terminates }
    }

    /// How a deployment tests the instances, whether it does, and whether the file says anything of deployments. No
    /// resource depends on the values of the blocks `deploy` and `test`.
    fn deployment(&mut self) -> (Test, bool, bool) {
        let (fields, deploy) = self.part(kinds::DEPLOY, None);
        let _ = &DeployFields::of(&fields, self.span).strategy;
        let (fields, declared) = self.part(kinds::TEST, None);
        let TestFields { hostclass, user, command, env, testing_mode, integration } =
            TestFields::of(&fields, self.span);
        let test = Test { hostclass, user, command, env, testing_mode, integration };
        let is_tested =
            [TestFields::COMMAND, TestFields::INTEGRATION].iter().any(|field| fields.chain(field).is_some());
        (test, is_tested, deploy.is_some() || declared.is_some())
    }
}
