//! Accounts: who may do what, documents and buckets, compared with the resources that the program stands for.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_compiler::Checked;
use asiaq_iam::document::canonical;
use asiaq_iam::document::normal::normal;
use asiaq_iam::document::read::read;
use asiaq_ir::{Address, Bucket, InlinePolicy, Ref, Resource};
use asiaq_lang::{FileId, SourceMap, Span};

use super::Comparison;
use super::asked::Evaluated;
use super::resolvers::{Tree, yes};
use crate::json::{self, Json};

/// The files of accounts with their paths.
pub(super) struct Files<'s> {
    sources: &'s SourceMap,
    found: BTreeMap<&'s str, FileId>,
}

impl<'s> Files<'s> {
    fn of(sources: &'s SourceMap) -> Self {
        Self { sources, found: sources.ids().map(|file| (sources.path(file), file)).collect() }
    }

    /// The text at a path, and the place of all of it.
    fn text(&self, path: &str) -> Option<(&'s str, Span)> {
        let file = *self.found.get(path)?;
        let text = self.sources.text(file);
        Some((text, Span::new(file, 0, text.len())))
    }

    /// The names in a folder that have an ending.
    fn names(&self, folder: &str, end: &str) -> Vec<&'s str> {
        let name = |path: &&'s str| {
            let name = path.strip_prefix(folder)?.strip_suffix(end)?;
            (!name.is_empty() && !name.contains('/')).then_some(name)
        };
        self.found.keys().filter_map(name).collect()
    }
}

/// An account that the original updates.
struct Account<'a> {
    name: &'a str,
    id: &'a str,
    tree: &'a Tree,
    resources: Vec<&'a Resource>,
    by_address: BTreeMap<&'a Address, &'a Resource>,
}

impl<'a> Account<'a> {
    /// `[iam] option@ACCOUNT`, or `[iam] option`.
    fn option(&self, option: &str) -> &'a str {
        let iam = self.tree.aws.section("iam");
        let own = format!("{option}@{}", self.name.to_lowercase());
        let found = iam.and_then(|iam| iam.get(&own).or_else(|| iam.get(option)));
        found.map(|setting| setting.value.as_str()).unwrap_or_default()
    }

    fn names(&self, option: &str) -> BTreeSet<&'a str> {
        self.option(option).split_whitespace().collect()
    }

    /// The documents of policies that are attached or inline.
    fn documents(&self, policies: &BTreeSet<Ref>, inline: &BTreeSet<InlinePolicy>) -> BTreeSet<String> {
        let attached = policies.iter().filter_map(|policy| match policy {
            Ref::To(address) => match self.by_address.get(address)? {
                Resource::ManagedPolicy(policy) => Some(policy.document.clone()),
                _ => None,
            },
            _ => None,
        });
        attached.chain(inline.iter().map(|policy| policy.document.clone())).collect()
    }
}

pub(super) fn compare(
    tree: &Tree,
    accounts: &[(String, String)],
    checked: &Checked,
    comparison: &mut Comparison<'_>,
) {
    let files = Files::of(comparison.sources);
    let mut names: BTreeMap<&str, Span> = BTreeMap::new();
    for (path, file) in &files.found {
        for folder in ["iam/group_membership/", "iam/s3/"] {
            if let Some((name, _)) = path.strip_prefix(folder).and_then(|rest| rest.split_once('/')) {
                names.entry(name).or_insert(Span::new(*file, 0, 0));
            }
        }
    }
    let ir = checked.declared();
    for (name, place) in names {
        let id = accounts.iter().find(|(known, _)| known == name).map(|(_, id)| id.as_str());
        comparison.compare(format!("account {name}"), "true", &id.is_some().to_string(), Some(place));
        let Some(id) = id else { continue };
        let scope = format!("account/{name}/");
        let all = ir.resources.iter().filter(|(address, _)| address.as_str().starts_with(&scope));
        let by_address: BTreeMap<&Address, &Resource> =
            all.map(|(address, node)| (address, &node.resource)).collect();
        let resources = by_address.values().copied().collect();
        let account = Account { name, id, tree, resources, by_address };
        of_people(&account, &files, comparison);
        of_users(&account, &files, comparison);
        of_instances(&account, &files, comparison);
        of_provider(&account, checked, comparison);
        of_documents(&account, &files, comparison);
        of_buckets(&account, &files, comparison);
    }
}

/// The groups and roles of policies of users.
fn of_people(account: &Account<'_>, files: &Files<'_>, comparison: &mut Comparison<'_>) {
    let (blacklist, naked) = (account.names("policy_blacklist"), account.names("naked_roles"));
    let prunes = yes(account.option("prune_empty_groups"));
    let members = members(account, files);
    for policy in files.names("iam/user_policies/", ".iam") {
        let Some((text, place)) = files.text(&format!("iam/user_policies/{policy}.iam")) else { continue };
        let group_name = format!("disco_{policy}");
        let group = account.resources.iter().find_map(|resource| match resource {
            Resource::UserGroup(group) if group.name == group_name => Some(group),
            _ => None,
        });
        let is_kept = !prunes || members.values().any(|groups| groups.contains(&group_name));
        let title = format!("{}.group {group_name}", account.name);
        comparison.compare(title.clone(), &is_kept.to_string(), &group.is_some().to_string(), Some(place));
        let wanted = canonical(text);
        if let Some(group) = group {
            of_policies(
                &title,
                &wanted,
                &account.documents(&group.policies, &group.inline),
                place,
                comparison,
            );
        }
        let prefix = account.option("role_prefix");
        let role_name = match (naked.contains(policy), prefix) {
            (true, _) => policy.to_owned(),
            (false, "") => format!("{}_{policy}", account.name),
            (false, prefix) => format!("{prefix}_{}_{policy}", account.name),
        };
        let role = account.resources.iter().find_map(|resource| match resource {
            Resource::Role(role) if role.name == role_name => Some(role),
            _ => None,
        });
        let title = format!("{}.role {role_name}", account.name);
        let is_wanted = !blacklist.contains(policy);
        comparison.compare(title.clone(), &is_wanted.to_string(), &role.is_some().to_string(), Some(place));
        if let Some(role) = role.filter(|_| is_wanted) {
            of_policies(&title, &wanted, &account.documents(&role.policies, &role.inline), place, comparison);
            let (trust, from) = trust(account, files, policy).unwrap_or_else(|| (instances(), place));
            comparison.compare(format!("{title} trust"), &canonical(&trust), &role.trust, Some(from));
        }
    }
}

fn of_policies(
    title: &str,
    wanted: &str,
    found: &BTreeSet<String>,
    place: Span,
    comparison: &mut Comparison<'_>,
) {
    let new = found.iter().cloned().collect::<Vec<_>>().join(" ");
    comparison.compare(format!("{title} policy"), wanted, &new, Some(place));
}

/// What boto lets assume a role of which nobody says it.
fn instances() -> String {
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#.to_owned()
}

/// The trust policy of a policy's role, with its place.
fn trust(account: &Account<'_>, files: &Files<'_>, policy: &str) -> Option<(String, Span)> {
    if let Some((text, place)) = files.text(&format!("iam/user_policies/{policy}.tr")) {
        return Some((text.to_owned(), place));
    }
    let (text, place) = files.text("iam/federation/AssumeRolePolicyDocument.iam")?;
    let provider = account.option("saml_provider_name");
    let arn = format!("arn:aws:iam::{}:saml-provider/{provider}", account.id);
    let json = json::read(place.file, text).ok()?;
    let whole = json.span;
    Some((json.with_federated(&arn).written(), whole))
}

/// The users with the groups that they are to be in.
fn members<'s>(account: &Account<'_>, files: &Files<'s>) -> BTreeMap<&'s str, BTreeSet<String>> {
    let folder = format!("iam/group_membership/{}/", account.name);
    let known: BTreeSet<&str> = files.names("iam/user_policies/", ".iam").into_iter().collect();
    let groups = |user: &str| {
        let text = files.text(&format!("{folder}{user}.grp")).map(|(text, _)| text).unwrap_or_default();
        // A group without a policy does not exist.
        let named = text.split_whitespace().filter(|name| known.contains(name));
        named.map(|name| format!("disco_{name}")).collect()
    };
    files.names(&folder, ".grp").into_iter().map(|user| (user, groups(user))).collect()
}

fn of_users(account: &Account<'_>, files: &Files<'_>, comparison: &mut Comparison<'_>) {
    for (name, groups) in members(account, files) {
        let path = format!("iam/group_membership/{}/{name}.grp", account.name);
        let place = files.text(&path).map(|(_, place)| place);
        let user = account.resources.iter().find_map(|resource| match resource {
            Resource::User(user) if user.name == name => Some(user),
            _ => None,
        });
        let title = format!("{}.user {name}", account.name);
        comparison.compare(title.clone(), "true", &user.is_some().to_string(), place);
        let Some(user) = user else { continue };
        let named = |group: &Ref| match group {
            Ref::To(address) => match account.by_address.get(address)? {
                Resource::UserGroup(group) => Some(group.name.clone()),
                _ => None,
            },
            _ => None,
        };
        let new: BTreeSet<String> = user.groups.iter().filter_map(named).collect();
        let said = |groups: &BTreeSet<String>| groups.iter().cloned().collect::<Vec<_>>().join(", ");
        comparison.compare(format!("{title} groups"), &said(&groups), &said(&new), place);
    }
}

fn of_instances(account: &Account<'_>, files: &Files<'_>, comparison: &mut Comparison<'_>) {
    for policy in files.names("iam/instance_policies/", ".iam") {
        let Some((text, place)) = files.text(&format!("iam/instance_policies/{policy}.iam")) else {
            continue;
        };
        let named = format!("instance_{policy}");
        let role = account.resources.iter().find_map(|resource| match resource {
            Resource::Role(role) if role.name == named => Some(role),
            _ => None,
        });
        let has_profile = account
            .resources
            .iter()
            .any(|resource| matches!(resource, Resource::InstanceProfile(profile) if profile.name == named));
        let title = format!("{}.role {named}", account.name);
        comparison.compare(title.clone(), "true", &role.is_some().to_string(), Some(place));
        let Some(role) = role else { continue };
        comparison.compare(format!("{title} profile"), "true", &has_profile.to_string(), Some(place));
        comparison.compare(format!("{title} trust"), &canonical(&instances()), &role.trust, Some(place));
        let found = account.documents(&role.policies, &role.inline);
        of_policies(&title, &canonical(text), &found, place, comparison);
    }
}

fn of_provider(account: &Account<'_>, checked: &Checked, comparison: &mut Comparison<'_>) {
    let (name, url) = (account.option("saml_provider_name"), account.option("saml_provider_url"));
    if name.is_empty() || url.is_empty() {
        return;
    }
    let iam = account.tree.aws.section("iam");
    let evaluated = Evaluated::of(checked, &format!("account/{}", account.name));
    let start =
        evaluated.ending(".metadata").filter_map(|path| path.strip_suffix(".metadata")).find(|start| {
            let own = evaluated.plain(&format!("{start}.name"));
            start.strip_prefix("saml.").is_some_and(|called| own == name || own.is_empty() && called == name)
        });
    let new = start.map(|start| evaluated.plain(&format!("{start}.metadata"))).unwrap_or_default();
    let title = format!("{}.saml {name}", account.name);
    comparison.compare(title, &format!("url {url}"), &new, iam.map(|iam| iam.span));
}

fn of_documents(account: &Account<'_>, files: &Files<'_>, comparison: &mut Comparison<'_>) {
    for name in files.names("ssm/documents/", ".ssm").into_iter().filter(|name| !name.starts_with("AWS-")) {
        let Some((text, place)) = files.text(&format!("ssm/documents/{name}.ssm")) else { continue };
        let content = account.resources.iter().find_map(|resource| match resource {
            Resource::Document(document) if document.name == name => Some(document.content.as_str()),
            _ => None,
        });
        let file = place.file;
        let meant = |text: &str| json::read(file, text).map(|json| sorted(&json)).unwrap_or_default();
        let new = content.map(meant).unwrap_or_default();
        // What is no JSON is told at its own place.
        let at = json::read(file, text).map_or_else(|found| found.primary, |_| place);
        let old = json::read(file, text).map_or_else(|_| "no JSON".to_owned(), |json| sorted(&json));
        comparison.compare(format!("{}.document {name}", account.name), &old, &new, Some(at));
    }
}

/// JSON with its members in order.
fn sorted(json: &Json) -> String {
    if !json.items().is_empty() {
        return format!("[{}]", json.items().iter().map(sorted).collect::<Vec<_>>().join(","));
    }
    if json.members().is_empty() {
        return json.written();
    }
    let members: BTreeMap<&str, String> =
        json.members().iter().map(|member| (member.name.as_str(), sorted(&member.value))).collect();
    let written: Vec<String> = members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{{{}}}", written.join(","))
}

fn of_buckets(account: &Account<'_>, files: &Files<'_>, comparison: &mut Comparison<'_>) {
    let folder = format!("iam/s3/{}/", account.name);
    let region = comparison.region.to_owned();
    let option = |section: &str, option: &str| {
        let setting = account.tree.aws.section(section).and_then(|section| section.get(option));
        setting.map(|setting| setting.value.as_str()).unwrap_or_default()
    };
    let project = option("disco_aws", "project_name");
    for stem in files.names(&folder, ".lifecycle") {
        let Some((rules, place)) = files.text(&format!("{folder}{stem}.lifecycle")) else { continue };
        let named = stem.replacen("REGION", &region, 1).replacen("PROJECT", project, 1);
        let bucket = account.resources.iter().find_map(|resource| match resource {
            Resource::Bucket(bucket) if bucket.name == named => Some(bucket),
            _ => None,
        });
        let title = format!("{}.bucket {named}", account.name);
        comparison.compare(title.clone(), "true", &bucket.is_some().to_string(), Some(place));
        let Some(bucket) = bucket else { continue };
        let file = |end: &str| {
            let (text, place) = files
                .text(&format!("{folder}{stem}.{end}"))
                .or_else(|| files.text(&format!("{folder}default.{end}")))?;
            let mut text = text.replace("$ACCOUNT", account.name).replace("$REGION", &region);
            text = text.replace("$PROJECT", project).replace("$BUCKET_NAME", &named);
            for (word, id) in [("DEV", "dev_canonical_id"), ("PROD", "prod_canonical_id")] {
                text = text.replace(&format!("${word}_CANONICAL_ID"), option("audit", id));
            }
            Some((json::read(place.file, &text).ok()?, text, place))
        };
        of_bucket((&title, bucket), account, &file, comparison);
        of_rules((&title, bucket), (rules, place), comparison);
    }
}

/// A file of a bucket: what it says, its text and its place.
type File = (Json, String, Span);

fn of_bucket(
    (title, bucket): (&str, &Bucket),
    account: &Account<'_>,
    file: &dyn Fn(&str) -> Option<File>,
    comparison: &mut Comparison<'_>,
) {
    let text = |json: Option<&Json>| json.and_then(Json::text).unwrap_or_default().to_owned();
    if let Some((json, _, place)) = file("versioning") {
        let old = text(json.get("Status")) == "Enabled";
        let at = Some(json.span).filter(|span| span.file == place.file).unwrap_or(place);
        comparison.compare(
            format!("{title} versions"),
            &old.to_string(),
            &bucket.versioning.to_string(),
            Some(at),
        );
    }
    if let Some((json, _, place)) = file("logging") {
        let on = json.get("LoggingEnabled");
        let target = text(on.and_then(|on| on.get("TargetBucket")));
        let prefix = text(on.and_then(|on| on.get("TargetPrefix")));
        let new = bucket.logging.as_ref().map(|logging| {
            let name = match &logging.bucket {
                Ref::To(address) => match account.by_address.get(address) {
                    Some(Resource::Bucket(bucket)) => bucket.name.clone(),
                    _ => String::new(),
                },
                _ => String::new(),
            };
            format!("{name}/{}", logging.prefix)
        });
        let old = if on.is_some() { format!("{target}/{prefix}") } else { String::new() };
        comparison.compare(format!("{title} access logs"), &old, &new.unwrap_or_default(), Some(place));
    }
    if let Some((json, _, place)) = file("web") {
        let site = bucket.website.as_ref();
        let new =
            site.map(|site| (site.index.clone().unwrap_or_default(), site.error.clone().unwrap_or_default()));
        let old = (
            text(json.get("IndexDocument").and_then(|of| of.get("Suffix"))),
            text(json.get("ErrorDocument").and_then(|of| of.get("Key"))),
        );
        let (index, error) = new.unwrap_or_default();
        comparison.compare(format!("{title} index"), &old.0, &index, Some(place));
        comparison.compare(format!("{title} error page"), &old.1, &error, Some(place));
    }
    if let Some((_, policy, place)) = file("iam") {
        // asiaq adds statements for those who write logs.
        let statements = |text: &str| read(text).document.map(|document| normal(&document).statements);
        let old = statements(&policy).unwrap_or_default();
        let new = bucket.policy.as_deref().and_then(statements).unwrap_or_default();
        let lost = old.difference(&new).count();
        comparison.compare(format!("{title} statements lost"), "0", &lost.to_string(), Some(place));
    }
    if let Some((json, _, place)) = file("acp") {
        let owner = text(json.get("Owner").and_then(|owner| owner.get("ID")));
        let mut old: BTreeSet<(String, String)> = BTreeSet::new();
        for grant in json.get("Grants").map(Json::items).unwrap_or_default() {
            let of = |name: &str| text(grant.get("Grantee").and_then(|grantee| grantee.get(name)));
            let who = if of("URI").is_empty() { of("ID") } else { of("URI") };
            if who != owner {
                old.insert((who, text(grant.get("Permission"))));
            }
        }
        let new: BTreeSet<(String, String)> =
            bucket.grants.iter().map(|grant| (grant.grantee.clone(), grant.permission.clone())).collect();
        let lost = old.difference(&new).count();
        comparison.compare(format!("{title} grants lost"), "0", &lost.to_string(), Some(place));
    }
}

fn of_rules((title, bucket): (&str, &Bucket), (rules, place): (&str, Span), comparison: &mut Comparison<'_>) {
    let Ok(json) = json::read(place.file, rules) else { return };
    for (at, rule) in json.get("Rules").map(Json::items).unwrap_or_default().iter().enumerate() {
        let text = |name: &str| rule.get(name).and_then(Json::text).unwrap_or_default();
        let prefix = rule.get("Filter").and_then(|filter| filter.get("Prefix")).and_then(Json::text);
        let prefix = prefix.unwrap_or(text("Prefix"));
        let number = |of: &str, days: &str| rule.get(of).and_then(|of| of.get(days)).and_then(Json::number);
        let count = |days: Option<u64>| days.map(|days| days.to_string()).unwrap_or_default();
        let one = rule.get("Transition").or_else(|| rule.get("Transitions")?.items().first());
        let class = one.and_then(|one| one.get("StorageClass")).and_then(Json::text).unwrap_or_default();
        let after = one.and_then(|one| one.get("Days")).and_then(Json::number);
        let old = [
            prefix.to_owned(),
            (text("Status") != "Disabled").to_string(),
            count(number("Expiration", "Days")),
            count(number("NoncurrentVersionExpiration", "NoncurrentDays")),
            count(number("AbortIncompleteMultipartUpload", "DaysAfterInitiation")),
            class.to_owned(),
            count(after),
        ];
        let days = |days: Option<u32>| count(days.map(u64::from));
        let written = |rule: &asiaq_ir::LifecycleRule| {
            let first = rule.transitions.iter().find(|one| one.class == class).or(rule.transitions.first());
            [
                rule.prefix.clone(),
                rule.enabled.to_string(),
                days(rule.expire),
                days(rule.expire_noncurrent),
                days(rule.abort_uploads),
                first.map(|one| one.class.clone()).unwrap_or_default(),
                days(first.and_then(|one| one.after)),
            ]
        };
        let is_there = bucket.lifecycle.iter().any(|rule| written(rule) == old);
        let title = format!("{title} lifecycle {} [{}]", at + 1, old.join(" "));
        comparison.compare(title, "true", &is_there.to_string(), Some(rule.span));
    }
}
