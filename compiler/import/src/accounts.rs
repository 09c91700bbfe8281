//! `iam/**`: policies, groups, roles and users of accounts, with what `[iam]` says of them.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_lang::{Diagnostic, Span};

use crate::account::{Account, FEDERATION, named};
use crate::codes;
use crate::draft::{Draft, Node};
use crate::files::TextFile;
use crate::ini::Section;
use crate::json::Json;
use crate::old::{Old, whole};
use crate::options::truth;
use crate::policies::{self, Holder};
use crate::scopes::split;
use crate::sections::word;
use crate::words::{list, quoted, words};
use crate::{buckets, documents, roles};

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
fn names(old: &Old, files: &[TextFile], wished: &[(String, String)]) -> BTreeMap<String, Span> {
    let mut found: BTreeMap<String, Span> = BTreeMap::new();
    for file in files {
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
    let place = files.first().map(TextFile::start).or(iam.map(|iam| iam.span)).unwrap_or_default();
    for (name, _) in wished {
        found.entry(name.clone()).or_insert(place);
    }
    found
}

/// Writes the accounts.
pub(crate) fn translate(old: &mut Old, wished: &[(String, String)], region: &str, draft: &mut Draft) {
    let files = std::mem::take(&mut old.identity);
    let names = names(old, &files, wished);
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
            Err(found) => old.find(*found),
        }
    }
    parsed
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
                    // A role has statements only: a document is a policy of its own.
                    let permissions = policies::statements(json, Holder::Identity).unwrap_or_else(|| {
                        nodes.push(named("policy", &aws, json.span, vec![policies::document(json)]));
                        vec![Node::field(format!("policies = [{}]", word(&aws)), json.span)]
                    });
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
    nodes.extend(roles::all(old, account, &policies, files, parsed, provider.as_deref()));
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

/// A user, the policies of its groups with their places, and its file.
type Member<'f> = (String, Vec<(String, Span)>, &'f TextFile);

/// The users of an account.
fn users<'f>(
    old: &mut Old,
    account: &Account<'_>,
    files: &'f [TextFile],
    known: &BTreeSet<&str>,
) -> Vec<Member<'f>> {
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
