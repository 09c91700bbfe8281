//! `iam/**`: policies, groups, roles and users of accounts, with what `[iam]` says of them.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::{Diagnostic, FileId, Span};

use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::{Section, Setting};
use crate::json::Json;
use crate::old::{Old, whole};
use crate::options::truth;
use crate::policies::{self, Holder};
use crate::scopes::split;
use crate::sections::word;
use crate::words::{list, quoted, words};
use crate::{buckets, documents};

/// A file of `iam` or `ssm`.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) file: FileId,
    pub(crate) text: String,
}

impl TextFile {
    /// The name of the file, where it is in `folder` and ends in `end`.
    pub(crate) fn name_in(&self, folder: &str, end: &str) -> Option<&str> {
        let name = self.path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(end)?.strip_suffix('.')?;
        (!name.is_empty() && !name.contains('/')).then_some(name)
    }

    pub(crate) fn start(&self) -> Span {
        Span::new(self.file, 0, 0)
    }
}

/// Whether the file at `path` belongs to accounts.
pub(crate) fn is_read(path: &str) -> bool {
    let ends = ["iam", "tr", "grp", "lifecycle", "acp", "versioning", "web", "logging"];
    (path.starts_with("iam/")
        && ends.iter().any(|end| path.rsplit_once('.').is_some_and(|(_, of)| of == *end)))
        || path
            .strip_prefix("ssm/documents/")
            .is_some_and(|name| name.ends_with(".ssm") && !name.contains('/'))
}

/// What an account is written with.
pub(crate) struct Account<'a> {
    pub(crate) name: &'a str,
    iam: Option<&'a Section>,
}

impl<'a> Account<'a> {
    /// An option of `[iam]` for the account.
    fn get(&self, option: &str) -> Option<&'a Setting> {
        let iam = self.iam?;
        iam.get(&format!("{option}@{}", self.name.to_ascii_lowercase())).or_else(|| iam.get(option))
    }

    fn said(&self, option: &str) -> Option<&'a Setting> {
        self.get(option).filter(|setting| !setting.value.is_empty())
    }

    fn names(&self, option: &str) -> BTreeSet<&'a str> {
        self.said(option).map(|setting| words(&setting.value).into_iter().collect()).unwrap_or_default()
    }
}

/// Options of `[iam]`.
const OPTIONS: [&str; 6] = [
    "saml_provider_name",
    "saml_provider_url",
    "role_prefix",
    "policy_blacklist",
    "prune_empty_groups",
    "naked_roles",
];

/// The accounts that the files name, each with a place.
fn names(old: &Old, wished: &[(String, String)]) -> BTreeMap<String, Span> {
    let mut found: BTreeMap<String, Span> = BTreeMap::new();
    for file in &old.identity {
        for folder in ["iam/group_membership/", "iam/s3/"] {
            if let Some((name, _)) = file.path.strip_prefix(folder).and_then(|rest| rest.split_once('/')) {
                found.entry(name.to_owned()).or_insert(file.start());
            }
        }
    }
    let iam = old.aws.section("iam");
    for option in iam.iter().flat_map(|iam| &iam.options) {
        if let (_, Some(account)) = split(&option.key)
            && !found.keys().any(|known| known.eq_ignore_ascii_case(account))
        {
            found.insert(account.to_owned(), option.key_span);
        }
    }
    let place = old.identity.first().map(TextFile::start).or(iam.map(|iam| iam.span)).unwrap_or_default();
    for (name, _) in wished {
        found.entry(name.clone()).or_insert(place);
    }
    found
}

/// Writes the accounts.
pub(crate) fn translate(old: &mut Old, wished: &[(String, String)], region: &str, draft: &mut Draft) {
    let files = std::mem::take(&mut old.identity);
    old.identity = files.clone();
    let names = names(old, wished);
    let aws = std::mem::take(&mut old.aws);
    let iam = aws.section("iam");
    let has_shared = files.iter().any(|file| {
        ["iam/user_policies/", "iam/instance_policies/", "ssm/"]
            .iter()
            .any(|start| file.path.starts_with(start))
    });
    if names.is_empty() && (has_shared || iam.is_some()) {
        let at = files.first().map(TextFile::start).or(iam.map(|iam| iam.span)).unwrap_or_default();
        let message = "no account is named in the files: policies and documents are left out";
        let help = "say the accounts: `--account NAME=ID`";
        old.find(Diagnostic::new(codes::ACCOUNT_WITHOUT_ID, at, message).help(help));
    }
    let parsed = parsed(old, &files);
    let is_known = |name: &str| wished.iter().any(|(known, _)| known == name);
    let several = names.len() > 1;
    let mut common = shared(&files, &parsed);
    common.extend(documents::all(old, &files, draft));
    if several && !common.is_empty() {
        let comment = "What all accounts have.".to_owned();
        let node = Node::block("accounttype common", None, common.clone()).commented(&[comment]);
        let why = "no account has an id that is known";
        let is_used = names.keys().any(|name| is_known(name));
        let refused = (!is_used).then(|| why.to_owned());
        draft.add("accounts.asq", Node { refused, ..node });
    }
    for (name, place) in &names {
        let account = Account { name, iam };
        let id = wished.iter().find(|(known, _)| known == name).map(|(_, id)| id.as_str());
        let mut body = Vec::new();
        if let Some(id) = id {
            body.push(Node { text: format!("id = {}", quoted(id)), origin: Some(*place), ..Node::default() });
        }
        if !several {
            body.extend(common.iter().cloned());
        }
        body.extend(own(old, &account, &files, &parsed));
        body.extend(buckets::all(old, &account, &files, &aws, region));
        let head = if several && !common.is_empty() { " : common" } else { "" };
        let node = Node::block(format!("account {}{head}", word(name)), Some(*place), body);
        let refused = id.is_none().then(|| {
            let message = format!("the id of the account `{name}` is in none of the files");
            let help =
                format!("say it: `--account {name}=ID`; until then, what is in the account is a comment");
            old.find(Diagnostic::new(codes::ACCOUNT_WITHOUT_ID, *place, message).help(help));
            format!("its id is not known: say `--account {name}=ID`")
        });
        let comments = if names.keys().next() == Some(name) { section_comments(iam) } else { Vec::new() };
        draft.add("accounts.asq", Node { refused, ..node }.commented(&comments));
    }
    if let Some(iam) = iam {
        unread(old, iam, draft);
    }
    if names.is_empty() && !common.is_empty() {
        let node = Node::block("accounttype common", None, common);
        let why = "no account is known: say `--account NAME=ID`";
        draft.add("accounts.asq", Node { refused: Some(why.to_owned()), ..node });
    }
    (old.identity, old.aws) = (files, aws);
}

fn section_comments(iam: Option<&Section>) -> Vec<String> {
    iam.map(|iam| iam.comments.clone()).unwrap_or_default()
}

/// The documents of JSON, by their paths; what is none is reported.
fn parsed(old: &mut Old, files: &[TextFile]) -> BTreeMap<String, Json> {
    let mut parsed = BTreeMap::new();
    for file in files {
        let is_policy = file.name_in("iam/user_policies", "iam").is_some()
            || file.name_in("iam/user_policies", "tr").is_some()
            || file.name_in("iam/instance_policies", "iam").is_some()
            || file.path == FEDERATION;
        if !is_policy {
            continue;
        }
        match crate::json::read(file.file, &file.text) {
            Ok(json) => {
                parsed.insert(file.path.clone(), json);
            }
            Err(found) => old.find(found),
        }
    }
    parsed
}

/// The trust policy of people who sign in.
const FEDERATION: &str = "iam/federation/AssumeRolePolicyDocument.iam";

/// A declaration with its own name in AWS, where that is no name of `.asq`.
pub(crate) fn named(kind: &str, aws: &str, origin: Span, mut body: Vec<Node>) -> Node {
    if word(aws) != aws {
        body.insert(0, Node::field(format!("name = {}", quoted(aws)), origin));
    }
    Node::block(format!("{kind} {}", word(aws)), Some(origin), body)
}

/// A policy that is no JSON, as a comment.
fn broken(kind: &str, name: &str, file: &TextFile) -> Node {
    let mut node = Node::refused(format!("{kind} {}", word(name)), file.start(), "its document is not JSON");
    node.body =
        Some(vec![Node { text: format!("document = file {}", quoted(&file.path)), ..Node::default() }]);
    node
}

/// What all accounts have: policies, and the roles of instances.
fn shared(files: &[TextFile], parsed: &BTreeMap<String, Json>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for file in files {
        if let Some(name) = file.name_in("iam/user_policies", "iam") {
            nodes.push(match parsed.get(&file.path) {
                Some(json) => named("policy", name, json.span, policies::body(json, Holder::Identity)),
                None => broken("policy", name, file),
            });
        }
    }
    for file in files {
        if let Some(name) = file.name_in("iam/instance_policies", "iam") {
            let aws = format!("instance_{name}");
            let node = match parsed.get(&file.path) {
                Some(json) => {
                    let trust = Node::field("trust = ec2", json.span);
                    let (permissions, policy) = match policies::statements(json, Holder::Identity) {
                        Some(statements) => (statements, None),
                        // A role has statements only: a document is a policy of its own.
                        None => {
                            let policy = named("policy", &aws, json.span, vec![policies::document(json)]);
                            (
                                vec![Node::field(format!("policies = [{}]", word(&aws)), json.span)],
                                Some(policy),
                            )
                        }
                    };
                    nodes.extend(policy);
                    let body = std::iter::once(trust).chain(permissions).collect();
                    named("role", &aws, json.span, body)
                }
                None => broken("role", &aws, file),
            };
            nodes.push(node);
        }
    }
    nodes
}

/// What an account has of its own: a provider, groups, roles and users.
fn own(
    old: &mut Old,
    account: &Account<'_>,
    files: &[TextFile],
    parsed: &BTreeMap<String, Json>,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    let provider = match (account.said("saml_provider_name"), account.said("saml_provider_url")) {
        (Some(name), Some(url)) => {
            let metadata = Node::field(format!("metadata = url {}", quoted(&url.value)), whole(url));
            let node = named("saml", &name.value, whole(name), vec![metadata.commented(&url.comments)]);
            nodes.push(node.commented(&name.comments));
            Some(word(&name.value))
        }
        (Some(one), None) | (None, Some(one)) => {
            let message =
                format!("`{}` alone has no effect: the original needs the name and the URL", one.key);
            old.find(Diagnostic::new(codes::UNREAD_OPTION, one.key_span, message));
            None
        }
        (None, None) => None,
    };
    let policies: Vec<(&str, &TextFile)> =
        files.iter().filter_map(|file| Some((file.name_in("iam/user_policies", "iam")?, file))).collect();
    let known: BTreeSet<&str> = policies.iter().map(|(name, _)| *name).collect();
    let users = users(old, account, files, &known);
    let prunes = account.said("prune_empty_groups").is_some_and(|setting| truth(old, setting));
    for (name, file) in &policies {
        let origin = parsed.get(&file.path).map_or(file.start(), |json| json.span);
        let group = format!("disco_{name}");
        let body = vec![Node::field(format!("policies = [{}]", word(name)), origin)];
        let node = named("group", &group, origin, body);
        let is_empty = !users.iter().any(|(_, groups, _)| groups.iter().any(|(of, _)| of == name));
        let refused = (prunes && is_empty)
            .then(|| "`prune_empty_groups` deletes it, because nobody is in it".to_owned());
        nodes.push(Node { refused, ..node });
    }
    nodes.extend(roles(old, account, &policies, files, parsed, provider.as_deref()));
    for option in ["policy_blacklist", "naked_roles"] {
        let listed = account.said(option);
        for name in listed.map(|setting| words(&setting.value)).unwrap_or_default() {
            if let Some(setting) = listed.filter(|_| !known.contains(name)) {
                let message =
                    format!("`{option}` names no policy: there is no `iam/user_policies/{name}.iam`");
                old.find(Diagnostic::new(codes::NO_SUCH_POLICY, old.part(setting, name), message));
            }
        }
    }
    for (name, groups, file) in users {
        let written: Vec<String> = groups.iter().map(|(of, _)| word(&format!("disco_{of}"))).collect();
        let body = if written.is_empty() {
            Vec::new()
        } else {
            vec![Node::field(format!("groups = {}", list(&written)), file.start())]
        };
        nodes.push(named("user", &name, file.start(), body));
    }
    nodes
}

/// The users of an account, each with the policies of its groups.
fn users<'f>(
    old: &mut Old,
    account: &Account<'_>,
    files: &'f [TextFile],
    known: &BTreeSet<&str>,
) -> Vec<(String, Vec<(String, Span)>, &'f TextFile)> {
    let folder = format!("iam/group_membership/{}", account.name);
    let mut users = Vec::new();
    for file in files {
        let Some(name) = file.name_in(&folder, "grp") else { continue };
        let mut groups: Vec<(String, Span)> = Vec::new();
        for (start, word) in placed(&file.text) {
            let span = Span::new(file.file, start, start + word.len());
            if !known.contains(word) {
                let message =
                    format!("there is no policy `{word}`: the original fails for the group `disco_{word}`");
                let names: Vec<&str> = known.iter().copied().collect();
                let found = Diagnostic::new(codes::NO_SUCH_POLICY, span, message);
                old.find(match asiaq_compiler::did_you_mean(word, &names) {
                    Some(near) => found.help(format!("did you mean `{near}`?")),
                    None => found,
                });
            } else if !groups.iter().any(|(of, _)| of == word) {
                groups.push((word.to_owned(), span));
            }
        }
        users.push((name.to_owned(), groups, file));
    }
    users
}

/// The roles that people take.
fn roles(
    old: &mut Old,
    account: &Account<'_>,
    policies: &[(&str, &TextFile)],
    files: &[TextFile],
    parsed: &BTreeMap<String, Json>,
    provider: Option<&str>,
) -> Vec<Node> {
    let prefix = account.get("role_prefix");
    if !policies.is_empty() {
        match prefix {
            None => {
                let at = account.iam.map(|iam| iam.span).or(files.first().map(TextFile::start));
                let message = "`[iam]` lacks `role_prefix`: the original fails for every role";
                old.find(Diagnostic::new(codes::MISSING_OPTION, at.unwrap_or_default(), message));
            }
            Some(setting) if setting.value.is_empty() => {
                let message = "with an empty `role_prefix` the original deletes every role of the account that it did not make";
                old.find(Diagnostic::new(codes::EMPTY_ROLE_PREFIX, setting.key_span, message));
            }
            Some(_) => {}
        }
    }
    let (blacklist, naked) = (account.names("policy_blacklist"), account.names("naked_roles"));
    let mut nodes = Vec::new();
    for (name, file) in policies {
        if blacklist.contains(name) {
            continue;
        }
        let prefix = prefix.map(|setting| setting.value.as_str()).filter(|prefix| !prefix.is_empty());
        let aws = if naked.contains(name) {
            (*name).to_owned()
        } else {
            let parts: Vec<&str> = prefix.into_iter().chain([account.name, name]).collect();
            parts.join("_")
        };
        let origin = parsed.get(&file.path).map_or(file.start(), |json| json.span);
        let mut body = trust(old, (name, file), files, parsed, provider);
        body.push(Node::field(format!("policies = [{}]", word(name)), origin));
        nodes.push(named("role", &aws, origin, body));
    }
    nodes
}

/// Who may take a role: its own `.tr`, or the federation, or else instances.
fn trust(
    old: &mut Old,
    (name, file): (&str, &TextFile),
    files: &[TextFile],
    parsed: &BTreeMap<String, Json>,
    provider: Option<&str>,
) -> Vec<Node> {
    let without_profile = |json: &Json| Node::field("instance_profile = false", json.span);
    let own = files.iter().find(|file| file.name_in("iam/user_policies", "tr") == Some(name));
    if let Some(own) = own {
        let Some(json) = parsed.get(&own.path) else {
            let why = "its trust policy is not JSON";
            return vec![Node::refused(format!("trust_policy of {}", own.path), own.start(), why)];
        };
        if let Some(trust) = policies::simple_trust(json) {
            let is_of_instances = trust.text.contains("ec2");
            return std::iter::once(trust).chain(is_of_instances.then(|| without_profile(json))).collect();
        }
        let body = policies::body(json, Holder::Identity);
        return vec![Node::block("trust_policy", Some(json.span), body)];
    }
    if let Some(json) = parsed.get(FEDERATION) {
        return federation(old, json, provider);
    }
    let message = format!("nothing says who may take the role of `{name}`: every EC2 instance may");
    let help = "add a trust policy, `.tr`, or `iam/federation/AssumeRolePolicyDocument.iam`";
    old.find(Diagnostic::new(codes::TRUST_ASSUMED, file.start(), message).help(help));
    let comment = "Nothing says who may take it: then AWS lets instances.".to_owned();
    vec![
        Node::field("trust = ec2", file.start()).commented(&[comment]),
        Node::field("instance_profile = false", file.start()),
    ]
}

/// The federation document, with the provider in its first statement.
fn federation(old: &mut Old, json: &Json, provider: Option<&str>) -> Vec<Node> {
    let Some(provider) = provider else {
        let message = "there is no SAML provider for it: the original fails";
        old.find(
            Diagnostic::new(codes::MISSING_OPTION, json.span, message)
                .help("set `saml_provider_name` and `saml_provider_url` in `[iam]`"),
        );
        let why = "there is no SAML provider";
        return vec![Node::refused("trust = saml", json.span, why)];
    };
    let statements = policies::all(json);
    let first = statements.first();
    let is_usual = statements.len() == 1
        && first.is_some_and(|first| {
            let text = |name: &str| first.get(name).and_then(Json::text);
            let audience = first.get("Condition").map(Json::written).unwrap_or_default();
            text("Effect") == Some("Allow")
                && text("Action") == Some("sts:AssumeRoleWithSAML")
                && audience == r#"{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}"#
        });
    if is_usual {
        return vec![Node::field(format!("trust = saml {provider}"), json.span)];
    }
    // The first statement is about the provider, whatever it says.
    let stand_in = "arn:aws:iam::111111111111:saml-provider/the-provider";
    let replaced = json.with_federated(stand_in);
    match policies::statements(&replaced, Holder::Identity) {
        Some(mut statements) => {
            for statement in &mut statements {
                statement.text = statement.text.replace(&quoted(stand_in), &format!("saml {provider}"));
            }
            vec![Node::block("trust_policy", Some(json.span), statements)]
        }
        None => {
            let why = "a statement of it has no words";
            old.find(Diagnostic::new(codes::CANNOT_BE_SAID, json.span, format!("the federation: {why}")));
            vec![Node::refused(format!("trust_policy {}", json.written()), json.span, why)]
        }
    }
}

/// What `[iam]` says and nothing reads.
fn unread(old: &mut Old, iam: &Section, draft: &mut Draft) {
    for setting in iam.options.iter().filter(|setting| !setting.is_default) {
        let (option, _) = split(&setting.key);
        if OPTIONS.contains(&option) {
            continue;
        }
        let message = format!("nothing reads the option `{option}` of `[iam]`");
        let mut found = Diagnostic::new(codes::UNREAD_OPTION, setting.key_span, message);
        if let Some(near) = asiaq_compiler::did_you_mean(option, &OPTIONS) {
            found = found.help(format!("did you mean `{near}`?"));
        }
        old.find(found);
        let line = format!("{} = {}", setting.key, setting.value).replace('\n', " ");
        draft.add(
            "accounts.asq",
            Node::remark(vec![format!("Nothing read this: {line}")]).commented(&setting.comments),
        );
    }
}

/// The words of a text, each with the byte at which it begins.
fn placed(text: &str) -> Vec<(usize, &str)> {
    let mut placed = Vec::new();
    let mut at = 0;
    for part in text.split(crate::ini::is_space) {
        if !part.is_empty() {
            placed.push((at, part));
        }
        at += part.len() + 1;
    }
    placed
}
