//! `iam/s3/ACCOUNT`: buckets, each with the files that say what it is like.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::{Diagnostic, Span};

use crate::account::Account;
use crate::codes;
use crate::draft::Node;
use crate::files::TextFile;
use crate::ini::{Ini, Setting};
use crate::json::{self, Json};
use crate::old::Old;
use crate::policies::{self, Holder};
use crate::words::{name_of, quoted};

/// The kinds of files beside `.lifecycle`, which makes a bucket.
const KINDS: [&str; 5] = ["iam", "acp", "versioning", "web", "logging"];

/// The group of S3 that writes access logs.
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// What stands for the values of an account in the files.
struct Substitution {
    region: String,
    project: String,
    account: String,
    dev: Option<String>,
    prod: Option<String>,
}

impl Substitution {
    /// The name of the bucket of a file: only the first of each word counts.
    fn name(&self, stem: &str) -> String {
        stem.replacen("REGION", &self.region, 1).replacen("PROJECT", &self.project, 1)
    }

    /// A text of a file. Longer words come first: they begin like the shorter ones.
    fn text(&self, text: &str, bucket: &str) -> String {
        let mut text = text.to_owned();
        for (word, value) in [("$DEV_CANONICAL_ID", &self.dev), ("$PROD_CANONICAL_ID", &self.prod)] {
            if let Some(value) = value {
                text = text.replace(word, value);
            }
        }
        for (word, value) in [
            ("$ACCOUNT", self.account.as_str()),
            ("$REGION", &self.region),
            ("$PROJECT", &self.project),
            ("$BUCKET_NAME", bucket),
        ] {
            text = text.replace(word, value);
        }
        text
    }
}

/// A bucket with its files.
struct Bucket<'f> {
    stem: &'f str,
    lifecycle: &'f TextFile,
    files: BTreeMap<&'static str, &'f TextFile>,
    /// Its name in AWS, and in the program.
    aws: String,
    name: String,
}

/// The buckets of an account.
pub(crate) fn all(
    old: &mut Old,
    account: &Account<'_>,
    files: &[TextFile],
    aws: &Ini,
    region: &str,
) -> Vec<Node> {
    let folder = format!("iam/s3/{}", account.name);
    let said = |section: &str, option: &str| {
        aws.section(section)?.get(option).map(|setting: &Setting| setting.value.clone())
    };
    let substitution = Substitution {
        region: region.to_owned(),
        project: said("disco_aws", "project_name").unwrap_or_default(),
        account: account.name.to_owned(),
        dev: said("audit", "dev_canonical_id"),
        prod: said("audit", "prod_canonical_id"),
    };
    let buckets = buckets(old, &folder, files, &substitution);
    let names: BTreeMap<String, String> =
        buckets.iter().map(|bucket| (bucket.aws.clone(), bucket.name.clone())).collect();
    audit(old, &buckets, files, &folder);
    let mut nodes = Vec::new();
    for bucket in &buckets {
        let origin = bucket.lifecycle.start();
        let mut body = vec![Node::field(format!("name = {}", quoted(&bucket.aws)), origin)];
        for kind in ["versioning", "logging", "web", "acp", "iam"] {
            let Some(file) = bucket.files.get(kind) else { continue };
            let text = substitution.text(&file.text, &bucket.aws);
            if text.trim().is_empty() {
                continue;
            }
            // Places are those of the file, where it says nothing in place of another word.
            match json::read(file.file, &text) {
                Ok(json) => {
                    let json = if text == file.text { json } else { json.at(file.start()) };
                    body.extend(of_kind(old, kind, &json, file, &names));
                }
                Err(found) => {
                    let is_own = text == file.text;
                    old.find(if is_own { *found } else { Diagnostic { primary: file.start(), ..*found } });
                    body.push(Node::refused(
                        format!("{kind} of {}", file.path),
                        file.start(),
                        "it is not JSON",
                    ));
                }
            }
        }
        if !bucket.lifecycle.text.trim().is_empty() {
            match json::read(bucket.lifecycle.file, &bucket.lifecycle.text) {
                Ok(json) => body.extend(lifecycle(old, &json)),
                Err(found) => {
                    old.find(*found);
                    let text = format!("lifecycle of {}", bucket.lifecycle.path);
                    body.push(Node::refused(text, origin, "it is not JSON"));
                }
            }
        }
        nodes.push(Node::block(format!("bucket {}", bucket.name), Some(origin), body));
    }
    nodes
}

fn buckets<'f>(
    old: &mut Old,
    folder: &str,
    files: &'f [TextFile],
    substitution: &Substitution,
) -> Vec<Bucket<'f>> {
    let own = |stem: &str, kind: &str| files.iter().find(|file| file.name_in(folder, kind) == Some(stem));
    let mut buckets = Vec::new();
    let mut taken = BTreeSet::new();
    for lifecycle in files {
        let Some(stem) = lifecycle.name_in(folder, "lifecycle") else { continue };
        let files = KINDS
            .into_iter()
            .filter_map(|kind| Some((kind, own(stem, kind).or_else(|| own("default", kind))?)))
            .collect();
        let plain: Vec<&str> = stem
            .split(['.', '-'])
            .filter(|part| !["REGION", "PROJECT", "", substitution.account.as_str()].contains(part))
            .collect();
        let short = name_of(&plain.join("_"));
        let name = if plain.is_empty() || taken.contains(&short) { name_of(stem) } else { short };
        taken.insert(name.clone());
        buckets.push(Bucket { stem, lifecycle, files, aws: substitution.name(stem), name });
    }
    for file in files {
        let kind = KINDS.into_iter().find(|kind| file.name_in(folder, kind).is_some());
        let stem = kind.and_then(|kind| file.name_in(folder, kind));
        if let Some(stem) = stem.filter(|stem| *stem != "default" && own(stem, "lifecycle").is_none()) {
            let message = format!("there is no bucket `{stem}`: only a file `{stem}.lifecycle` makes one");
            old.find(Diagnostic::new(codes::UNREAD_FILE, file.start(), message));
        }
    }
    buckets
}

/// The original needs exactly one bucket for access logs.
fn audit(old: &mut Old, buckets: &[Bucket<'_>], files: &[TextFile], folder: &str) {
    let found = buckets.iter().filter(|bucket| bucket.stem.contains("s3audit")).count();
    let first = files.iter().find(|file| file.path.starts_with(&format!("{folder}/")));
    if let Some(first) = first.filter(|_| found != 1) {
        let message =
            format!("the original stops: `{folder}` has {found} files `*s3audit*.lifecycle`, not one");
        old.find(Diagnostic::new(codes::MISSING_OPTION, first.start(), message));
    }
}

fn bad(old: &mut Old, span: Span, text: String, why: &str) -> Node {
    old.find(Diagnostic::new(codes::CANNOT_BE_SAID, span, format!("{text}: {why}")));
    Node::refused(text, span, why)
}

fn of_kind(
    old: &mut Old,
    kind: &str,
    json: &Json,
    file: &TextFile,
    names: &BTreeMap<String, String>,
) -> Vec<Node> {
    let text = |of: &Json, name: &str| of.get(name).and_then(Json::text).map(str::to_owned);
    match kind {
        "versioning" => match text(json, "Status").as_deref() {
            Some("Enabled") => vec![Node::field("versioning = true", json.span)],
            Some("Suspended") => vec![Node::field("versioning = false", json.span)],
            _ => vec![bad(old, json.span, format!("versioning {}", json.written()), "it is no state")],
        },
        "logging" => {
            let Some(on) = json.get("LoggingEnabled") else { return Vec::new() };
            let target = text(on, "TargetBucket").unwrap_or_default();
            let Some(name) = names.get(&target) else {
                let written = format!("logging {}", json.written());
                return vec![bad(old, json.span, written, "its bucket is none of the account")];
            };
            let prefix = text(on, "TargetPrefix")
                .map(|prefix| Node::field(format!("log_prefix = {}", quoted(&prefix)), json.span));
            let logging = Node::field(format!("logging = {name}"), json.span);
            std::iter::once(logging).chain(prefix).collect()
        }
        "web" => {
            let mut body = Vec::new();
            let index = json.get("IndexDocument").and_then(|of| text(of, "Suffix"));
            body.extend(index.map(|index| Node::field(format!("index = {}", quoted(&index)), json.span)));
            let error = json.get("ErrorDocument").and_then(|of| text(of, "Key"));
            body.extend(error.map(|error| Node::field(format!("error = {}", quoted(&error)), json.span)));
            if let Some(all) = json.get("RedirectAllRequestsTo") {
                let host = text(all, "HostName").unwrap_or_default();
                let host =
                    text(all, "Protocol").map_or(host.clone(), |protocol| format!("{protocol}://{host}"));
                body.push(Node::field(format!("redirect_all = {}", quoted(&host)), json.span));
            }
            let mut nodes = vec![Node::block("website", Some(json.span), body)];
            if let Some(rules) = json.get("RoutingRules") {
                let written = format!("RoutingRules {}", rules.written());
                nodes.push(bad(old, json.span, written, "redirections of single keys are not taken over"));
            }
            nodes
        }
        "acp" => grants(old, json),
        _ => {
            let mut nodes = policies::body(json, Holder::Bucket);
            let is_public = policies::all(json).iter().any(|one| {
                one.get("Effect").and_then(Json::text) == Some("Allow")
                    && one.get("Principal").and_then(policies::principals_of).as_deref() == Some("all")
            });
            if is_public {
                nodes.insert(0, Node::field("public = true", file.start()));
            }
            nodes
        }
    }
}

/// What an access control list grants, but for what the owner has anyway.
fn grants(old: &mut Old, json: &Json) -> Vec<Node> {
    let text = |of: &Json, name: &str| of.get(name).and_then(Json::text).unwrap_or_default().to_owned();
    let owner = json.get("Owner").map(|owner| text(owner, "ID")).unwrap_or_default();
    let mut of: BTreeMap<String, (Span, Vec<String>)> = BTreeMap::new();
    let mut nodes = Vec::new();
    for grant in json.get("Grants").map(Json::items).unwrap_or_default() {
        let Some(grantee) = grant.get("Grantee") else { continue };
        let (uri, id) = (text(grantee, "URI"), text(grantee, "ID"));
        let to = match uri.as_str() {
            "" if id == owner || id == "$CANONICAL_ID" => continue,
            "" => id,
            LOG_DELIVERY => "log_delivery".to_owned(),
            "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" => "authenticated_users".to_owned(),
            "http://acs.amazonaws.com/groups/global/AllUsers" => "all_users".to_owned(),
            _ => {
                nodes.push(bad(
                    old,
                    grant.span,
                    format!("grant {}", grant.written()),
                    "it is no group of S3",
                ));
                continue;
            }
        };
        if to.is_empty() {
            let why = "it names nobody by a canonical id";
            nodes.push(bad(old, grant.span, format!("grant {}", grant.written()), why));
            continue;
        }
        let what = text(grant, "Permission").to_ascii_lowercase();
        of.entry(to).or_insert((grant.span, Vec::new())).1.push(what);
    }
    if !of.is_empty() {
        // Without this, AWS ignores the grants.
        nodes.push(Node::field("ownership = object_writer", json.span));
    }
    for (at, (to, (span, allow))) in of.into_iter().enumerate() {
        let name = if to.len() == 64 { format!("account_{}", at + 1) } else { name_of(&to) };
        let body = vec![
            Node::field(format!("to = {}", quoted(&to)), span),
            Node::field(format!("allow = [{}]", allow.join(", ")), span),
        ];
        nodes.push(Node::block(format!("grant {name}"), Some(span), body));
    }
    nodes
}

/// The rules of a lifecycle, in the form of either call.
fn lifecycle(old: &mut Old, json: &Json) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (at, rule) in json.get("Rules").map(Json::items).unwrap_or_default().iter().enumerate() {
        nodes.push(rule_node(old, rule, at));
    }
    nodes
}

/// What a rule can have.
const OF_RULES: [&str; 11] = [
    "ID",
    "Prefix",
    "Filter",
    "Status",
    "Expiration",
    "Transition",
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransition",
    "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
];

fn rule_node(old: &mut Old, rule: &Json, at: usize) -> Node {
    let id = rule.get("ID").and_then(Json::text).unwrap_or_default();
    let name = if id.is_empty() { format!("rule_{}", at + 1) } else { name_of(id) };
    let mut body = Vec::new();
    let prefix = rule.get("Prefix").or_else(|| rule.get("Filter")?.get("Prefix"));
    if let Some(text) = prefix.and_then(Json::text).filter(|text| !text.is_empty()) {
        body.push(Node::field(format!("prefix = {}", quoted(text)), rule.span));
    }
    if let Some(filter) = rule.get("Filter").filter(|of| of.members().iter().any(|one| one.name != "Prefix"))
    {
        body.push(bad(
            old,
            filter.span,
            format!("Filter {}", filter.written()),
            "only a prefix is taken over",
        ));
    }
    if rule.get("Status").and_then(Json::text) == Some("Disabled") {
        body.push(Node::field("enabled = false", rule.span));
    }
    if let Some(expiration) = rule.get("Expiration") {
        body.extend(days(expiration, "Days", "expire"));
        body.extend(date(expiration, "expire_on"));
        if expiration.get("ExpiredObjectDeleteMarker").and_then(Json::truth) == Some(true) {
            body.push(Node::field("expire_markers = true", expiration.span));
        }
    }
    if let Some(expiration) = rule.get("NoncurrentVersionExpiration") {
        body.extend(days(expiration, "NoncurrentDays", "expire_noncurrent"));
    }
    if let Some(abort) = rule.get("AbortIncompleteMultipartUpload") {
        body.extend(days(abort, "DaysAfterInitiation", "abort_uploads"));
    }
    body.extend(transitions(rule));
    for member in rule.members().iter().filter(|member| !OF_RULES.contains(&member.name.as_str())) {
        let written = format!("{} {}", member.name, member.value.written());
        body.push(bad(old, member.name_span.to(member.value.span), written, "a rule has no field for it"));
    }
    Node::block(format!("lifecycle {name}"), Some(rule.span), body)
}

fn days(json: &Json, member: &str, field: &str) -> Option<Node> {
    let days = json.get(member)?;
    Some(Node::field(format!("{field} = {}d", days.number()?), days.span))
}

fn date(json: &Json, field: &str) -> Option<Node> {
    let date = json.get("Date")?;
    let day = date.text()?.get(..10)?;
    Some(Node::field(format!("{field} = {}", quoted(day)), date.span))
}

/// Moves to other storage classes, each once.
fn transitions(rule: &Json) -> Vec<Node> {
    let mut of: BTreeMap<String, (Span, Vec<Node>)> = BTreeMap::new();
    let kinds = [
        (["Transition", "Transitions"], "Days", "after"),
        (
            ["NoncurrentVersionTransition", "NoncurrentVersionTransitions"],
            "NoncurrentDays",
            "noncurrent_after",
        ),
    ];
    for (members, count, field) in kinds {
        for member in members.into_iter().filter_map(|name| rule.get(name)) {
            let one = std::slice::from_ref(member);
            let all = if member.members().is_empty() { member.items() } else { one };
            for transition in all {
                let class = transition.get("StorageClass").and_then(Json::text).unwrap_or_default();
                let entry = of.entry(class.to_ascii_lowercase()).or_insert((transition.span, Vec::new()));
                entry.1.extend(days(transition, count, field));
                if field == "after" {
                    entry.1.extend(date(transition, "on"));
                }
            }
        }
    }
    let block = |(class, (span, body)): (String, (Span, Vec<Node>))| {
        Node::block(format!("transition {}", name_of(&class)), Some(span), body)
    };
    of.into_iter().map(block).collect()
}
