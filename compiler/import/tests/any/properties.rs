//! What is so for every tree, also for one that a fuzzer makes.

use std::collections::BTreeMap;

use asiaq_compiler::{Files, Workspace, check};
use asiaq_import::{Import, Wish, import, verify};

struct Texts<'a>(&'a Import);

impl Files for Texts<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.text(path).cloned().ok_or_else(|| format!("no file {path}"))
    }
}

/// The tree of a text: its parts between lines of `====`.
pub(crate) fn tree(text: &str) -> BTreeMap<String, Vec<u8>> {
    let names = [
        "disco_aws.ini",
        "disco_vpc.ini",
        "application.csv",
        "sandboxes/alice/pipeline.csv",
        "disco_rds.ini",
        "rds/engine_specific/orders.ini",
        "disco_elasticache.ini",
        "disco_elasticsearch.ini",
        "dynamodb/users.json",
        "iam/user_policies/p.iam",
        "iam/user_policies/p.tr",
        "iam/instance_policies/q.iam",
        "iam/group_membership/dev/alice.grp",
        "iam/s3/dev/REGION.PROJECT.s3audit.dev.lifecycle",
        "iam/s3/dev/REGION.PROJECT.s3audit.dev.iam",
        "ssm/documents/restart.ssm",
    ];
    let parts = text.split("\n====\n").zip(names);
    parts.map(|(part, name)| (name.to_owned(), part.as_bytes().to_vec())).collect()
}

/// Translates a tree: the compiler accepts the program, which is laid out, and findings have places.
pub(crate) fn is_translated(tree: &BTreeMap<String, Vec<u8>>) -> Import {
    let wish = Wish {
        environments: vec![
            ("ci".to_owned(), "sandbox".to_owned()),
            ("live".to_owned(), "production".to_owned()),
        ],
        pipelines: vec![("ci".to_owned(), "application.csv".to_owned())],
        accounts: vec![("dev".to_owned(), "123456789012".to_owned())],
        ..Wish::default()
    };
    let imported = import(tree, &wish);
    let entries: Vec<String> = imported.files.keys().cloned().collect();
    let checked = check(Workspace::load(&entries, &Texts(&imported)).unwrap());
    let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{:#?}", imported.files);
    for (name, text) in &imported.files {
        assert_eq!(*text, asiaq_lang::format(text), "{name} is laid out");
    }
    for found in &imported.findings {
        let text = imported.sources.text(found.primary.file);
        assert!(text.get(found.primary.range()).is_some(), "{found:?}");
    }
    imported
}

/// What the program does not have as the original has it has a reason.
#[allow(dead_code, reason = "a fuzzer's trees may be broken in ways that no person's are")]
pub(crate) fn is_verified(imported: &Import) {
    let verified = verify(imported);
    let open: Vec<_> = verified.differences.iter().filter(|difference| difference.reason.is_none()).collect();
    if !open.is_empty() {
        let old: Vec<&str> = imported.sources.ids().map(|file| imported.sources.text(file)).collect();
        panic!(
            "{open:#?}\n{}\n{}",
            old.join("\n----\n"),
            imported.files.values().cloned().collect::<String>()
        );
    }
}
