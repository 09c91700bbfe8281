//! What the roles and users of an account may do, answered from the program: `asiaq can`, and claims.

mod cases;
mod subject;

use asiaq_iam::evaluate::{Answer, Found, Layer, Open};
use asiaq_ir::Origin;
use asiaq_lang::{SourceMap, Span};
use serde::Serialize;

use crate::checked::Checked;
use crate::explain::did_you_mean;
use crate::library::kinds;
use crate::lower::origin;
use crate::model::{Account, Identity, Model};

pub(crate) use cases::Case;
pub(crate) use subject::Subject;

/// Whether a role or user may do something, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// Name of the account in the project.
    pub account: String,
    /// ARN of the role or user.
    pub principal: String,
    /// The action, as in `s3:GetObject`.
    pub action: String,
    /// ARN of the resource, or `*`.
    pub resource: String,
    /// Whether it is allowed.
    pub answer: PermissionAnswer,
    /// The statements that decide.
    pub by: Vec<DecidingStatement>,
    /// The kinds of policies that have no statement that allows it, where that decides.
    pub lacking: Vec<&'static str>,
    /// What is not known, where it depends on that.
    pub open: Vec<String>,
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PermissionAnswer {
    /// Whatever is not known.
    Allowed,
    /// Whatever is not known.
    Denied,
    /// It depends on what is not known.
    Depends,
}

/// A statement that decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecidingStatement {
    /// What kind of policy it is in: `identity policy`, `permissions boundary`, `resource policy`.
    pub layer: &'static str,
    /// The policy.
    pub policy: String,
    /// As it is written, on one line.
    pub text: String,
    /// Its place.
    pub origin: Origin,
}

impl Checked {
    /// Whether `principal`, as in `role/web`, `user/alice` or only `web`, may do something in an account.
    ///
    /// # Errors
    /// What is not declared, with what is.
    pub fn permissions(
        &self,
        account: &str,
        principal: &str,
        action: &str,
        resource: &str,
    ) -> Result<Vec<Permission>, String> {
        let Some(found) = self.model.account(account) else {
            let accounts: Vec<&str> = self.model.accounts.iter().map(|known| known.name.as_str()).collect();
            return Err(unknown("account", account, &accounts));
        };
        let is_action = action == "*"
            || action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !is_action {
            return Err(format!("`{action}` is no action: write it as in `s3:GetObject` or `s3:*`"));
        }
        let subjects = subjects(found, principal)?;
        let resources = match resource {
            _ if resource == "*" || resource.starts_with("arn:") => vec![resource.to_owned()],
            name => declared(found, name)?,
        };
        let mut answers = Vec::new();
        for subject in &subjects {
            for resource in &resources {
                answers.push(permission(&self.sources, &self.model, subject, action, resource));
            }
        }
        Ok(answers)
    }
}

/// What a word such as `role/web`, `role web` or `web` names: a kind, if it says one, and a name.
fn kind_and_name(word: &str) -> (Option<&str>, &str) {
    match word.split_once(['/', ' ']) {
        Some((kind, name)) => (Some(kind), name.trim()),
        None => (None, word),
    }
}

/// The roles and users that a word names.
fn subjects<'m>(account: &'m Account, word: &str) -> Result<Vec<Subject<'m>>, String> {
    let (kind, name) = kind_and_name(word);
    let kinds: Vec<&str> = match kind {
        Some(kind @ (kinds::ROLE | kinds::USER)) => vec![kind],
        Some(other) => {
            return Err(format!("`{other}` makes no requests: write `role/NAME` or `user/NAME`"));
        }
        None => vec![kinds::ROLE, kinds::USER],
    };
    let found: Vec<Subject<'m>> =
        kinds.iter().filter_map(|kind| Subject::find(account, kind, name)).collect();
    if found.is_empty() {
        let Identity { roles, users, .. } = &account.identity;
        let roles = roles.iter().map(|role| role.heading.name.as_str());
        let known: Vec<&str> = roles.chain(users.iter().map(|user| user.heading.name.as_str())).collect();
        return Err(unknown("role or user", name, &known));
    }
    Ok(found)
}

/// The ARNs of something that an account declares.
fn declared(account: &Account, word: &str) -> Result<Vec<String>, String> {
    let (kind, name) = kind_and_name(word);
    let kinds: Vec<&str> = match kind {
        Some(kind) => vec![kind],
        None => account.arns.kinds_of(name),
    };
    let found: Vec<String> =
        kinds.iter().filter_map(|kind| account.arns.of(kind, name)).flatten().cloned().collect();
    if found.is_empty() {
        let known: Vec<&str> =
            kinds::OF_ACCOUNTS.iter().flat_map(|kind| account.arns.names_of(kind)).collect();
        return Err(unknown("resource", name, &known) + "; an ARN begins with `arn:`");
    }
    Ok(found)
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match did_you_mean(name, known) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None if known.is_empty() => format!("there is no {what} `{name}`, and none is declared"),
        None => format!("there is no {what} `{name}`; there is {}", known.join(", ")),
    }
}

/// Whether a role or user may do something.
fn permission(
    sources: &SourceMap,
    model: &Model,
    subject: &Subject<'_>,
    action: &str,
    resource: &str,
) -> Permission {
    let decision = subject.decide(model, action, resource);
    let open: Vec<String> = decision.open.iter().map(|open| open_words(sources, open)).collect();
    Permission {
        account: subject.account.name.clone(),
        principal: subject.arn(),
        action: action.to_owned(),
        resource: resource.to_owned(),
        answer: match decision.answer {
            Answer::Allowed => PermissionAnswer::Allowed,
            Answer::Denied => PermissionAnswer::Denied,
            Answer::Depends => PermissionAnswer::Depends,
        },
        by: decision.by.iter().map(|found| deciding(sources, found)).collect(),
        lacking: decision.lacking.into_iter().map(layer_words).collect(),
        open,
    }
}

fn deciding(sources: &SourceMap, found: &Found<'_, Span>) -> DecidingStatement {
    DecidingStatement {
        layer: layer_words(found.layer),
        policy: found.policy.to_owned(),
        text: one_line(sources, found.statement.place),
        origin: origin(sources, found.statement.place),
    }
}

pub(crate) fn one_line(sources: &SourceMap, place: Span) -> String {
    sources.slice(place).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn layer_words(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::Resource => "resource policy",
        Layer::Control => "service control policy",
        Layer::ResourceControl => "resource control policy",
    }
}

/// Something that is not known, in words.
pub(crate) fn open_words(sources: &SourceMap, open: &Open<'_, Span>) -> String {
    let of = |found: &Found<'_, Span>| {
        format!(
            "`{}` in {} `{}`",
            one_line(sources, found.statement.place),
            layer_words(found.layer),
            found.policy
        )
    };
    match open {
        Open::Condition(found, condition) => {
            format!("whether `{}` holds, for {}", one_line(sources, condition.place), of(found))
        }
        Open::Action(found) => format!("which of the actions is meant, for {}", of(found)),
        Open::Resource(found) => format!("which of the resources is meant, for {}", of(found)),
        Open::Principal(found) => format!("who asks, for {}", of(found)),
        Open::Unread(layer, policy) => format!("what {} `{policy}` of AWS says", layer_words(*layer)),
        Open::ResourceAccount => "in which account the resource is".to_owned(),
        Open::ResourcePolicy => "what policies of resources say that the program does not declare".to_owned(),
    }
}
