//! What policies allow, as "Policy evaluation logic" of the IAM user guide says, with what is not known left open.
//!
//! A request may leave open what its keys are, and may be about all actions or resources of a pattern. The answer is
//! "allowed" or "denied" only if it is so whatever the open parts are.

mod condition;
mod decide;
mod example;
mod principal;
mod request;
mod statement;
mod truth;

use crate::arn::arns;
use crate::document::{Condition, Document, Statement, Version};
use crate::pattern::{Token, covers, overlap};

pub use decide::{evaluate, may_need_resource_policy};
pub use example::{Example, example};
pub use request::{Context, Others, Request, Value, Who};
pub use truth::Truth;

/// The policies that apply to a request.
#[derive(Clone, Debug)]
pub struct Policies<'d, P> {
    /// Those of the user with its groups, or of the role.
    pub identity: Vec<Attached<'d, P>>,
    /// The permissions boundary of the user or role, if it has one.
    pub boundary: Option<Attached<'d, P>>,
    /// The policies of the session, if it was given any.
    pub session: Option<Vec<Attached<'d, P>>>,
    /// Those of resources: the policy of a bucket, the trust policy of a role.
    pub resource: Vec<OfResource<'d, P>>,
    /// Whether the resource may have a policy besides, of which nothing is known.
    pub is_resource_unread: bool,
    /// Service control policies of the account of the principal: for the root of the organization, for each
    /// organizational unit, and for the account. Each of them has to allow.
    pub control: Vec<Vec<Attached<'d, P>>>,
    /// Resource control policies of the account of the resource, for each level as well.
    pub resource_control: Vec<Vec<Attached<'d, P>>>,
}

/// The policy of a resource.
#[derive(Debug)]
pub struct OfResource<'d, P> {
    /// The ARNs of the resource, with wildcards for what is in it; of whatever is asked for if absent.
    pub of: Option<&'d [String]>,
    /// The policy.
    pub policy: Attached<'d, P>,
}

/// A policy that applies.
#[derive(Debug)]
pub enum Attached<'d, P> {
    /// Of which the statements are known.
    Known {
        /// What people call it.
        name: &'d str,
        /// What it says.
        document: &'d Document<P>,
    },
    /// Of which only the name is known, as those of AWS.
    Unread {
        /// What people call it.
        name: &'d str,
        /// Whether it may deny something.
        denies: bool,
    },
}

/// Which policies a statement is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are those of the policies")]
pub enum Layer {
    Identity,
    Boundary,
    Session,
    Resource,
    Control,
    ResourceControl,
}

/// Whether a request is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Whatever the open parts are.
    Allowed,
    /// Whatever the open parts are.
    Denied,
    /// It depends on them.
    Depends,
}

/// Whether a request is allowed, and why.
#[derive(Clone, Debug)]
pub struct Decision<'d, P> {
    /// Whether it is.
    pub answer: Answer,
    /// The statements that decide: those that allow it, or the one that denies it.
    pub by: Vec<Found<'d, P>>,
    /// The layers that have no statement that allows it, where that decides.
    pub lacking: Vec<Layer>,
    /// On what it depends.
    pub open: Vec<Open<'d, P>>,
}

/// A statement of a policy.
#[derive(Debug)]
pub struct Found<'d, P> {
    /// Which policies it is of.
    pub layer: Layer,
    /// What people call the policy.
    pub policy: &'d str,
    /// What it says.
    pub statement: &'d Statement<P>,
}

/// Something that is not known.
#[derive(Debug)]
pub enum Open<'d, P> {
    /// Whether a condition holds.
    Condition(Found<'d, P>, &'d Condition<P>),
    /// Whether a statement is about the action.
    Action(Found<'d, P>),
    /// Whether a statement is about the resource.
    Resource(Found<'d, P>),
    /// Whether a statement is about the principal.
    Principal(Found<'d, P>),
    /// What a policy says.
    Unread(Layer, &'d str),
    /// Whether the resource is in the account of who makes the request.
    ResourceAccount,
    /// What the policies of the resources say, which may have to allow it in any case.
    ResourcePolicy,
}

impl<'d, P> Attached<'d, P> {
    /// What it says, if that is known.
    pub fn document(&self) -> Option<&'d Document<P>> {
        match self {
            Self::Known { document, .. } => Some(document),
            Self::Unread { .. } => None,
        }
    }
}

impl<P> Clone for Attached<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Attached<'_, P> {}

impl<P> Clone for OfResource<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for OfResource<'_, P> {}

impl<P> Clone for Found<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Found<'_, P> {}

impl<P> Clone for Open<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Open<'_, P> {}

impl<P> Open<'_, P> {
    /// What tells it from others: the kind, and the places in memory of what it names.
    fn identity(&self) -> (u8, usize, usize) {
        let of = |found: &Found<P>| std::ptr::from_ref(found.statement).addr();
        match self {
            Self::Condition(found, condition) => (0, of(found), std::ptr::from_ref(*condition).addr()),
            Self::Action(found) => (1, of(found), 0),
            Self::Resource(found) => (2, of(found), 0),
            Self::Principal(found) => (3, of(found), 0),
            Self::Unread(layer, name) => (4, *layer as usize, name.as_ptr().addr()),
            Self::ResourceAccount => (5, 0, 0),
            Self::ResourcePolicy => (6, 0, 0),
        }
    }
}

impl<'d, P> Policies<'d, P> {
    /// All of them.
    fn all(&self) -> impl Iterator<Item = &Attached<'d, P>> {
        let levels = self.control.iter().chain(&self.resource_control).flatten();
        let own = self.identity.iter().chain(&self.boundary).chain(self.session.iter().flatten());
        own.chain(self.resource.iter().map(|one| &one.policy)).chain(levels)
    }
}

impl<P> Default for Policies<'_, P> {
    fn default() -> Self {
        Self {
            identity: Vec::new(),
            boundary: None,
            session: None,
            resource: Vec::new(),
            is_resource_unread: false,
            control: Vec::new(),
            resource_control: Vec::new(),
        }
    }
}

/// Whether all resources of the ARN `asked` are of `pattern`; both may have wildcards. False where that is not plain.
pub fn covers_arn(pattern: &str, asked: &str) -> bool {
    arns(pattern, Version::V2008).covers(&arns(asked, Version::V2008))
}

/// Whether all that is asked for is of a pattern; not known if some of it is, or may be.
fn matched(pattern: &[Token], asked: &[Token]) -> Truth {
    if covers(pattern, asked) {
        Truth::True
    } else if overlap(pattern, asked) {
        Truth::Unknown
    } else {
        Truth::False
    }
}

#[cfg(test)]
mod tests;
