//! Who makes requests, with the policies that count for it.

use asiaq_iam::evaluate::{Answer, Attached, Context, Decision, Open, Others, Policies, Value, Who};
use asiaq_iam::table;
use asiaq_lang::Span;

use super::cases::{Case, cases};
use crate::library::kinds;
use crate::model::{Account, Group, Identity, Model, Permissions};
use crate::value::Spanned;

/// A role or user of a program, or whoever is in a group and has nothing else.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'m> {
    pub(super) account: &'m Account,
    kind: &'static str,
    name: &'m str,
    permissions: &'m Permissions,
    /// The groups of a user.
    groups: &'m [Spanned<String>],
}

impl<'m> Subject<'m> {
    /// The one that is written as `role web`, `user alice` or `group admins`, in an account.
    pub(crate) fn find(account: &'m Account, kind: &str, name: &str) -> Option<Self> {
        let Identity { roles, users, groups, .. } = &account.identity;
        let found = |kind, name: &'m String, permissions, groups| {
            Some(Self { account, kind, name, permissions, groups })
        };
        match kind {
            kinds::ROLE => {
                let role = roles.iter().find(|role| role.heading.name == name)?;
                found(kinds::ROLE, &role.heading.name, &role.permissions, &[])
            }
            kinds::USER => {
                let user = users.iter().find(|user| user.heading.name == name)?;
                found(kinds::USER, &user.heading.name, &user.permissions, &user.groups.value)
            }
            kinds::GROUP => {
                let group = groups.iter().find(|group| group.heading.name == name)?;
                found(kinds::GROUP, &group.heading.name, &group.permissions, &[])
            }
            _ => None,
        }
    }

    /// As in a program, with its account.
    pub(crate) fn words(&self) -> String {
        format!("{} `{}` of account `{}`", self.kind, self.name, self.account.name)
    }

    /// Its ARN.
    pub(super) fn arn(&self) -> String {
        let arns = &self.account.arns;
        arns.of(self.kind, self.name).and_then(<[String]>::first).cloned().unwrap_or_default()
    }

    pub(super) fn who(&self) -> Who {
        match self.kind {
            kinds::ROLE => Who::Role { arn: self.arn(), session: None },
            kinds::USER => Who::User(self.arn()),
            // No user has this ARN: names have a character at least.
            _ => Who::User(self.account.arns.root(&self.account.id.value).replace(":root", ":user/")),
        }
    }

    /// What is known of its requests besides.
    pub(super) fn context(&self) -> Context {
        let context = Context::new(Others::Unknown);
        if self.kind != kinds::GROUP {
            return context;
        }
        // Who is in the group is not said.
        ["aws:username", "aws:PrincipalArn"].iter().fold(context, |all, key| all.with(key, Value::Unknown))
    }

    /// Its own policies and its boundary.
    pub(super) fn policies(&self) -> Policies<'m, Span> {
        let boundary = self.permissions.boundary.as_ref();
        Policies {
            identity: self.identity(),
            boundary: boundary.and_then(|policy| known(self.account, &policy.value)),
            ..Policies::default()
        }
    }

    /// Its identity policies, those of its groups included.
    fn identity(&self) -> Vec<Attached<'m, Span>> {
        let groups = self.groups.iter().filter_map(|group| self.group(&group.value));
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

    /// The questions that a question is made of, the one about resources of its own account first if there is one.
    pub(crate) fn cases(&self, model: &'m Model, action: &str, resource: &str) -> Vec<Case<'m>> {
        cases(self, model, action, resource)
    }

    /// Whether it may do something.
    pub(super) fn decide(&self, model: &'m Model, action: &str, resource: &str) -> Decision<'m, Span> {
        let mut decisions = self.cases(model, action, resource).into_iter().map(|case| case.decide());
        let none = Decision { answer: Answer::Denied, by: vec![], lacking: vec![], open: vec![] };
        let Some(mut first) = decisions.next() else { return none };
        // What it may do with everything in its account, it may.
        if first.answer == Answer::Allowed {
            return first;
        }
        let open: Vec<Open<Span>> = decisions
            .filter(|other| other.answer != Answer::Denied)
            .flat_map(|other| other.open)
            .filter(|open| matches!(open, Open::ResourcePolicy))
            .take(1)
            .collect();
        if !open.is_empty() {
            first = Decision { answer: Answer::Depends, by: vec![], lacking: vec![], ..first };
            first.open.extend(open);
        }
        first
    }
}

/// A declared policy.
fn known<'m>(account: &'m Account, name: &str) -> Option<Attached<'m, Span>> {
    let policy = account.identity.policies.iter().find(|policy| policy.heading.name == name)?;
    Some(Attached::Known { name: &policy.heading.name, document: &policy.document.document })
}
