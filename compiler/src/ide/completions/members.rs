//! Declarations, fields, and the names that declarations are made of.

use std::fmt::Write as _;

use super::slot::{Body, Replaces, owner};
use super::{CompletionKind, Insert, Offers, Rank};
use crate::block::Block;
use crate::errors::codes;
use crate::library;
use crate::library::kinds::{self, BLOCKS, ENDPOINT_NAMES, INHERITABLE, REPEATABLE, TEMPLATES};
use crate::names::{is_account, is_environment, parent_kind};
use crate::pages;
use crate::reference::introduction;
use crate::schema::{FieldSchema, KindSchema};
use crate::types::Ty;

/// Types that a `let` may name.
const TYPES: &[&str] = &[
    "AccountId",
    "Address",
    "Allocation",
    "AmiId",
    "AwsPolicy",
    "Bool",
    "Capacity",
    "Cidr",
    "Class",
    "Condition",
    "Credential",
    "DailyWindow",
    "DatabaseName",
    "Dimensions",
    "Domain",
    "Duration",
    "File",
    "Folder",
    "InstanceType",
    "Int",
    "Ip",
    "Listener",
    "LogValue",
    "Metadata",
    "NameServer",
    "Nat",
    "Number",
    "Parameters",
    "Peering",
    "Percent",
    "Port",
    "PortRange",
    "Principals",
    "Region",
    "Reserve",
    "Route",
    "Rule",
    "Script",
    "SecretStore",
    "Size",
    "Snapshot",
    "Source",
    "Sticky",
    "String",
    "Subscriber",
    "Tags",
    "Texts",
    "UserData",
    "Watched",
    "Window",
];

impl Offers<'_> {
    /// Offers the items at the top of a file.
    pub(super) fn top(&mut self) {
        self.kinds(None);
        let words = [
            ("let", "let ${1:name} = $0", "A value with a name."),
            ("use", "use $0", "A file that belongs to the project, or a template of the library."),
            (
                "expect",
                "expect ${1:environment} {\n  ${2:internet} cannot reach ${3:intranet}\n}",
                "A test of the network, proved at every check.",
            ),
            (
                "moved",
                "moved ${1:hostclass} ${2:old} -> ${3:new}",
                "The name that a declaration had before: what it made in AWS is kept.",
            ),
        ];
        for (word, snippet, docs) in words {
            let insert = Insert::Snippet(snippet.to_owned());
            self.offer(Rank::Second, CompletionKind::Keyword, word, None, Some(docs.to_owned()), insert);
        }
        self.allow();
    }

    /// Offers the kinds that a declaration of kind `parent` may contain, with their bodies.
    fn kinds(&mut self, parent: Option<&str>) {
        let analysis = self.analysis;
        for name in analysis.schemas.allowed_in(parent) {
            if name == kinds::PROJECT && self.names.project().is_some() {
                continue;
            }
            let Some(kind) = analysis.schemas.kind(name) else { continue };
            let docs = analysis.kind_decl(name).map(|decl| introduction(&decl.docs));
            let insert = Insert::Snippet(self.declaration(kind));
            let rank = if parent.is_none() { Rank::First } else { Rank::Third };
            self.offer(rank, CompletionKind::Kind, name, None, docs, insert);
        }
    }

    /// A declaration of a kind with placeholders for its required fields.
    fn declaration(&self, kind: &KindSchema) -> String {
        let mut text = kind.name.clone();
        let mut next = 1;
        if !BLOCKS.contains(&kind.name.as_str()) && !REPEATABLE.contains(&kind.name.as_str()) {
            let _ = write!(text, " ${{{next}:name}}");
            next += 1;
        }
        if kind.name == kinds::PEERING {
            return text + " = ${2:env}/${3:network} <-> ${4:env}/${5:network}";
        }
        let of = parent_kind(&kind.name);
        let is_inheritable = INHERITABLE.contains(&kind.name.as_str());
        let parents = self.names.of_kind(of).filter(|_| is_inheritable);
        let parents: Vec<_> = parents.filter_map(|name| self.names.get(of, name)).collect();
        if of != kind.name && !parents.is_empty() {
            let _ = write!(text, " : ${{{next}:{of}}}");
            next += 1;
        }
        text.push_str(" {");
        let is_template = TEMPLATES.iter().any(|(template, _)| *template == kind.name);
        let is_inherited = |field: &FieldSchema| {
            parents.iter().any(|decl| !Block::of_chain(&[decl]).hits(&field.name, &[]).is_empty())
        };
        for field in kind.fields.iter().filter(|field| field.is_required() && !is_template) {
            if is_inherited(field) {
                continue;
            }
            let _ = write!(text, "\n  {} = ${{{next}:{}}}", field.name, example(&field.ty));
            next += 1;
        }
        text + "\n  $0\n}"
    }

    /// The fields and declarations of a body that it does not have yet.
    pub(super) fn members(&mut self, body: &Body) {
        let analysis = self.analysis;
        let Some(kind) = analysis.schemas.kind(&body.kind) else { return };
        let set = self.cursor.frames.last().map_or(&[][..], |frame| frame.set.as_slice());
        let is_there = |name: &str| set.contains(&name) || self.cursor.later.contains(&name);
        let missing: Vec<&FieldSchema> = kind.fields.iter().filter(|field| !is_there(&field.name)).collect();
        let is_followed = ["=", "+=", "@"].iter().any(|sign| self.cursor.is_followed_by(sign));
        let inherits = body.owner.as_ref().is_some_and(|owner| owner.parent.is_some());
        for field in missing {
            let rank = if field.is_required() && !inherits { Rank::First } else { Rank::Second };
            let decl = analysis.field_decl(&body.kind, &field.name);
            let docs = decl.map(|decl| decl.docs.join("\n"));
            let insert = match (is_followed, field.ty.required()) {
                (true, _) => Insert::Plain(field.name.clone()),
                (false, Ty::List(_)) => Insert::Snippet(format!("{} = [$0]", field.name)),
                (false, Ty::Tags) => Insert::Snippet(format!("{} = {{ $0 }}", field.name)),
                (false, Ty::String | Ty::Domain | Ty::AccountId) => {
                    Insert::Snippet(format!("{} = \"$0\"", field.name))
                }
                (false, _) => Insert::Plain(format!("{} = ", field.name)),
            };
            self.offer(rank, CompletionKind::Field, &field.name, Some(field.ty.to_string()), docs, insert);
        }
        self.allow();
        let blocks: Vec<&str> = BLOCKS.iter().copied().filter(|block| is_there(block)).collect();
        self.kinds(Some(&body.kind));
        self.found.retain(|offer| !blocks.contains(&offer.label.as_str()));
        if (is_environment(&body.kind) || is_account(&body.kind)) && !body.is_override {
            let docs = "Starts afresh: nothing is inherited.".to_owned();
            let insert = Insert::Plain("replace ".to_owned());
            self.offer(Rank::Last, CompletionKind::Keyword, "replace", None, Some(docs), insert);
        }
    }

    /// The kinds after `replace`.
    pub(super) fn nested_kinds(&mut self) {
        let owner = owner(self.cursor);
        let kind = owner.as_ref().map_or(kinds::ENV, |owner| owner.kind.as_str());
        for name in self.analysis.schemas.allowed_in(Some(kind)) {
            self.plain(Rank::First, CompletionKind::Kind, name, None);
        }
    }

    /// Offers the names of inherited declarations that may be overridden.
    pub(super) fn inherited(&mut self, kind: &str, replaces: Replaces) {
        let Some(owner) = owner(self.cursor) else { return };
        let found = |name: &str| {
            if is_account(&owner.kind) { self.names.account(name) } else { self.names.environment(name) }
        };
        let start = owner.parent.as_deref().or_else(|| {
            let decl = found(&owner.name)?;
            decl.parent.as_ref().map(|parent| parent.text.as_str())
        });
        let Some(parent) = start.and_then(found) else { return };
        let block = Block::of_chain(&self.names.chain(parent));
        let names: Vec<String> = block.nested(kind).into_iter().map(str::to_owned).collect();
        for name in names {
            let is_there = self.cursor.nested.contains(&(kind, &name));
            if is_there && replaces == Replaces::No {
                continue;
            }
            let insert = if self.cursor.is_followed_by("{") {
                Insert::Plain(name.clone())
            } else {
                Insert::Snippet(format!("{name} {{\n  $0\n}}"))
            };
            self.offer(
                Rank::First,
                CompletionKind::Network,
                &name,
                Some("inherited".to_owned()),
                None,
                insert,
            );
        }
    }

    /// Services that have endpoints.
    pub(super) fn services(&mut self) {
        for service in ENDPOINT_NAMES {
            let insert = Insert::Snippet(format!("{service} {{$0}}"));
            self.offer(Rank::First, CompletionKind::Word, service, None, None, insert);
        }
    }

    /// Hostclasses that can run.
    pub(super) fn runs(&mut self) {
        let names: Vec<&str> = self.names.of_kind(kinds::HOSTCLASS).collect();
        for name in names {
            self.named(Rank::First, CompletionKind::Declaration, kinds::HOSTCLASS, name);
        }
    }

    /// The possible parents of a declaration of `kind`.
    pub(super) fn parents(&mut self, kind: &str) {
        if !INHERITABLE.contains(&kind) {
            return;
        }
        let of = parent_kind(kind);
        let shown = if is_environment(kind) { CompletionKind::Envtype } else { CompletionKind::Declaration };
        let own = self.cursor.statement.get(1).copied();
        let names: Vec<&str> = self.names.of_kind(of).filter(|name| Some(*name) != own).collect();
        for name in names {
            self.named(Rank::First, shown, of, name);
        }
    }

    /// Environments and envtypes.
    pub(super) fn environments(&mut self) {
        for name in self.names.env_order() {
            self.named(Rank::First, CompletionKind::Environment, kinds::ENV, name);
        }
        let envtypes: Vec<&str> = self.names.of_kind(kinds::ENVTYPE).collect();
        for name in envtypes {
            self.named(Rank::Second, CompletionKind::Envtype, kinds::ENVTYPE, name);
        }
    }

    /// What claims may be about: environments and accounts.
    pub(super) fn expected(&mut self) {
        self.environments();
        for kind in [kinds::ACCOUNT, kinds::ACCOUNTTYPE] {
            for name in self.names.of_kind(kind).collect::<Vec<_>>() {
                self.named(Rank::Second, CompletionKind::Declaration, kind, name);
            }
        }
    }

    /// Offers a declared name with its documentation.
    pub(super) fn named(&mut self, rank: Rank, shown: CompletionKind, kind: &str, name: &str) {
        let docs = self.names.get(kind, name).map(|decl| decl.docs.join("\n"));
        self.offer(rank, shown, name, Some(kind.to_owned()), docs, Insert::Plain(name.to_owned()));
    }

    /// Files that may be used.
    pub(super) fn paths(&mut self) {
        // A path is several words.
        if let Some(start) = self.cursor.statement_start
            && self.cursor.statement.len() > 1
        {
            let text = self.analysis.sources().text(self.replace.file);
            let line = text.get(start..self.replace.end as usize).unwrap_or("");
            let blank = line.find([' ', '\t']).unwrap_or(0);
            let skipped = line.get(blank..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            let first = u32::try_from(start + blank + skipped).unwrap_or(self.replace.start);
            self.replace.start = first.min(self.replace.start);
        }
        for path in library::templates() {
            let docs = Some("A template of the library.".to_owned());
            self.offer(Rank::First, CompletionKind::File, path, None, docs, Insert::Plain(path.to_owned()));
        }
        let sources = self.analysis.sources();
        let own = sources.path(self.replace.file);
        let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
        let this = self.replace.file;
        for file in sources.ids().filter(|file| *file != this) {
            let path = sources.path(file);
            // Documents of policies are sources too.
            let is_document = std::path::Path::new(path).extension().is_some_and(|found| found == "json");
            if is_document {
                continue;
            }
            let inside = if folder.is_empty() {
                Some(path)
            } else {
                path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'))
            };
            if let Some(path) = inside.filter(|path| !path.starts_with("std/") && !path.starts_with('/')) {
                self.plain(Rank::Second, CompletionKind::File, path.trim_end_matches(".asq"), None);
            }
        }
    }

    /// Codes of warnings.
    pub(super) fn codes(&mut self) {
        for code in codes::warnings() {
            let docs = pages::page(&code).map(|page| page.summary());
            let insert = Insert::Plain(code.to_string());
            self.offer(Rank::First, CompletionKind::Code, &code, None, docs, insert);
        }
    }

    /// Offers `allow(…)`, the prefix of a declaration or a field that silences warnings.
    fn allow(&mut self) {
        let docs = "Warnings that are not said of what follows.".to_owned();
        let insert = Insert::Snippet("allow($0)".to_owned());
        self.offer(Rank::Last, CompletionKind::Keyword, "allow", None, Some(docs), insert);
    }

    /// Types, after the name of a `let`.
    pub(super) fn types(&mut self) {
        for ty in TYPES {
            self.plain(Rank::First, CompletionKind::Type, ty, None);
        }
    }
}

/// A value of a type, to be overwritten.
fn example(ty: &Ty) -> &'static str {
    match ty {
        Ty::Region => "us-west-2",
        Ty::Allocation | Ty::Cidr => "10.0.0.0/16",
        Ty::AccountId => "\"123456789012\"",
        Ty::Domain => "\"example.com\"",
        Ty::String => "\"text\"",
        Ty::Bool => "true",
        Ty::Ip | Ty::Address => "10.0.0.5",
        Ty::Duration => "5m",
        Ty::Size => "20GB",
        Ty::Percent | Ty::Reserve => "10%",
        Ty::PortRange => "443",
        Ty::List(_) => "[]",
        Ty::Optional(inner) => example(inner),
        Ty::Listener => "https 443 -> http 80",
        Ty::Capacity => "1",
        Ty::Condition => "average > 99 for 5 x 5m",
        Ty::Script => "file \"boot.sh\"",
        Ty::Sticky => "cookie",
        Ty::Subscriber => "\"ops@example.com\"",
        Ty::Watched => "all",
        Ty::InstanceType => "m7i.large",
        Ty::Snapshot => "latest",
        Ty::DatabaseName => "orders",
        Ty::Class => "db.m7g.large",
        Ty::Credential => "managed",
        Ty::SecretStore => "buckets",
        Ty::Window => "sat 05:00..sat 06:00",
        Ty::DailyWindow => "05:04..05:34",
        Ty::AmiId => "\"ami-0123456789abcdef0\"",
        Ty::Metadata => "file \"okta.xml\"",
        Ty::File => "file \"document.json\"",
        Ty::Folder => "dir \"root\"",
        Ty::Principals => "ec2",
        Ty::AwsPolicy => "ReadOnlyAccess",
        Ty::Error
        | Ty::Int
        | Ty::Number
        | Ty::Rule
        | Ty::Source
        | Ty::Route
        | Ty::Nat
        | Ty::NameServer
        | Ty::Peering
        | Ty::Tags
        | Ty::Texts
        | Ty::UserData
        | Ty::Dimensions
        | Ty::Parameters
        | Ty::LogValue
        | Ty::Enum(_)
        | Ty::Ref(_) => "value",
    }
}
