//! From the text of a value to a typed value. Every mistake is reported; a broken value becomes
//! [`Value::Error`], which absorbs every further check.

mod capacity;
mod condition;
mod database;
mod listener;
mod literal;
mod machine;
mod network;
mod principal;
mod quantity;
mod script;
mod statistic;
mod variables;
mod watch;
mod window;

use std::collections::BTreeMap;

use asiaq_ir::list_tag_keys;
use asiaq_lang::ast::{Expr, ExprKind, Item, Name, Setting, StringPart};
use asiaq_lang::{Diagnostic, FileId, Span, spellings};

use crate::dns;
use crate::errors;
use crate::library;
use crate::library::kinds;
use crate::names::{LIST_LIMIT, LetValue, Names};
use crate::types::Ty;
use crate::value::{Spanned, Value};

pub(crate) use literal::is_domain;
pub(crate) use network::{ICMP_TYPES, check_description};
pub(crate) use quantity::units;
pub(crate) use statistic::{Mistake as StatisticMistake, STATISTICS};
pub(crate) use variables::{ACCOUNT_NAME, VARIABLES, Variables, variables};

/// Tags that asiaq sets itself.
const OWN_TAGS: &[&str] =
    &["Name", "application", "create_date", "dynamic", "dynonat", "meta_network", "subnet", "type"];

/// Room for the names of further tags, which one tag of 256 characters lists beside asiaq's own.
const TAG_ROOM: usize = 234;

/// Types values against a project's names.
pub(crate) struct Typer<'a, 'b> {
    pub(crate) names: &'b Names<'a>,
    /// The variables of the environment or account; where absent, all of them are empty texts.
    pub(crate) variables: Option<&'b Variables>,
    /// Diagnostics of the typed values.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether a variable was put into a text.
    pub(crate) asked: bool,
}

impl<'a, 'b> Typer<'a, 'b> {
    pub(crate) fn new(names: &'b Names<'a>, variables: Option<&'b Variables>) -> Self {
        Self { names, variables, diagnostics: Vec::new(), asked: false }
    }

    fn report(&mut self, diagnostic: Diagnostic) -> Value {
        self.diagnostics.push(diagnostic);
        Value::Error
    }

    /// The value of `expr` as a `ty`.
    pub(crate) fn value(&mut self, expr: &Expr, ty: &Ty) -> Value {
        let site = expr.span;
        let Some(expr) = self.behind_lets(expr) else { return Value::Error };
        if matches!(expr.kind, ExprKind::Error) {
            return Value::Error;
        }
        match ty {
            Ty::Error => Value::Error,
            Ty::Optional(inner) => self.value_at(expr, inner, site),
            Ty::List(item) => self.list(expr, item, ty, site),
            _ => self.value_at(expr, ty, site),
        }
    }

    /// The value behind the names of `let`s; nothing for one that the `let`s themselves report.
    pub(crate) fn behind_lets<'e>(&self, expr: &'e Expr) -> Option<&'e Expr>
    where
        'a: 'e,
    {
        let mut at = expr;
        while let ExprKind::Name(name) = &at.kind
            && let Some(value) = self.names.let_value(name)
        {
            match value {
                LetValue::Fit(value) => at = value,
                LetValue::Unfit => return None,
            }
        }
        Some(at)
    }

    fn value_at(&mut self, expr: &Expr, ty: &Ty, site: Span) -> Value {
        match (ty, &expr.kind) {
            (_, ExprKind::Name(word)) if spellings::is_null(word) && !self.is_meant(word, ty) => {
                self.report(errors::null_value(expr.span, word))
            }
            (Ty::Optional(inner), _) => self.value_at(expr, inner, site),
            (Ty::List(item), _) => self.list(expr, item, ty, site),
            (Ty::Bool, ExprKind::Name(word)) => match word.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => self.report(errors::not_a_bool(expr.span, word)),
            },
            (Ty::Int, ExprKind::Int(digits)) => match digits.parse() {
                Ok(number) => Value::Int(number),
                Err(_) => self.report(errors::number_too_large(expr.span)),
            },
            (Ty::Number | Ty::Percent | Ty::Duration | Ty::Size, _) => self.quantity(expr, ty, site),
            (Ty::String | Ty::Snapshot | Ty::DatabaseName, ExprKind::String(parts)) => {
                self.text(parts).map_or(Value::Error, Value::Text)
            }
            (Ty::Domain, ExprKind::String(parts)) => {
                let Some(text) = self.text(parts) else { return Value::Error };
                let is_whole = self.variables.is_some() || !has_interpolation(parts);
                // A final dot means nothing.
                let stem = text.strip_suffix('.').unwrap_or(&text);
                match dns::domain(&text) {
                    Some(_) => Value::Text(stem.to_owned()),
                    None if !is_whole => Value::Text(text),
                    None => self.report(errors::not_a_domain(expr.span, &text)),
                }
            }
            // A word with dots needs no quotes, unless it is another language's way to a variable, or ours.
            (Ty::Domain, ExprKind::Name(name)) if is_bare_domain(name) => Value::Text(name.clone()),
            (Ty::AccountId | Ty::Region, ExprKind::String(parts)) if has_interpolation(parts) => {
                self.report(errors::no_interpolation(expr.span, ty))
            }
            (Ty::AccountId, ExprKind::String(parts)) => self.account_id(expr, &plain(parts)),
            (Ty::AccountId, ExprKind::Int(digits)) => self.account_id(expr, digits),
            (Ty::Region, ExprKind::Name(name)) => self.region(expr, name),
            (Ty::Region, ExprKind::String(parts)) => self.region(expr, &plain(parts)),
            (Ty::Enum(words), ExprKind::Name(word)) => {
                if words.contains(word) {
                    return Value::Text(word.clone());
                }
                self.report(errors::unknown_word(expr.span, word, words))
            }
            (Ty::Ref(kind), ExprKind::Name(name)) => self.reference(expr, kind, name),
            // Others can use a bucket, too.
            (Ty::Ref(kind), ExprKind::Path(account, name)) if kind == kinds::BUCKET => {
                self.reference_elsewhere(kind, account, name)
            }
            (Ty::Tags, ExprKind::Record(settings)) => self.tags(settings),
            (Ty::Cidr, _) => self.cidr(expr, ty, site).map_or(Value::Error, Value::Cidr),
            (Ty::Ip, ExprKind::Ip(text)) => self.ip(expr.span, text).map_or(Value::Error, Value::Ip),
            (Ty::Address, _) => self.address(expr, ty, site).map_or(Value::Error, Value::Address),
            (Ty::Allocation, _) => self.allocation(expr, site),
            (Ty::PortRange, _) => self.ports(expr, ty, site).map_or(Value::Error, Value::Ports),
            (Ty::Rule, ExprKind::Rule(rule)) => self.rule(rule),
            (Ty::Source, _) => self.single_source(expr, site),
            (Ty::Route, ExprKind::Route(route)) => self.route(route),
            (Ty::Nat, _) => self.nat(expr, site),
            (Ty::NameServer, _) => self.name_server(expr, site),
            (Ty::Peering, ExprKind::Link(left, right)) => self.peering(left, right),
            (Ty::Texts, ExprKind::Record(settings)) => self.texts(settings),
            (Ty::UserData, ExprKind::Record(settings)) => self.user_data(settings),
            (Ty::Dimensions, ExprKind::Record(settings)) => self.dimensions(settings),
            (
                Ty::Listener,
                ExprKind::Arrow(..)
                | ExprKind::Redirect(..)
                | ExprKind::Phrase(..)
                | ExprKind::Int(_)
                | ExprKind::Name(_),
            ) => self.listener(expr, site),
            (Ty::Capacity, _) => self.capacity(expr, site),
            (Ty::Condition, ExprKind::Condition(condition)) => self.condition(condition),
            (Ty::Sticky, _) => self.sticky(expr, site),
            (Ty::Window | Ty::DailyWindow, ExprKind::Window(text)) => self.window(expr, text, ty, site),
            (Ty::Reserve, _) => self.reserve(expr, site),
            (Ty::Script, _) => self.scripts(expr, site),
            (Ty::Subscriber, ExprKind::String(parts)) => self.subscriber(expr, parts),
            (Ty::Watched, _) => self.watched(expr, site),
            (Ty::LogValue, _) => self.log_value(expr, site),
            (Ty::InstanceType, _) => self.instance_type(expr, site),
            (Ty::Class, _) => self.class(expr, site),
            (Ty::Credential, _) => self.credential(expr, site),
            (Ty::SecretStore, _) => self.secret_store(expr, site),
            (Ty::Snapshot, ExprKind::Name(word)) if word == "latest" => Value::Text(word.clone()),
            (Ty::DatabaseName, ExprKind::Name(name)) => Value::Text(name.clone()),
            (Ty::DatabaseName, ExprKind::Path(env, name)) => {
                Value::Text(format!("{}/{}", env.text, name.text))
            }
            (Ty::Parameters, ExprKind::Record(settings)) => self.parameters(settings),
            (Ty::AmiId, _) => self.ami_id(expr, site),
            (Ty::Folder, ExprKind::Phrase(word, path)) if word.text == "dir" => self.folder(word, path),
            (Ty::File | Ty::Metadata, _) => self.text_file(expr, ty, site),
            (Ty::Principals, _) => self.principals(expr, site),
            (Ty::AwsPolicy, _) => self.aws_policy(expr, site),
            _ => self.mismatch(expr, ty, site),
        }
    }

    /// Whether a word that elsewhere means nothing is a name or a word of an enum here.
    fn is_meant(&self, word: &str, ty: &Ty) -> bool {
        match ty.required() {
            Ty::Enum(words) => words.iter().any(|known| known == word),
            Ty::Ref(kind) => kind == kinds::METANETWORK || self.names.get(kind, word).is_some(),
            Ty::Watched => self.names.get(kinds::HOSTCLASS, word).is_some(),
            Ty::List(item) => self.is_meant(word, item),
            Ty::Source => true,
            _ => false,
        }
    }

    /// The text that a string should have been without its quotes, if that is a `ty`.
    fn unquoted(&self, parts: &[StringPart], ty: &Ty) -> Option<String> {
        let [StringPart::Text(text)] = parts else { return None };
        let words: Vec<&str> =
            text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
        let candidates = match ty.required() {
            Ty::List(_) => vec![format!("[{}]", text.trim()), format!("[{}]", words.join(", "))],
            _ => vec![text.trim().to_owned()],
        };
        candidates.into_iter().find(|candidate| self.reads_as(candidate, ty))
    }

    /// A text that would be a `ty` without its quotes. A name that is none of the project's is not mended so.
    fn quoted(&self, site: Span, expr: &Expr, meant: &str, ty: &Ty) -> Diagnostic {
        let found = errors::quoted_value(site, expr, meant, ty);
        let is_name = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.contains('/');
        let is_known = |name: &str| {
            let is_let = self.names.get_let(name).is_some();
            is_let || matches!(name, "all" | "internet") || self.names.has_network(name)
        };
        let names = meant.trim_matches(['[', ']']).split(',').map(str::trim);
        let is_source = match ty.required() {
            Ty::List(item) => **item == Ty::Source,
            ty => *ty == Ty::Source,
        };
        if is_source && names.clone().any(|name| is_name(name) && !is_known(name)) {
            return errors::unknown_in_quotes(found);
        }
        found
    }

    /// Whether a text is a sound `ty`.
    fn reads_as(&self, text: &str, ty: &Ty) -> bool {
        if text.len() > 1000 || text.contains(['\n', '\r']) {
            return false;
        }
        let parsed = asiaq_lang::parse(FileId::default(), &format!("let x = {text}"));
        let [Item::Let(found)] = parsed.tree.items.as_slice() else { return false };
        parsed.diagnostics.is_empty() && self.is_sound(&found.value, ty)
    }

    /// Whether a value is a sound `ty`.
    fn is_sound(&self, expr: &Expr, ty: &Ty) -> bool {
        let mut typer = Typer::new(self.names, None);
        typer.value(expr, ty) != Value::Error && !typer.diagnostics.iter().any(Diagnostic::is_error)
    }

    fn mismatch(&mut self, expr: &Expr, ty: &Ty, site: Span) -> Value {
        if expr.kind == ExprKind::Error {
            return Value::Error;
        }
        if let ExprKind::String(parts) = &expr.kind
            && let Some(found) = network::foreign_text(expr.span, &plain(parts), ty)
        {
            return self.report(found);
        }
        if let ExprKind::String(parts) = &expr.kind
            && let Some(meant) = self.unquoted(parts, ty)
        {
            return self.report(self.quoted(site, expr, &meant, ty));
        }
        if let ExprKind::Offset(text) = &expr.kind
            && !takes_offset(ty)
        {
            return self.report(errors::signed_number(expr.span, text, ty));
        }
        if let (ExprKind::Phrase(word, _), Ty::Rule) = (&expr.kind, ty.required())
            && matches!(word.text.as_str(), "tcp" | "udp")
        {
            return self.report(errors::rule_without_source(expr.span, &word.text));
        }
        if *ty.required() == Ty::Rule && self.is_source(expr) {
            return self.report(errors::source_for_rule(site));
        }
        // A word that means nothing is more likely a slip of the pen than a value of the wrong type.
        if let ExprKind::Name(name) = &expr.kind
            && !crate::names::RESERVED.contains(&name.as_str())
        {
            return self.unknown_name(expr.span, name, ty);
        }
        self.report(errors::type_mismatch(site, expr, ty))
    }

    /// A list. A `let` that is itself a list is spliced in. In a list of lists, a single value is a list of one,
    /// unless it is a `let` with a list.
    fn list(&mut self, expr: &Expr, item: &Ty, ty: &Ty, site: Span) -> Value {
        let ExprKind::List(items) = &expr.kind else {
            if let ExprKind::String(parts) = &expr.kind
                && let Some(meant) = self.unquoted(parts, ty)
            {
                return self.report(self.quoted(site, expr, &meant, ty));
            }
            let is_item = self.is_sound(expr, item);
            return self.report(errors::not_a_list(site, expr, ty, is_item));
        };
        let mut values = Vec::new();
        for found in items {
            let Some(behind) = self.behind_lets(found) else { continue };
            if let ExprKind::List(_) = behind.kind
                && !matches!(item, Ty::List(_))
            {
                match self.list(behind, item, ty, found.span) {
                    Value::List(inner) if self.has_room(values.len() + inner.len(), site) => {
                        values.extend(inner);
                    }
                    _ => return Value::Error,
                }
            } else {
                values.push(Spanned::new(self.value(found, item), found.span));
            }
        }
        Value::List(values)
    }

    /// Whether a list of so many values may have one more: lists of lists grow fast.
    fn has_room(&mut self, values: usize, site: Span) -> bool {
        let is_full = values + self.diagnostics.len() >= LIST_LIMIT;
        if is_full && self.diagnostics.last().is_none_or(|last| last.code != errors::codes::TOO_MANY_VALUES) {
            self.report(errors::too_many_values(site, LIST_LIMIT));
        }
        !is_full
    }

    /// The text of a string; nothing for another value, which is reported.
    pub(crate) fn text_of(&mut self, expr: &Expr) -> Option<String> {
        if let ExprKind::String(parts) = &expr.kind {
            self.text(parts)
        } else {
            self.mismatch(expr, &Ty::String, expr.span);
            None
        }
    }

    fn account_id(&mut self, expr: &Expr, digits: &str) -> Value {
        if asiaq_iam::is_account_id(digits) {
            return Value::Text(digits.to_owned());
        }
        self.report(errors::not_an_account_id(expr.span, digits))
    }

    fn unknown_name(&mut self, span: Span, name: &str, ty: &Ty) -> Value {
        let mut known: Vec<&str> = self.names.lets().map(|(name, _)| name).collect();
        match ty.required() {
            Ty::NameServer => known.push("amazon"),
            Ty::Cidr | Ty::Source => known.push("internet"),
            Ty::Allocation => known.push("auto"),
            Ty::Nat => known.extend(["auto", "one"]),
            Ty::Bool => known.extend(["true", "false"]),
            Ty::Script | Ty::File => known.push("file"),
            Ty::Folder => known.push("dir"),
            Ty::Metadata => known.extend(["file", "url"]),
            Ty::Sticky => known.push("cookie"),
            Ty::Credential => known.extend(["credential", "managed"]),
            Ty::SecretStore => known.extend(["buckets", "parameters", "secrets_manager"]),
            Ty::Snapshot => known.push("latest"),
            Ty::Watched => known.extend(self.names.of_kind(kinds::HOSTCLASS).chain(["all"])),
            _ => {}
        }
        self.report(errors::unknown_name(span, name, ty, &known))
    }

    fn region(&mut self, expr: &Expr, name: &str) -> Value {
        // A region has no dot: this is another language's way to a variable.
        if name.contains('.') && matches!(expr.kind, ExprKind::Name(_)) {
            return self.unknown_name(expr.span, name, &Ty::Region);
        }
        if library::regions().contains_key(name) {
            return Value::Text(name.to_owned());
        }
        let meant = library::misspelt_region(name);
        if !library::is_region_code(name) {
            return self.report(errors::not_a_region(expr.span, name, meant));
        }
        // AWS may have a region that the table does not have yet.
        self.report(errors::unknown_region(expr.span, name, meant));
        Value::Text(name.to_owned())
    }

    fn reference(&mut self, expr: &Expr, kind: &str, name: &str) -> Value {
        // What is declared in accounts may be missing in some of them, which is asked there.
        if kinds::OF_ACCOUNTS.contains(&kind) {
            if self.names.has_in_accounts(kind, name) {
                return Value::Ref(name.to_owned());
            }
            if let Some((account, inner)) = name.split_once('.')
                && kind == kinds::BUCKET
                && self.names.get(kinds::ACCOUNT, account).is_some()
                && self.names.has_in_accounts(kind, inner)
            {
                self.diagnostics.push(errors::dot_in_path(expr.span, account, inner));
                return Value::Ref(format!("{account}/{inner}"));
            }
            let known: Vec<&str> = self.names.in_accounts(kind).collect();
            return self.report(errors::unknown_reference(expr.span, kind, name, &known));
        }
        // A metanetwork belongs to an environment; whether it exists is asked there.
        if kind != kinds::METANETWORK && self.names.get(kind, name).is_none() {
            if kind == kinds::TOPIC && self.names.is_policy(name) {
                return self.report(errors::policy_for_topic(expr.span, name));
            }
            let known: Vec<&str> = self.names.of_kind(kind).collect();
            return self.report(errors::unknown_reference(expr.span, kind, name, &known));
        }
        Value::Ref(name.to_owned())
    }

    /// `audit/logs`: what another account declares.
    fn reference_elsewhere(&mut self, kind: &str, account: &Name, name: &Name) -> Value {
        if self.names.get(kinds::ACCOUNT, &account.text).is_none() {
            let known: Vec<&str> = self.names.of_kind(kinds::ACCOUNT).collect();
            let found = errors::unknown_reference(account.span, kinds::ACCOUNT, &account.text, &known);
            return self.report(found);
        }
        if !self.names.has_in_accounts(kind, &name.text) {
            let known: Vec<&str> = self.names.in_accounts(kind).collect();
            return self.report(errors::unknown_reference(name.span, kind, &name.text, &known));
        }
        Value::Ref(format!("{}/{}", account.text, name.text))
    }

    fn tags(&mut self, settings: &[Setting]) -> Value {
        let mut tags = BTreeMap::new();
        self.keys(settings);
        for setting in settings {
            let Value::Text(text) = self.value(&setting.value, &Ty::String) else { continue };
            let name = &setting.name;
            if is_reserved_tag(&name.text) {
                self.diagnostics.push(errors::reserved_tag(name));
            }
            if text.chars().count() > 256 {
                self.diagnostics.push(errors::tag_too_long(setting.value.span, text.chars().count()));
            }
            tags.entry(name.text.clone()).or_insert_with(|| Spanned::new(text, setting.span));
        }
        if let Some(last) = settings.last()
            && list_tag_keys(tags.keys().map(String::as_str)).len() >= TAG_ROOM
        {
            self.diagnostics.push(errors::too_many_tags(last.name.span, tags.len()));
        }
        Value::Tags(tags)
    }

    /// Checks the names of a record: each stands once, for all environments.
    pub(crate) fn keys(&mut self, settings: &[Setting]) {
        let mut known: BTreeMap<&str, Span> = BTreeMap::new();
        for setting in settings {
            if let Some(context) = &setting.context {
                self.diagnostics.push(errors::override_in_record(context.span));
            } else if let Some(first) = known.get(setting.name.text.as_str()) {
                self.diagnostics.push(errors::set_twice(&setting.name, *first));
            } else {
                known.insert(&setting.name.text, setting.name.span);
            }
        }
    }
}

/// Whether AWS or asiaq sets the tag with this key itself. AWS reserves its prefix in capitals and small letters.
fn is_reserved_tag(key: &str) -> bool {
    let has_prefix =
        |prefix: &str| key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    OWN_TAGS.contains(&key) || has_prefix("aws:") || has_prefix("asiaq:")
}

/// Whether a number with a sign may be an offset, or another number with a sign.
fn takes_offset(ty: &Ty) -> bool {
    matches!(ty.required(), Ty::Address | Ty::NameServer | Ty::Number)
}

/// Whether a word is a domain without quotes.
fn is_bare_domain(word: &str) -> bool {
    let first = word.split_once('.').map(|(first, _)| first);
    let is_path = |first| {
        matches!(first, "data" | "each" | "env" | "let" | "local" | "module" | "project" | "self" | "var")
    };
    first.is_some_and(|first| !is_path(first)) && literal::is_domain(word)
}

fn has_interpolation(parts: &[StringPart]) -> bool {
    parts.iter().any(|part| matches!(part, StringPart::Interpolation(_)))
}

/// A text without its interpolations, for literals that have none.
pub(crate) fn plain(parts: &[StringPart]) -> String {
    parts
        .iter()
        .filter_map(|part| match part {
            StringPart::Text(text) => Some(text.as_str()),
            StringPart::Interpolation(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
