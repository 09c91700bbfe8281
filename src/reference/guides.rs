//! The pages of `docs/`, in the order in which one reads them.

use super::{Page, Section, first_sentence};

/// A page of `docs/`.
struct Guide {
    /// Its path without an ending.
    path: &'static str,
    title: &'static str,
    /// Words of other tools for what it is about.
    words: &'static [&'static str],
    /// Such words for a heading in it, by its anchor.
    headings: &'static [(&'static str, &'static [&'static str])],
    text: &'static str,
}

/// Embeds `docs/$path.md`.
macro_rules! guide {
    ($path:literal, $title:literal, $words:expr, $headings:expr) => {
        Guide {
            path: $path,
            title: $title,
            words: &$words,
            headings: &$headings,
            text: include_str!(concat!("../../docs/", $path, ".md")),
        }
    };
}

const GUIDES: [Guide; 35] = [
    guide!(
        "start",
        "Start",
        [
            "binary",
            "docker",
            "download",
            "getting started",
            "homebrew",
            "init",
            "install",
            "new",
            "quickstart",
            "setup",
            "tutorial"
        ],
        [("apply-it-to-aws", &["credentials", "login", "profile", "sso"])]
    ),
    guide!(
        "language",
        "The language",
        ["grammar", "hcl", "syntax"],
        [
            ("files", &["comment", "include", "module", "modules", "split files", "use"]),
            (
                "values",
                &[
                    "function",
                    "functions",
                    "interpolation",
                    "let",
                    "local",
                    "locals",
                    "string",
                    "type",
                    "types",
                    "variable",
                    "variables"
                ]
            ),
            ("inheritance", &["extends", "inherit", "template"]),
            ("overrides", &["override", "per environment", "tfvars", "var-file"]),
            ("address-space", &["cidrsubnet", "ipam", "subnetting"]),
            ("rules", &["egress", "firewall rule", "ingress", "security_group_rule"]),
            ("routes", &["internet gateway", "nat gateway", "route", "vpn gateway"]),
            ("sizes-and-conditions", &["autoscaling_schedule", "cron", "schedule", "schedules"]),
            ("instances", &["instance refresh", "rolling", "rolling update"]),
            ("load-balancers", &["acm", "certificate", "ssl policy"]),
            (
                "expectations",
                &[
                    "assert",
                    "assertion",
                    "check block",
                    "policy as code",
                    "precondition",
                    "sentinel",
                    "validation"
                ]
            ),
            ("protection", &["deletion protection", "prevent_destroy", "protect", "risk"]),
            ("warnings", &["lint", "linter", "suppress", "tflint"]),
            ("layout", &["format", "formatter", "style"])
        ]
    ),
    guide!(
        "terraform",
        "Coming from Terraform",
        ["cdk", "cloudformation", "opentofu", "pulumi", "terraform"],
        [
            (
                "fifteen-questions",
                &[
                    "backend",
                    "drift",
                    "environment variable",
                    "import",
                    "module",
                    "modules",
                    "provider",
                    "providers",
                    "remote state",
                    "state",
                    "state file",
                    "variable",
                    "variables",
                    "workspace",
                    "workspaces"
                ]
            ),
            (
                "arguments-and-blocks",
                &[
                    "alias",
                    "condition",
                    "conditional",
                    "count",
                    "create_before_destroy",
                    "data",
                    "data source",
                    "depends_on",
                    "dynamic",
                    "each",
                    "for_each",
                    "ignore_changes",
                    "lifecycle",
                    "loop",
                    "moved",
                    "null_resource",
                    "provisioner",
                    "remote-exec",
                    "removed",
                    "replace_triggered_by",
                    "sensitive",
                    "taint",
                    "timeouts"
                ]
            ),
            ("commands", &["refresh", "taint", "target", "validate"])
        ]
    ),
    guide!(
        "migrate",
        "Coming from the original Asiaq",
        ["configparser", "csv", "disco", "disco_aws.ini", "disco_vpc.ini", "ini", "migrate", "migration"],
        [("what-it-finds", &["findings"])]
    ),
    guide!(
        "adoption",
        "Adoption",
        [
            "adopt",
            "adoption",
            "brownfield",
            "driftctl",
            "import block",
            "take over",
            "terraform import",
            "unmanaged"
        ],
        []
    ),
    guide!(
        "ci",
        "CI",
        [
            "approval",
            "atlantis",
            "automation",
            "continuous integration",
            "github",
            "github actions",
            "gitlab",
            "jenkins",
            "oidc",
            "pipeline as code",
            "pull request"
        ],
        [("exit-codes", &["detailed-exitcode", "exit code"])]
    ),
    guide!(
        "show",
        "Show what is in AWS",
        [
            "arn",
            "console",
            "dns name",
            "id",
            "ids",
            "inventory",
            "name server",
            "name servers",
            "nameservers",
            "output",
            "outputs",
            "public ip",
            "registrar"
        ],
        [("name-servers", &["delegation", "ns record"]), ("in-terraform", &["terraform_remote_state"])]
    ),
    guide!(
        "emulator",
        "Test against the emulator",
        ["dry run", "integration test", "localstack", "mock", "moto", "terratest", "test", "testing"],
        []
    ),
    guide!(
        "secrets",
        "Secrets",
        [
            "credential",
            "credentials",
            "kms",
            "password",
            "secret",
            "secrets",
            "secretsmanager",
            "sensitive",
            "ssm parameter",
            "token",
            "vault"
        ],
        []
    ),
    guide!("undo", "Undo", ["backup", "recover", "restore", "revert", "roll back", "rollback", "undo"], []),
    guide!("upgrade", "Upgrade", ["migrate", "release", "update", "upgrade", "version", "versions"], []),
    guide!(
        "interruptions",
        "What an apply interrupts",
        ["blue-green", "create_before_destroy", "downtime", "outage", "zero downtime"],
        []
    ),
    guide!(
        "ownership",
        "Whose is it",
        [
            "adopt",
            "adoption",
            "copy",
            "duplicate",
            "import",
            "orphan",
            "owner",
            "ownership",
            "state",
            "state mv",
            "state rm",
            "tags",
            "unmanaged"
        ],
        []
    ),
    guide!(
        "leases",
        "Leases",
        ["concurrency", "dynamodb", "force-unlock", "lock", "locking", "locks", "unlock"],
        []
    ),
    guide!("limits", "Limits", ["increase", "limit", "quota", "quotas", "service quotas", "usage"], []),
    guide!(
        "accounts",
        "Accounts",
        [
            "account",
            "assume role",
            "cross account",
            "mfa",
            "multi account",
            "organization",
            "provider alias",
            "sts",
            "whoami"
        ],
        []
    ),
    guide!(
        "identity",
        "Who may do what",
        [
            "access key",
            "assume_role_policy",
            "aws_iam_access_key",
            "aws_iam_policy",
            "aws_iam_role",
            "group",
            "iam",
            "iam policy",
            "iam role",
            "instance profile",
            "policy",
            "role",
            "rotate",
            "saml",
            "user"
        ],
        []
    ),
    guide!(
        "buckets",
        "Buckets, trails and documents",
        ["aws_s3_bucket", "cloudtrail", "s3", "s3_bucket", "ssm_document"],
        []
    ),
    guide!(
        "databases",
        "Databases",
        ["aws_db_instance", "aws_db_parameter_group", "aws_db_subnet_group", "mysql", "postgresql", "rds"],
        [(
            "deleting-and-restoring",
            &["final_snapshot_identifier", "skip_final_snapshot", "snapshot_identifier"]
        )]
    ),
    guide!(
        "caches",
        "Caches",
        ["aws_elasticache_replication_group", "elasticache", "memcached", "redis", "valkey"],
        []
    ),
    guide!("search", "Search domains", ["aws_opensearch_domain", "elasticsearch", "opensearch"], []),
    guide!("bakes", "Baking AMIs", ["ansible", "image builder", "packer", "provisioner"], []),
    guide!("images", "AMIs of hostclasses", ["aws_ami_launch_permission", "deregister", "golden image"], []),
    guide!(
        "deploys",
        "Deploys",
        ["blue/green", "canary", "codedeploy", "instance refresh", "release", "rolling"],
        [("the-integration-test", &["acceptance test", "smoke test"])]
    ),
    guide!(
        "sandboxes",
        "Sandboxes",
        ["ephemeral", "lifetime", "preview environment", "review app", "ttl"],
        []
    ),
    guide!(
        "operate",
        "Operating what runs",
        ["bastion", "exec", "jump box", "jump host", "listhosts", "ssh", "status"],
        [
            ("a-command-on-many-instances", &["pssh", "remote command", "run command"]),
            ("chaos", &["chaos monkey", "resilience"])
        ]
    ),
    guide!("snapshots", "Snapshots of disks", ["disco_snapshot"], []),
    guide!("operators", "Operators", ["authorized_keys", "disco_accounts", "ssh users", "useradd"], []),
    guide!(
        "logging",
        "Logging",
        ["aggregator", "fluentd", "log", "logs", "logstash", "rsyslog", "syslog"],
        []
    ),
    guide!("overlay", "What happens on an instance", ["boot", "init script", "provisioning", "systemd"], []),
    guide!("tables", "Tables", ["aws_dynamodb_table", "pitr", "point-in-time recovery"], []),
    guide!(
        "permissions",
        "Permissions",
        ["access", "iam", "least privilege", "policies", "policy", "role", "roles"],
        []
    ),
    guide!(
        "events",
        "Events of a run",
        ["audit", "event", "history", "log", "logging", "timeline", "trace"],
        []
    ),
    guide!("performance", "Performance", ["benchmark", "parallelism", "slow", "speed"], []),
    guide!(
        "architecture",
        "Architecture",
        ["contributing", "design", "internals", "source code"],
        [
            ("what-a-plan-does-not-compare", &["ignore_changes"]),
            ("when-calls-fail", &["error handling", "failure"]),
            ("retries", &["rate limit", "retry", "throttling"])
        ]
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
        words_of_headings: guide.headings,
        markdown: guide.text.to_owned(),
    }
}

/// The first sentence, without the marks of Markdown.
fn summary(body: &str) -> String {
    let is_prose = body.starts_with(|sign: char| sign.is_alphabetic() || sign == '`' || sign == '[');
    if is_prose { first_sentence(body).replace('*', "") } else { String::new() }
}
