//! From the statements that apply to an answer.

use super::request::{Request, Who};
use super::statement::{Asked, applies, principal};
use super::truth::Truth;
use super::{Answer, Attached, Decision, Found, Layer, Open, Policies, matched};
use crate::document::{Effect, Version};
use crate::pattern::tokens;

/// What the policies of a layer say about a request.
struct Said<'d, P> {
    layer: Layer,
    /// Whether a statement allows it, by how it names who makes the request.
    directly: Vote<'d, P>,
    by_role: Vote<'d, P>,
    by_account: Vote<'d, P>,
    denied: Vote<'d, P>,
}

/// Whether a statement says so, which one, and what is open.
struct Vote<'d, P> {
    truth: Truth,
    by: Option<Found<'d, P>>,
    open: Vec<Open<'d, P>>,
}

impl<'d, P> Vote<'d, P> {
    fn none() -> Self {
        Self { truth: Truth::False, by: None, open: Vec::new() }
    }

    fn leave_open(&mut self, what: Open<'d, P>) {
        self.truth = self.truth.or(Truth::Unknown);
        self.open.push(what);
    }

    fn add(&mut self, truth: Truth, by: Found<'d, P>, open: &[Open<'d, P>]) {
        if truth == Truth::True && self.truth != Truth::True {
            self.by = Some(by);
        }
        if truth == Truth::Unknown {
            self.open.extend(open);
        }
        self.truth = self.truth.or(truth);
    }
}

impl<'d, P> Said<'d, P> {
    fn new(layer: Layer, policies: &[Attached<'d, P>], asked: &Asked) -> Self {
        let mut said = Self::nothing(layer);
        for policy in policies {
            said.add(*policy, Truth::True, asked);
        }
        said
    }

    fn of_resource(policies: &Policies<'d, P>, asked: &Asked) -> Self {
        let mut said = Self::nothing(Layer::Resource);
        for one in &policies.resource {
            said.add(one.policy, one.of.map_or(Truth::True, |of| asked.is_about(of)), asked);
        }
        if policies.is_resource_unread {
            said.directly.leave_open(Open::ResourcePolicy);
        }
        said
    }

    fn nothing(layer: Layer) -> Self {
        Self {
            layer,
            directly: Vote::none(),
            by_role: Vote::none(),
            by_account: Vote::none(),
            denied: Vote::none(),
        }
    }

    /// Adds what a policy says, which is one of those that count if `is_it`.
    fn add(&mut self, policy: Attached<'d, P>, is_it: Truth, asked: &Asked) {
        let layer = self.layer;
        match policy {
            _ if is_it == Truth::False => {}
            Attached::Unread { name, denies } => {
                self.directly.leave_open(Open::Unread(layer, name));
                if denies {
                    self.denied.leave_open(Open::Unread(layer, name));
                }
            }
            Attached::Known { name, document } => {
                for statement in &document.statements {
                    self.hear(Found { layer, policy: name, statement }, document.version, is_it, asked);
                }
            }
        }
    }

    fn hear(&mut self, found: Found<'d, P>, version: Version, is_it: Truth, asked: &Asked) {
        let mut applies = applies(found, version, asked);
        if applies.truth == Truth::False {
            return;
        }
        if is_it == Truth::Unknown {
            applies.truth = Truth::Unknown;
            applies.open.push(Open::Resource(found));
        }
        // Only policies of resources name principals; without any they are about nobody.
        let named = if self.layer == Layer::Resource { principal(found.statement, asked) } else { None };
        let (directly, by_role, by_account) = match named {
            Some(named) => (named.directly, named.by_role, named.by_account),
            None if self.layer == Layer::Resource => return,
            None => (Truth::True, Truth::False, Truth::False),
        };
        let mut open = applies.open;
        let at_all = directly.or(by_role).or(by_account);
        if [directly, by_role, by_account].contains(&Truth::Unknown) {
            open.push(Open::Principal(found));
        }
        match found.statement.effect {
            Effect::Deny => self.denied.add(applies.truth.and(at_all), found, &open),
            Effect::Allow => {
                self.directly.add(applies.truth.and(directly), found, &open);
                self.by_role.add(applies.truth.and(by_role), found, &open);
                self.by_account.add(applies.truth.and(by_account), found, &open);
            }
        }
    }

    fn at_all(&self) -> Truth {
        self.directly.truth.or(self.by_role.truth).or(self.by_account.truth)
    }

    fn votes(&self) -> [&Vote<'d, P>; 3] {
        [&self.directly, &self.by_role, &self.by_account]
    }
}

/// Whether a request is allowed by the policies that apply to it.
pub fn evaluate<'d, P>(policies: &Policies<'d, P>, request: &Request) -> Decision<'d, P> {
    let asked = Asked::new(request);
    let layers = Layers::new(policies, &asked);
    let denied = Truth::any(layers.all().map(|said| said.denied.truth));
    let allowed = layers.allowed();
    if denied == Truth::True {
        let by = layers.all().filter(|said| said.denied.truth == Truth::True).find_map(|said| said.denied.by);
        return Decision {
            answer: Answer::Denied,
            by: by.into_iter().collect(),
            lacking: vec![],
            open: vec![],
        };
    }
    match allowed {
        Truth::False => {
            let lacking = layers.lacking();
            Decision { answer: Answer::Denied, by: vec![], lacking, open: vec![] }
        }
        Truth::True if denied == Truth::False => {
            let votes = layers.all().flat_map(Said::votes);
            let by = votes.filter(|vote| vote.truth == Truth::True).filter_map(|vote| vote.by).collect();
            Decision { answer: Answer::Allowed, by, lacking: vec![], open: vec![] }
        }
        _ => {
            let mut open: Vec<Open<P>> = Vec::new();
            if layers.is_same_account == Truth::Unknown && allowed == Truth::Unknown {
                open.push(Open::ResourceAccount);
            }
            if layers.is_resource_asked == Truth::Unknown && allowed == Truth::Unknown {
                open.push(Open::ResourcePolicy);
            }
            let votes = layers.all().flat_map(|said| said.votes().into_iter().chain([&said.denied]));
            open.extend(votes.filter(|vote| vote.truth == Truth::Unknown).flat_map(|vote| &vote.open));
            Decision { answer: Answer::Depends, by: vec![], lacking: vec![], open: once_each(open) }
        }
    }
}

/// Each thing once, in order: a statement is heard for each way in which it names somebody.
fn once_each<P>(open: Vec<Open<'_, P>>) -> Vec<Open<'_, P>> {
    let mut seen = std::collections::BTreeSet::new();
    open.into_iter().filter(|one| seen.insert(one.identity())).collect()
}

/// What all layers say.
struct Layers<'d, P> {
    identity: Said<'d, P>,
    boundary: Option<Said<'d, P>>,
    session: Option<Said<'d, P>>,
    resource: Said<'d, P>,
    levels: Vec<Said<'d, P>>,
    /// Whether the resource is in the account of who makes the request.
    is_same_account: Truth,
    /// Whether the resource's policy has to allow it in any case.
    is_resource_asked: Truth,
    has_account: bool,
    is_root: bool,
}

impl<'d, P> Layers<'d, P> {
    fn new(policies: &Policies<'d, P>, asked: &Asked) -> Self {
        let request = asked.request;
        let is_root = matches!(request.who, Who::Root(_));
        let account = request.who.account();
        let has_account = account.is_some();
        // Users and roles have policies; nobody else is limited by one.
        let mine = |list: &[Attached<'d, P>], layer: Layer| {
            Said::new(layer, if has_account && !is_root { list } else { &[] }, asked)
        };
        let boundary = policies.boundary.filter(|_| has_account && !is_root);
        let session = policies.session.as_ref().filter(|_| matches!(request.who, Who::Role { .. }));
        let control = policies.control.iter().filter(|_| has_account).map(|list| (Layer::Control, list));
        let further = policies.resource_control.iter().map(|list| (Layer::ResourceControl, list));
        Self {
            identity: mine(&policies.identity, Layer::Identity),
            boundary: boundary.map(|one| mine(&[one], Layer::Boundary)),
            session: session.map(|list| mine(list, Layer::Session)),
            resource: Said::of_resource(policies, asked),
            levels: control.chain(further).map(|(layer, list)| Said::new(layer, list, asked)).collect(),
            is_same_account: match (account, request.resource_account.as_deref()) {
                (Some(mine), Some(other)) => (mine == other).into(),
                _ => Truth::Unknown,
            },
            is_resource_asked: is_resource_asked(asked),
            has_account,
            is_root,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Said<'d, P>> {
        let some =
            [Some(&self.identity), self.boundary.as_ref(), self.session.as_ref(), Some(&self.resource)];
        some.into_iter().flatten().chain(&self.levels)
    }

    /// Whether all that has to allow the request does.
    fn allowed(&self) -> Truth {
        let both = |truth: Truth| match truth {
            Truth::False => vec![false],
            Truth::Unknown => vec![false, true],
            Truth::True => vec![true],
        };
        let cases = both(self.is_same_account)
            .into_iter()
            .flat_map(|same| both(self.is_resource_asked).into_iter().map(move |asked| (same, asked)));
        let here = Truth::agreed(cases.map(|(same, asked)| self.allowed_where(same, asked)));
        here.and(Truth::all(self.levels.iter().map(Said::at_all)))
    }

    /// The same, where it is known whose the resource is and whether its policy has to allow the request.
    fn allowed_where(&self, is_same_account: bool, is_resource_asked: bool) -> Truth {
        let resource = &self.resource;
        if !self.has_account {
            return resource.directly.truth;
        }
        let limits = [self.boundary.as_ref(), self.session.as_ref()].into_iter().flatten();
        let limit = Truth::all(limits.map(Said::at_all));
        let own = if self.is_root { Truth::True } else { self.identity.at_all().and(limit) };
        if !is_same_account {
            return own.and(resource.at_all());
        }
        let granted = resource.directly.truth.or(resource.by_role.truth.and(limit));
        granted.or(if is_resource_asked { resource.by_account.truth.and(own) } else { own })
    }

    /// The layers without which the request is not allowed.
    fn lacking(&self) -> Vec<Layer> {
        let needs_resource = self.is_same_account == Truth::False
            || self.is_resource_asked == Truth::True
            || !self.has_account;
        let is_lacking = |said: &&Said<'d, P>| {
            said.at_all() == Truth::False
                && match said.layer {
                    Layer::Identity => self.has_account && !self.is_root,
                    Layer::Resource => needs_resource,
                    _ => true,
                }
        };
        let mut layers: Vec<Layer> = self.all().filter(is_lacking).map(|said| said.layer).collect();
        layers.dedup();
        layers
    }
}

/// Whether the policy of the resource has to allow a request in any case: trust policies of roles and key policies
/// ("Determining whether a request is allowed or denied within an account").
fn is_resource_asked(asked: &Asked) -> Truth {
    if asked.without_resource.is_some() {
        return Truth::False;
    }
    let each = NEED_RESOURCE_POLICY.map(tokens);
    Truth::any(each.iter().map(|pattern| matched(pattern, &asked.action)))
}

/// Whether an action, or one of a pattern, may need the policy of its resource within an account too, as keys and roles do.
pub fn may_need_resource_policy(action: &str) -> bool {
    let action = tokens(&action.to_ascii_lowercase());
    NEED_RESOURCE_POLICY.iter().any(|pattern| matched(&tokens(pattern), &action) != Truth::False)
}

/// Actions on roles and keys, which trust policies and key policies have to allow.
const NEED_RESOURCE_POLICY: [&str; 2] = ["sts:assumerole*", "kms:*"];
