//! What is asked: who wants to do what with which resource, and what else is known.

use std::collections::BTreeMap;

use crate::document::normal::account;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who makes it.
    pub who: Who,
    /// What it asks for, as `s3:GetObject`; with wildcards all such actions are meant.
    pub action: String,
    /// The ARN of the resource; with wildcards all such resources are meant. `*` for actions that have no resource.
    pub resource: String,
    /// The account of the resource, if it is known.
    pub resource_account: Option<String>,
    /// What else is known.
    pub context: Context,
}

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A user, by its ARN.
    User(String),
    /// A session of a role.
    Role {
        /// The ARN of the role.
        arn: String,
        /// The name of the session, if it is known.
        session: Option<String>,
    },
    /// The root user of an account, by the number of the account.
    Root(String),
    /// A service, as in `ec2.amazonaws.com`.
    Service(String),
    /// Somebody whom an identity provider knows, who assumes a role: by the name or ARN of the provider.
    Provider(String),
    /// Nobody known.
    Anonymous,
}

/// The keys of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, Value>,
    others: Others,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The request does not have it.
    Absent,
    /// It has these values.
    Known(Vec<String>),
    /// Nothing: the request may have it or not.
    Unknown,
}

/// What is known of the keys that a context does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// No request has them.
    Absent,
    /// Nothing.
    Unknown,
}

impl Context {
    /// Nothing but what is known of all keys.
    pub fn new(others: Others) -> Self {
        Self { values: BTreeMap::new(), others }
    }

    /// With a key, in any case. No values are no key.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        let value = if value == Value::Known(Vec::new()) { Value::Absent } else { value };
        self.values.insert(key.to_ascii_lowercase(), value);
        self
    }

    /// The keys that it has, in lower case.
    #[cfg(test)]
    pub(super) fn known(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// With what is known of all other keys.
    #[must_use]
    pub fn and_others(self, others: Others) -> Self {
        Self { others, ..self }
    }
}

impl Request {
    /// The value of a key in lower case. What follows from the principal and the resource need not be in the context.
    pub(super) fn value(&self, key: &str) -> Value {
        let key = key.to_ascii_lowercase();
        if let Some(value) = self.context.values.get(&key) {
            return value.clone();
        }
        self.implied(&key).unwrap_or(match self.context.others {
            Others::Absent => Value::Absent,
            Others::Unknown => Value::Unknown,
        })
    }

    /// Keys that follow from the principal ("AWS global condition context keys").
    fn implied(&self, key: &str) -> Option<Value> {
        let known =
            |text: Option<&str>| text.map_or(Value::Absent, |text| Value::Known(vec![text.to_owned()]));
        match key {
            "aws:principalarn" => match &self.who {
                Who::User(arn) | Who::Role { arn, .. } => Some(known(Some(arn))),
                // The partition is not known.
                Who::Root(_) => None,
                Who::Service(_) | Who::Provider(_) | Who::Anonymous => Some(Value::Absent),
            },
            "aws:principalaccount" => Some(known(self.who.account())),
            "aws:principalisawsservice" => {
                let is_service = matches!(self.who, Who::Service(_));
                Some(known(Some(if is_service { "true" } else { "false" })))
            }
            "aws:username" => match &self.who {
                Who::User(arn) => Some(known(arn.rsplit('/').next())),
                _ => Some(Value::Absent),
            },
            "aws:resourceaccount" => self.resource_account.as_deref().map(|number| known(Some(number))),
            _ => None,
        }
    }
}

impl Who {
    /// The ARN of the user or role.
    pub(super) fn arn(&self) -> Option<&str> {
        match self {
            Self::User(arn) | Self::Role { arn, .. } => Some(arn),
            Self::Root(_) | Self::Service(_) | Self::Provider(_) | Self::Anonymous => None,
        }
    }

    /// The number of its account.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::User(arn) | Self::Role { arn, .. } => {
                arn.split(':').nth(4).filter(|number| !number.is_empty())
            }
            Self::Root(number) => Some(account(number).unwrap_or(number)),
            Self::Service(_) | Self::Provider(_) | Self::Anonymous => None,
        }
    }

    /// The ARN of a session of a role, which has the name of the role without its path.
    pub(super) fn session(&self) -> Option<String> {
        let Self::Role { arn, session: Some(session) } = self else { return None };
        Some(format!("{}{session}", sessions(arn)?))
    }
}

/// The start of the ARNs of all sessions of a role.
pub(super) fn sessions(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':');
    let (_, partition, _, _, account, role) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let name = role.rsplit('/').next()?;
    Some(format!("arn:{partition}:sts::{account}:assumed-role/{name}/"))
}
