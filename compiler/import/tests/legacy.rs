//! Trees of the original, each with the program that it becomes and with what is wrong in it.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test reads files"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use asiaq_compiler::{Checked, Files, Workspace, check};
use asiaq_import::{Import, Wish, import, verify};

fn tree(name: &str) -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/legacy").join(name);
    let mut tree = BTreeMap::new();
    let mut waiting: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = waiting.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                tree.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    tree
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

struct Texts<'a>(&'a Import);

impl Files for Texts<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.text(path).cloned().ok_or_else(|| format!("no file {path}"))
    }
}

fn checked(imported: &Import) -> Checked {
    let entries: Vec<String> = imported.files.keys().cloned().collect();
    check(Workspace::load(&entries, &Texts(imported)).unwrap())
}

/// The findings, a line each, and the files.
fn shown(imported: &Import) -> String {
    let mut text = String::new();
    for found in &imported.findings {
        let at = imported.sources.start(found.primary);
        let file = imported.sources.path(found.primary.file);
        let severity = if found.is_error() { "error" } else { "warning" };
        writeln!(text, "{file}:{}:{}: {severity}[{}]: {}", at.line, at.column, found.code, found.message)
            .unwrap();
        if let Some(help) = &found.help {
            writeln!(text, "    {help}").unwrap();
        }
    }
    for (name, file) in &imported.files {
        write!(text, "\n==== {name}\n{file}").unwrap();
    }
    for (name, file) in &imported.beside {
        write!(text, "\n==== {name}\n{file}").unwrap();
    }
    text
}

/// Holds what is so for every tree.
fn holds(imported: &Import) {
    let checked = checked(imported);
    let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{}", shown(imported));
    for (name, text) in &imported.files {
        assert_eq!(*text, asiaq_lang::format(text), "{name} is laid out");
    }
    for found in &imported.findings {
        let length = imported.sources.text(found.primary.file).len();
        assert!(found.primary.range().end <= length, "{found:?}");
    }
}

#[test]
fn a_company_becomes_a_program() {
    let wish = Wish {
        environments: pairs(&[("ci", "sandbox"), ("staging", "production"), ("live", "production")]),
        pipelines: pairs(&[("ci", "pipelines/application.csv"), ("live", "pipelines/application.csv")]),
        accounts: pairs(&[("dev", "123456789012"), ("prod", "210987654321")]),
        region: Some("us-west-2".to_owned()),
        ..Wish::default()
    };
    let imported = import(&tree("company"), &wish);
    holds(&imported);
    insta::assert_snapshot!(shown(&imported));
    insta::assert_snapshot!("a_company_is_verified", differences(&imported));
}

/// What is not the same in the program, a line each.
fn differences(imported: &Import) -> String {
    let verified = verify(imported);
    let mut text = format!("{} values compared\n", verified.compared);
    for found in &verified.differences {
        let reason = found.reason.as_deref().unwrap_or("NO REASON");
        writeln!(text, "{}: `{}` is `{}`: {reason}", found.path, found.old, found.new).unwrap();
    }
    text
}

#[test]
fn a_wrong_translation_is_found() {
    let wish = Wish {
        environments: pairs(&[("ci", "sandbox"), ("staging", "production")]),
        accounts: pairs(&[("dev", "123456789012")]),
        ..Wish::default()
    };
    let imported = import(&tree("company"), &wish);
    for (file, right, wrong, path) in [
        ("networks.asq", "udp 123 from all", "udp 124 from all", "ci.tunnel.ingress"),
        ("networks.asq", "ntp = [tunnel + 5]", "ntp = [tunnel + 6]", "ci.dhcp.ntp"),
        (
            "networks.asq",
            "tcp [514, 2181, 9200] from tunnel",
            "tcp [515, 2181, 9200] from tunnel",
            "ci.intranet.ingress",
        ),
        (
            "networks.asq",
            "= build/intranet <-> staging/intranet",
            "= build/intranet <-> staging/dmz",
            "peering builds metanetworks",
        ),
        ("infra.asq", "type = c3.large", "type = c4.large", "bake bakery_instance_type"),
        ("hostclasses.asq", "eip@ci      = 5.5.5.5", "eip@ci      = 5.5.5.6", "ci.mhcbanana.eip"),
        ("hostclasses.asq", "public               = true", "public = false", "ci.mhcbanana.elb.public"),
        ("pipelines.asq", "min = 1", "min = 0", "alice.mhcntp.run.min"),
        (
            "infra.asq",
            "class   = db.t4g.small",
            "class   = db.t4g.large",
            "ci.database [ci-orders] db_instance_class",
        ),
        (
            "infra.asq",
            "allowed         = [host_54_201_1_1]",
            "allowed = [54.201.1.1/32, nat]",
            "ci.search [ci:logs] allowed_source_ips",
        ),
        (
            "infra.asq",
            "type            = cache.t3.small",
            "type = cache.t3.large",
            "ci.cache [ci:sessions] instance_type",
        ),
        ("networks.asq", "sort = \"at\"", "sort = \"on\"", "ci.table users_ci sort"),
        (
            "accounts.asq",
            "ExternalId is \"sample\"",
            "ExternalId is \"simple\"",
            "dev.role disco_dev_operator trust",
        ),
        ("accounts.asq", "deny not iam:Get*", "deny not iam:List*", "dev.group disco_developer policy"),
        ("accounts.asq", "[disco_developer, disco_operator]", "[disco_developer]", "dev.user alice groups"),
        (
            "accounts.asq",
            "expire = 365d",
            "expire = 366d",
            "dev.bucket us-west-2.sample.s3audit.dev lifecycle 1 [ true 365   GLACIER 90]",
        ),
        ("accounts.asq", "url \"https://sample.okta", "url \"https://simple.okta", "dev.saml okta"),
        ("alarms.asq", "average < 10", "average < 11", "ci.alarm [astro.EC2/Memory.%MemFree] when"),
    ] {
        let mut other = imported.clone();
        let text = other.files.get_mut(file).unwrap();
        assert!(text.contains(right), "{right}: {text}");
        *text = text.replace(right, wrong);
        let verified = verify(&other);
        let open = verified.differences.iter().filter(|found| found.reason.is_none());
        assert!(open.clone().any(|found| found.path == path), "{wrong}: {:#?}", open.collect::<Vec<_>>());
    }
}

/// A tree of two environments, one of which has a name that begins like the other's, with a database.
fn two_environments() -> Import {
    let networks = "[envtype:sandbox]\nip_space = 10.128.0.0/9\nvpc_cidr_size = 20\nintranet_cidr = auto\n\
        credential_buckets = ci\n";
    let database = "[ci-2-orders]\nengine = mysql\nengine_version = 8.4.6\ndb_instance_class = db.m7g.large\n\
        allocated_storage = 100\nmaster_username = orders\n";
    let files = [("disco_vpc.ini", networks), ("disco_rds.ini", database)];
    let tree = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into();
    let environments = pairs(&[("ci", "sandbox"), ("ci-2", "sandbox")]);
    let imported = import(&tree, &Wish { environments, ..Wish::default() });
    holds(&imported);
    imported
}

#[test]
fn a_database_is_of_the_environment_with_the_longest_name() {
    let imported = two_environments();
    assert!(
        imported.files["infra.asq"].contains("env ci-2 : sandbox {\n  database orders {"),
        "{imported:#?}"
    );
    let found = imported.findings.iter().find(|found| found.code == "section-of-two").unwrap();
    assert!(found.message.contains("a database of `ci` too"), "{found:?}");
    let verified = verify(&imported);
    let [only] = verified.differences.as_slice() else { panic!("{verified:#?}") };
    assert_eq!(only.path, "ci.database [ci-2-orders]");
    assert!(only.reason.as_ref().unwrap().contains("section-of-two"), "{only:?}");
}

#[test]
fn an_unrelated_finding_hides_no_difference() {
    let mut imported = two_environments();
    // The section has a finding: it lacks a port. That is no reason for another standby.
    assert!(imported.findings.iter().any(|found| found.code == "missing-option"));
    let text = imported.files.get_mut("infra.asq").unwrap();
    *text = text.replace("engine  = mysql", "engine  = mysql\n    multi_az = false");
    assert!(text.contains("multi_az"), "{text}");
    let verified = verify(&imported);
    let found = verified.differences.iter().find(|found| found.path.ends_with(" multi_az")).unwrap();
    assert_eq!((found.old.as_str(), found.new.as_str(), &found.reason), ("true", "false", &None));
}

#[test]
fn what_nobody_says_is_left_out_with_a_reason() {
    let imported = import(&tree("company"), &Wish::default());
    holds(&imported);
    assert_eq!(imported.unknown, ["ci", "forgotten", "live", "nowhere"]);
    let infra = &imported.files["infra.asq"];
    assert!(
        infra.contains("// Not taken over: the type of the environment `live` is not known.\n// [env:live]")
    );
}

#[test]
fn a_broken_file_stops_nothing() {
    let imported = import(&tree("broken"), &Wish::default());
    holds(&imported);
    insta::assert_snapshot!(shown(&imported));
}

#[test]
fn no_tree_is_no_program() {
    let imported = import(&BTreeMap::new(), &Wish::default());
    assert_eq!(imported.findings.len(), 0, "{:?}", imported.findings);
    holds(&imported);
}

#[test]
fn the_page_has_a_row_for_each_finding() {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/migrate.md")).unwrap();
    for code in asiaq_import::findings() {
        assert!(page.contains(&format!("\n| `{code}` |")), "docs/migrate.md has no row for `{code}`");
        assert!(asiaq_compiler::pages::page(&code).is_none(), "`{code}` is a code of the compiler too");
    }
}
