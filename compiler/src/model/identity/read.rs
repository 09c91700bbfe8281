//! From the declarations in an account to policies, roles, groups, users and providers.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::{Diagnostic, Span};

use super::documents::{self, Written};
use super::managed;
use super::{Arns, Group, Heading, Identity, Permissions, Policy, Provider, Role, User};
use crate::block::Block;
use crate::errors::{self, Form};
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::fields::{
    GroupFields, PolicyFields, RoleFields, SamlFields, TrustPolicyFields, UserFields,
};
use crate::library::kinds;
use crate::model::Provenance;
use crate::value::{Principal, Spanned, TextFile};

/// A declaration, of which the policies are not read yet.
struct Part<'a> {
    name: &'a str,
    block: Block<'a>,
    span: Span,
    fields: Arc<Fields>,
    heading: Heading,
}

/// What several kinds have: name, path and tags.
type Shared = (Option<Resolved<String>>, Option<Resolved<String>>, Option<Resolved<Tags>>);
type Tags = BTreeMap<String, Spanned<String>>;

/// Reads the declarations of one account.
pub(super) struct Reader<'r, 'a, 'b> {
    pub(super) evaluator: &'r Evaluator<'a, 'b>,
    pub(super) diagnostics: &'r mut Vec<Diagnostic>,
    pub(super) provenance: &'r mut Provenance,
    pub(super) arns: Arns,
    /// The tags of everything in the account.
    pub(super) tags: Option<&'r Resolved<Tags>>,
}

impl<'a> Reader<'_, 'a, '_> {
    pub(super) fn identity(&mut self, account: &Block<'a>) -> Identity {
        let policies = self.parts(account, kinds::POLICY, |fields, span| {
            let PolicyFields { name, path, tags, .. } = PolicyFields::of(fields, span);
            (name, Some(path), tags)
        });
        let roles = self.parts(account, kinds::ROLE, |fields, span| {
            let RoleFields { name, path, tags, .. } = RoleFields::of(fields, span);
            (name, Some(path), tags)
        });
        let groups = self.parts(account, kinds::GROUP, |fields, span| {
            let GroupFields { name, path, .. } = GroupFields::of(fields, span);
            (name, Some(path), None)
        });
        let users = self.parts(account, kinds::USER, |fields, span| {
            let UserFields { name, path, tags, .. } = UserFields::of(fields, span);
            (name, Some(path), tags)
        });
        let providers = self.parts(account, kinds::SAML, |fields, span| {
            let SamlFields { name, tags, .. } = SamlFields::of(fields, span);
            (name, None, tags)
        });
        // Policies refer to anything in the account, so all names come first.
        let all = [
            (kinds::POLICY, &policies),
            (kinds::ROLE, &roles),
            (kinds::GROUP, &groups),
            (kinds::USER, &users),
            (kinds::SAML, &providers),
        ];
        for (kind, parts) in all {
            let mut taken: BTreeMap<String, Span> = BTreeMap::new();
            for part in parts {
                let Heading { aws, path, .. } = &part.heading;
                self.arns.add_identity(kind, part.name, &path.value, &aws.value);
                if let Some(first) = taken.insert(aws.value.to_ascii_lowercase(), aws.span()) {
                    self.diagnostics.push(errors::identity_named_twice(aws.span(), kind, &aws.value, first));
                }
            }
        }
        Identity {
            policies: policies.iter().filter_map(|part| self.policy(part)).collect(),
            roles: roles.iter().map(|part| self.role(part)).collect(),
            groups: groups.iter().map(|part| self.group(part)).collect(),
            users: users.iter().map(|part| self.user(part)).collect(),
            providers: providers.iter().filter_map(Self::provider).collect(),
        }
    }

    fn parts(
        &mut self,
        account: &Block<'a>,
        kind: &str,
        read: impl Fn(&Fields, Span) -> Shared,
    ) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        for name in account.nested(kind) {
            let Some(block) = account.child(kind, Some(name), &[]) else { continue };
            let span = account.last_span(kind, Some(name));
            let fields = Arc::new(self.evaluator.fields(kind, &block, span, self.diagnostics));
            self.provenance.add(format!("{kind}.{name}"), Arc::clone(&fields));
            let (aws, path, tags) = read(&fields, span);
            self.diagnostics.extend(path.as_ref().and_then(|path| path_problem(kind, path)));
            if kind != kinds::GROUP {
                self.diagnostics.extend(same_tags(self.tags, tags.as_ref(), span));
            }
            let heading = Heading {
                name: name.to_owned(),
                span,
                aws: aws.unwrap_or_else(|| Resolved { value: name.to_owned(), chain: vec![span] }),
                path: path.unwrap_or_else(|| Resolved { value: "/".to_owned(), chain: vec![span] }),
                tags,
            };
            parts.push(Part { name, block, span, fields, heading });
        }
        parts
    }

    fn policy(&mut self, part: &Part<'a>) -> Option<Policy> {
        let of = PolicyFields::of(&part.fields, part.span);
        let document = self.written(&part.block, of.document, part.span)?;
        if document.document.statements.is_empty() && !part.fields.is_broken(PolicyFields::DOCUMENT) {
            self.diagnostics.push(errors::policy_without_statements(part.span, part.name));
            return None;
        }
        Some(Policy { heading: part.heading.clone(), description: of.description, document })
    }

    fn role(&mut self, part: &Part<'a>) -> Role {
        let of = RoleFields::of(&part.fields, part.span);
        let (inline, boundary) = (self.inline(part), self.known(of.boundary));
        let permissions = Permissions {
            policies: self.all_known(of.policies),
            managed: self.managed(of.managed),
            boundary,
            inline,
        };
        let lets_instances = |principal: &Spanned<Principal>| match &principal.value {
            Principal::Service(name) => name == "ec2" || name.starts_with("ec2."),
            _ => false,
        };
        let listed = of.trust.as_ref().map_or(&[] as &[Spanned<Principal>], |listed| &listed.value);
        let is_for_instances = listed.iter().any(lets_instances);
        let has_profile = of
            .instance_profile
            .unwrap_or_else(|| Resolved { value: is_for_instances, chain: vec![part.span] });
        Role {
            heading: part.heading.clone(),
            description: of.description,
            trust: self.trust(part, of.trust),
            permissions,
            max_session: of.max_session,
            has_profile,
        }
    }

    fn trust(&mut self, part: &Part<'a>, listed: Option<Resolved<Vec<Spanned<Principal>>>>) -> Written {
        for principal in listed.iter().flat_map(|listed| &listed.value) {
            if let Principal::Declared(kind, name) = &principal.value {
                self.exists(kind.kind(), name, principal.span);
            }
        }
        let site = part.span;
        let Some(block) = part.block.child(kinds::TRUST_POLICY, None, &[]) else {
            let listed = listed.unwrap_or_else(|| Resolved { value: Vec::new(), chain: vec![site] });
            if listed.value.is_empty() && !part.fields.is_broken(RoleFields::TRUST) {
                self.diagnostics.push(errors::role_without_trust(site, part.name));
            }
            let document = documents::trust(&listed.value, listed.span(), &self.arns);
            return Written { document, form: Form::Statements, chain: listed.chain };
        };
        let span = part.block.last_span(kinds::TRUST_POLICY, None);
        if let Some(listed) = listed {
            self.diagnostics.push(errors::trust_twice(listed.span(), span, part.name));
        }
        let fields = Arc::new(self.evaluator.fields(kinds::TRUST_POLICY, &block, span, self.diagnostics));
        self.provenance.add(format!("role.{}.{}", part.name, kinds::TRUST_POLICY), Arc::clone(&fields));
        let document = TrustPolicyFields::of(&fields, span).document;
        let empty = || Written {
            document: documents::trust(&[], span, &Arns::default()),
            form: Form::Statements,
            chain: vec![span],
        };
        self.written(&block, document, span).unwrap_or_else(empty)
    }

    fn group(&mut self, part: &Part<'a>) -> Group {
        let of = GroupFields::of(&part.fields, part.span);
        let inline = self.inline(part);
        let permissions = Permissions {
            policies: self.all_known(of.policies),
            managed: self.managed(of.managed),
            boundary: None,
            inline,
        };
        Group { heading: part.heading.clone(), permissions }
    }

    fn user(&mut self, part: &Part<'a>) -> User {
        let of = UserFields::of(&part.fields, part.span);
        let (inline, boundary) = (self.inline(part), self.known(of.boundary));
        let permissions = Permissions {
            policies: self.all_known(of.policies),
            managed: self.managed(of.managed),
            boundary,
            inline,
        };
        for group in &of.groups.value {
            self.exists(kinds::GROUP, &group.value, group.span);
        }
        User { heading: part.heading.clone(), permissions, groups: of.groups }
    }

    fn provider(part: &Part<'a>) -> Option<Provider> {
        let of = SamlFields::of(&part.fields, part.span);
        Some(Provider { heading: part.heading.clone(), metadata: of.metadata? })
    }

    /// The inline policy of a role, group or user: the statements in its body.
    fn inline(&mut self, part: &Part<'a>) -> Option<Written> {
        self.written(&part.block, None, part.span).filter(|written| !written.document.statements.is_empty())
    }

    /// The policy of a body: its statements, or the document in place of these. Nothing where a document cannot be read.
    fn written(
        &mut self,
        block: &Block<'a>,
        document: Option<Resolved<TextFile>>,
        site: Span,
    ) -> Option<Written> {
        documents::written(self.evaluator, block, document, site, &self.arns, &[], self.diagnostics)
    }

    /// Reports a declaration that this account does not have.
    fn exists(&mut self, kind: &str, name: &str, span: Span) {
        if self.arns.of(kind, name).is_none() {
            let known = self.arns.names_of(kind);
            self.diagnostics.push(errors::unknown_reference(span, kind, name, &known));
        }
    }

    fn all_known(&mut self, policies: Resolved<Vec<Spanned<String>>>) -> Resolved<Vec<Spanned<String>>> {
        for policy in &policies.value {
            self.exists(kinds::POLICY, &policy.value, policy.span);
        }
        policies
    }

    /// Managed policies of AWS by name, those that are written as ARNs included.
    fn managed(&mut self, written: Resolved<Vec<Spanned<String>>>) -> Resolved<Vec<Spanned<String>>> {
        let name = |policy: Spanned<String>| {
            if !policy.value.starts_with("arn:") {
                return Some(policy);
            }
            match managed::name(&policy.value, policy.span, &self.arns) {
                Ok((name, unknown)) => {
                    self.diagnostics.extend(unknown);
                    Some(Spanned::new(name, policy.span))
                }
                Err(found) => {
                    self.diagnostics.push(*found);
                    None
                }
            }
        };
        written.map(|all| all.into_iter().filter_map(name).collect())
    }

    fn known(&mut self, policy: Option<Resolved<String>>) -> Option<Resolved<String>> {
        if let Some(policy) = &policy {
            self.exists(kinds::POLICY, &policy.value, policy.span());
        }
        policy
    }
}

/// Tags of the account and of a declaration at `site` whose keys IAM takes as one: it does not tell capitals and small
/// letters apart ("Tags for AWS Identity and Access Management resources").
fn same_tags(common: Option<&Resolved<Tags>>, own: Option<&Resolved<Tags>>, site: Span) -> Vec<Diagnostic> {
    let all = [common, own].into_iter().flatten().flat_map(|tags| &tags.value);
    let mut keys: BTreeMap<String, (&str, Option<Span>)> = BTreeMap::new();
    keys.insert("name".to_owned(), ("Name", None));
    let mut found = Vec::new();
    for (key, value) in all {
        match keys.get(&key.to_lowercase()) {
            Some((known, first)) if known != key => {
                found.push(errors::same_tag_key(value.span, key, known, *first, site));
            }
            _ => {
                keys.insert(key.to_lowercase(), (key, Some(value.span)));
            }
        }
    }
    found
}

/// What is wrong with a path (IAM user guide, "IAM identifiers"); which characters it may have is a limit of the field.
fn path_problem(kind: &str, path: &Resolved<String>) -> Option<Diagnostic> {
    let text = path.value.as_str();
    // A group whose path begins so counts as one that asiaq makes or deletes at the moment.
    if kind == kinds::GROUP && text.starts_with("/asiaq/") {
        return Some(errors::reserved_path(path.span(), text));
    }
    let is_whole = text == "/" || text.len() > 2 && text.starts_with('/') && text.ends_with('/');
    (!is_whole && !text.is_empty()).then(|| errors::identity_path(path.span(), text))
}
