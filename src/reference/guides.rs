//! The pages of `docs/`, in the order in which one reads them.

use super::{Page, Section, first_sentence};

/// A page of `docs/`.
struct Guide {
    /// Its path without an ending.
    path: &'static str,
    title: &'static str,
    /// Words of other tools for what it is about.
    words: &'static [&'static str],
    text: &'static str,
}

/// Embeds `docs/$path.md`.
macro_rules! guide {
    ($path:literal, $title:literal, $words:expr) => {
        Guide {
            path: $path,
            title: $title,
            words: &$words,
            text: include_str!(concat!("../../docs/", $path, ".md")),
        }
    };
}

const GUIDES: [Guide; 14] = [
    guide!(
        "start",
        "Start",
        ["install", "init", "new", "setup", "quickstart", "tutorial", "getting started"]
    ),
    guide!(
        "language",
        "The language",
        ["syntax", "variable", "variables", "locals", "module", "modules", "schedule"]
    ),
    guide!(
        "terraform",
        "Coming from Terraform",
        [
            "backend",
            "count",
            "cloudformation",
            "data",
            "depends_on",
            "for_each",
            "hcl",
            "import",
            "lifecycle",
            "module",
            "modules",
            "opentofu",
            "output",
            "outputs",
            "provider",
            "providers",
            "pulumi",
            "refresh",
            "state",
            "taint",
            "target",
            "tfvars",
            "variable",
            "variables",
            "workspace",
            "workspaces"
        ]
    ),
    guide!(
        "ci",
        "CI",
        [
            "approval",
            "continuous integration",
            "github",
            "gitlab",
            "jenkins",
            "oidc",
            "pipeline",
            "pull request"
        ]
    ),
    guide!("emulator", "Test against the emulator", ["localstack", "mock", "moto", "test", "testing"]),
    guide!("secrets", "Secrets today", ["credentials", "password", "secret", "sensitive", "token", "vault"]),
    guide!("undo", "Undo", ["revert", "rollback", "roll back", "recover", "restore"]),
    guide!("upgrade", "Upgrade", ["migrate", "update", "version", "versions"]),
    guide!("ownership", "Whose is it", ["adopt", "copy", "duplicate", "import", "owner", "state", "tags"]),
    guide!("leases", "Leases", ["concurrency", "force-unlock", "lock", "locking", "locks"]),
    guide!("permissions", "Permissions", ["iam", "least privilege", "policies", "policy", "role"]),
    guide!("events", "Events of a run", ["audit", "log", "logging", "timeline"]),
    guide!("performance", "Performance", ["benchmark", "speed"]),
    guide!(
        "architecture",
        "Architecture",
        ["adoption", "design", "drift", "internals", "ownership", "retries", "state", "tags"]
    ),
];

/// The pages. The generated page about the command line comes after the one about the language.
pub(super) fn pages(command_line: Page) -> Vec<Page> {
    let mut pages: Vec<Page> = GUIDES.iter().map(page).collect();
    let after = GUIDES.iter().position(|guide| guide.path == "language").map_or(0, |at| at + 1);
    pages.insert(after, command_line);
    pages
}

fn page(guide: &Guide) -> Page {
    let body = guide.text.split_once("\n\n").map_or("", |(_title, body)| body);
    Page {
        path: guide.path.to_owned(),
        title: guide.title.to_owned(),
        summary: summary(body),
        section: Section::Guide,
        words: guide.words,
        markdown: guide.text.to_owned(),
    }
}

/// The first sentence, without the marks of Markdown.
fn summary(body: &str) -> String {
    let is_prose = body.starts_with(|sign: char| sign.is_alphabetic() || sign == '`' || sign == '[');
    if is_prose { first_sentence(body).replace('*', "") } else { String::new() }
}
