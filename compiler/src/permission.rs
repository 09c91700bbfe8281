//! What the roles and users of an account may do, answered from the program: `asiaq can`, and claims.

use asiaq_iam::evaluate::{
    Answer, Attached, Context, Decision, Found, Layer, Open, Others, Policies, Request, Who, evaluate,
};
use asiaq_iam::table;
use asiaq_ir::Origin;
use asiaq_lang::{SourceMap, Span};
use serde::Serialize;

use crate::checked::Checked;
use crate::explain::did_you_mean;
use crate::library::kinds;
use crate::lower::origin;
use crate::model::{Account, Group, Identity, Model, Permissions, Role};

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

/// A role or user of a program.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'m> {
    account: &'m Account,
    kind: &'static str,
    name: &'m str,
    permissions: &'m Permissions,
    /// The groups of a user.
    groups: Option<&'m [crate::value::Spanned<String>]>,
}

impl<'m> Subject<'m> {
    /// The role or user that is written as `role web` or `user alice`, in an account.
    pub(crate) fn find(model: &'m Model, account: &str, kind: &str, name: &str) -> Option<Self> {
        let account = model.accounts.iter().find(|known| known.name == account)?;
        let Identity { roles, users, .. } = &account.identity;
        if kind == kinds::ROLE {
            let role = roles.iter().find(|role| role.heading.name == name)?;
            let (name, permissions) = (role.heading.name.as_str(), &role.permissions);
            return Some(Self { account, kind: kinds::ROLE, name, permissions, groups: None });
        }
        let user = users.iter().find(|user| kind == kinds::USER && user.heading.name == name)?;
        let (name, permissions) = (user.heading.name.as_str(), &user.permissions);
        Some(Self { account, kind: kinds::USER, name, permissions, groups: Some(&user.groups.value) })
    }

    /// Its ARN.
    fn arn(&self) -> String {
        let arns = &self.account.arns;
        arns.of(self.kind, self.name).and_then(<[String]>::first).cloned().unwrap_or_default()
    }

    /// Its identity policies, those of its groups included.
    fn identity(&self) -> Vec<Attached<'m, Span>> {
        let groups = self.groups.into_iter().flatten();
        let groups = groups.filter_map(|group| self.group(&group.value));
        let of_groups = groups.flat_map(|group| self.attached(&group.heading.name, &group.permissions));
        self.attached(self.name, self.permissions).chain(of_groups).collect()
    }

    fn group(&self, name: &str) -> Option<&'m Group> {
        self.account.identity.groups.iter().find(|group| group.heading.name == name)
    }

    fn attached(
        &self,
        holder: &'m str,
        permissions: &'m Permissions,
    ) -> impl Iterator<Item = Attached<'m, Span>> + use<'m> {
        let account = self.account;
        let inline = permissions.inline.iter();
        let inline = inline.map(move |written| Attached::Known { name: holder, document: &written.document });
        let own = permissions.policies.value.iter().filter_map(move |policy| known(account, &policy.value));
        let managed = permissions.managed.value.iter().map(|policy| Attached::Unread {
            name: &policy.value,
            // What asiaq does not know may deny.
            denies: table::managed_policy(&policy.value).is_none_or(|policy| policy.denies),
        });
        inline.chain(own).chain(managed)
    }

    /// Whether it may do something.
    pub(crate) fn decide(&self, model: &'m Model, request: &Request) -> Decision<'m, Span> {
        let policies = Policies {
            identity: self.identity(),
            boundary: self
                .permissions
                .boundary
                .as_ref()
                .and_then(|policy| known(self.account, &policy.value)),
            session: None,
            resource: trust_of(model, &request.resource).into_iter().collect(),
            control: Vec::new(),
            resource_control: Vec::new(),
        };
        // The decision borrows from the model alone.
        evaluate(&policies, request)
    }

    /// The request for an action with a resource.
    pub(crate) fn request(&self, action: &str, resource: &str) -> Request {
        let arn = self.arn();
        let who = match self.groups {
            Some(_) => Who::User(arn),
            None => Who::Role { arn, session: None },
        };
        let of = resource.split(':').nth(4).filter(|account| !account.is_empty() && !account.contains('*'));
        // ARNs of buckets have no account; the program's own are in the account.
        Request {
            who,
            action: action.to_owned(),
            resource: resource.to_owned(),
            resource_account: Some(of.unwrap_or(&self.account.id.value).to_owned()),
            context: Context::new(Others::Unknown),
        }
    }
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
        let accounts: Vec<&str> = self.model.accounts.iter().map(|known| known.name.as_str()).collect();
        let Some(found) = self.model.accounts.iter().find(|known| known.name == account) else {
            return Err(unknown("account", account, &accounts));
        };
        let is_action = action == "*"
            || action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
        if !is_action {
            return Err(format!("`{action}` is no action: write it as in `s3:GetObject` or `s3:*`"));
        }
        let subjects = subjects(&self.model, found, principal)?;
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

/// The roles and users that a word names.
fn subjects<'m>(model: &'m Model, account: &'m Account, word: &str) -> Result<Vec<Subject<'m>>, String> {
    let (kind, name) = match word.split_once(['/', ' ']) {
        Some((kind, name)) => (Some(kind), name.trim()),
        None => (None, word),
    };
    let kinds: Vec<&str> = match kind {
        Some(kind @ (kinds::ROLE | kinds::USER)) => vec![kind],
        Some(other) => {
            return Err(format!("`{other}` makes no requests: write `role/NAME` or `user/NAME`"));
        }
        None => vec![kinds::ROLE, kinds::USER],
    };
    let found: Vec<Subject<'m>> =
        kinds.iter().filter_map(|kind| Subject::find(model, &account.name, kind, name)).collect();
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
    let (kind, name) = match word.split_once(['/', ' ']) {
        Some((kind, name)) => (Some(kind), name.trim()),
        None => (None, word),
    };
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

/// A declared policy.
fn known<'m>(account: &'m Account, name: &str) -> Option<Attached<'m, Span>> {
    let policy = account.identity.policies.iter().find(|policy| policy.heading.name == name)?;
    Some(Attached::Known { name: &policy.heading.name, document: &policy.document.document })
}

/// The trust policy of a declared role, which is the policy of that resource.
fn trust_of<'m>(model: &'m Model, resource: &str) -> Option<Attached<'m, Span>> {
    let roles = |account: &'m Account| account.identity.roles.iter().map(move |role| (account, role));
    let is_it = |(account, role): &(&'m Account, &'m Role)| {
        let arn = account.arns.of(kinds::ROLE, &role.heading.name).and_then(<[String]>::first);
        arn.is_some_and(|arn| arn == resource)
    };
    let (_, role) = model.accounts.iter().flat_map(roles).find(is_it)?;
    Some(Attached::Known { name: &role.heading.name, document: &role.trust.document })
}

/// Whether a role or user may do something.
pub(crate) fn permission(
    sources: &SourceMap,
    model: &Model,
    subject: &Subject<'_>,
    action: &str,
    resource: &str,
) -> Permission {
    let request = subject.request(action, resource);
    let decision = subject.decide(model, &request);
    let open: Vec<String> = decision.open.iter().map(|open| open_words(sources, open)).collect();
    Permission {
        account: subject.account.name.clone(),
        principal: subject.arn(),
        action: request.action,
        resource: request.resource,
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

fn one_line(sources: &SourceMap, place: Span) -> String {
    sources.slice(place).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn layer_words(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::Resource => "resource policy",
        Layer::Control => "service control policy",
        Layer::ResourceControl => "resource control policy",
    }
}

fn open_words(sources: &SourceMap, open: &Open<'_, Span>) -> String {
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
        Open::ResourcePolicy => "what the policy of the resource says".to_owned(),
    }
}
