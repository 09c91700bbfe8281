//! Policies: documents of statements.
//!
//! Each part has a place `P`: a range of bytes for [JSON documents](read), and whatever another syntax has.

pub mod canonical;
pub mod limits;
pub mod normal;
mod operator;
mod print;
pub mod read;

pub use canonical::canonical;
pub(crate) use operator::Family;
pub use operator::{Operator, Quantifier, Test};
pub use print::print;

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<P> {
    /// The whole of it.
    pub place: P,
    /// The version of the language; 2008 where none is given.
    pub version: Version,
    /// What names the policy.
    pub id: Option<Text<P>>,
    /// The statements, as written.
    pub statements: Vec<Statement<P>>,
}

/// A version of the language of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 2008-10-17, without variables.
    V2008,
    /// 2012-10-17.
    V2012,
}

/// A text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<P> {
    /// Where it is.
    pub place: P,
    /// What it says.
    pub value: String,
}

/// A statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<P> {
    /// The whole of it.
    pub place: P,
    /// Its name (`Sid`).
    pub sid: Option<Text<P>>,
    /// What it does.
    pub effect: Effect,
    /// Whom it is about, in a policy of a resource or the trust policy of a role.
    pub principals: Option<Principals<P>>,
    /// Which actions it is about.
    pub actions: Choice<P>,
    /// Which resources it is about; nothing in the trust policy of a role.
    pub resources: Option<Choice<P>>,
    /// When it applies: if all hold.
    pub conditions: Vec<Condition<P>>,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are IAM's own words")]
pub enum Effect {
    Allow,
    Deny,
}

/// Actions or resources: those listed, or all but them (`NotAction`, `NotResource`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice<P> {
    /// The list.
    pub place: P,
    /// Whether all others are meant.
    pub excludes: bool,
    /// What is listed.
    pub values: Vec<Text<P>>,
}

/// Principals: those listed, or all but them (`NotPrincipal`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principals<P> {
    /// The list.
    pub place: P,
    /// Whether all others are meant.
    pub excludes: bool,
    /// What is listed.
    pub values: Vec<Principal<P>>,
}

/// Someone who makes requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal<P> {
    /// What kind of name it is.
    pub kind: PrincipalKind,
    /// The name; `*` of the kind `AWS` is everyone.
    pub name: Text<P>,
}

/// What kind of name a principal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// An account, user, role or session.
    Aws,
    /// The owner of an account, as S3 names them.
    CanonicalUser,
    /// An identity provider.
    Federated,
    /// A service of AWS.
    Service,
}

/// When a statement applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition<P> {
    /// The whole of it.
    pub place: P,
    /// How the values are compared.
    pub operator: Operator,
    /// Where the operator is.
    pub operator_place: P,
    /// The key of the request.
    pub key: Text<P>,
    /// The values: one of them has to compare.
    pub values: Vec<Text<P>>,
}

impl Version {
    /// As a policy has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }
}

impl PrincipalKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Aws, Self::CanonicalUser, Self::Federated, Self::Service];

    /// As a policy has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::CanonicalUser => "CanonicalUser",
            Self::Federated => "Federated",
            Self::Service => "Service",
        }
    }
}

impl<P> Principal<P> {
    /// Whether it is everyone.
    pub fn is_everyone(&self) -> bool {
        self.kind == PrincipalKind::Aws && self.name.value == "*"
    }
}

impl<P> Text<P> {
    /// A text at a place.
    pub fn new(place: P, value: impl Into<String>) -> Self {
        Self { place, value: value.into() }
    }

    /// The same at another place.
    pub fn map<Q>(self, place: &impl Fn(P) -> Q) -> Text<Q> {
        Text { place: place(self.place), value: self.value }
    }
}

impl<P> Document<P> {
    /// The same with other places.
    pub fn map<Q>(self, place: &impl Fn(P) -> Q) -> Document<Q> {
        Document {
            place: place(self.place),
            version: self.version,
            id: self.id.map(|id| id.map(place)),
            statements: self.statements.into_iter().map(|statement| statement.map(place)).collect(),
        }
    }
}

impl<P> Statement<P> {
    /// The same with other places.
    pub fn map<Q>(self, place: &impl Fn(P) -> Q) -> Statement<Q> {
        let texts = |values: Vec<Text<P>>| values.into_iter().map(|text| text.map(place)).collect();
        let choice = |of: Choice<P>| Choice {
            place: place(of.place),
            excludes: of.excludes,
            values: texts(of.values),
        };
        let principal = |of: Principal<P>| Principal { kind: of.kind, name: of.name.map(place) };
        let condition = |of: Condition<P>| Condition {
            place: place(of.place),
            operator: of.operator,
            operator_place: place(of.operator_place),
            key: of.key.map(place),
            values: texts(of.values),
        };
        Statement {
            place: place(self.place),
            sid: self.sid.map(|sid| sid.map(place)),
            effect: self.effect,
            principals: self.principals.map(|of| Principals {
                place: place(of.place),
                excludes: of.excludes,
                values: of.values.into_iter().map(principal).collect(),
            }),
            actions: choice(self.actions),
            resources: self.resources.map(choice),
            conditions: self.conditions.into_iter().map(condition).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
