//! `moved` items: the names that declarations had before.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_lang::ast::{File, Item, Moved, Name};
use asiaq_lang::{Diagnostic, SourceMap, Span};

use crate::errors;
use crate::library::kinds;
use crate::model::{Environment, Model, Move};
use crate::names::{Names, name_span};
use crate::removal;
use crate::schema::Schemas;

/// Where a kind is declared, and where its name is in the addresses of resources.
enum Form {
    /// An environment: its name is the first part of every address.
    Environment,
    /// At the top of a file: addresses begin with one of these words and the name.
    Top(&'static [&'static str]),
    /// In an environment: addresses begin with this word, where there is one, and the name.
    Nested(&'static str),
    /// AWS knows what it makes by other names.
    Unnamed,
}

fn form(kind: &str) -> Form {
    match kind {
        kinds::ENV => Form::Environment,
        kinds::HOSTCLASS => Form::Top(&["hostclass/", "interface/"]),
        kinds::TOPIC => Form::Top(&["topic/"]),
        // An alarm is known by its name in AWS.
        kinds::ALARM => Form::Top(&[]),
        kinds::METANETWORK => Form::Nested(""),
        kinds::CACHE => Form::Nested("cache/"),
        kinds::DATABASE => Form::Nested("database/"),
        kinds::ZONE => Form::Nested("zone/"),
        _ => Form::Unnamed,
    }
}

/// The kinds whose declarations can have moved.
pub(crate) const MOVABLE: &[&str] = &[
    kinds::ALARM,
    kinds::CACHE,
    kinds::DATABASE,
    kinds::ENV,
    kinds::HOSTCLASS,
    kinds::METANETWORK,
    kinds::TOPIC,
    kinds::ZONE,
];

/// Whether declarations of a kind are in environments, so that a `moved` may name one of these before the name.
pub(crate) fn is_nested(kind: &str) -> bool {
    matches!(form(kind), Form::Nested(_))
}

/// Reads every `moved` of `files`; those that cannot be followed are reported and left out.
pub(crate) fn read(
    files: &[Arc<File>],
    sources: &SourceMap,
    schemas: &Schemas,
    names: &Names<'_>,
    model: &Model,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Move> {
    let mut stated: Vec<Stated<'_>> = Vec::new();
    for item in files.iter().flat_map(|file| &file.items) {
        let Item::Moved(moved) = item else { continue };
        let reader = Reader { names, model, moved, form: form(&moved.kind.text) };
        match reader.places() {
            Ok(envs) => match reader.form {
                Form::Unnamed if schemas.kind(&moved.kind.text).is_some() => {
                    let text = sources.text(moved.span.file);
                    diagnostics.push(errors::needless_move(moved, removal::removal(text, moved.span)));
                }
                Form::Unnamed => diagnostics.push(errors::moved_unknown_kind(&moved.kind, MOVABLE)),
                Form::Environment | Form::Top(_) | Form::Nested(_) => stated.push(Stated { reader, envs }),
            },
            Err(found) => diagnostics.push(*found),
        }
    }
    if stated.is_empty() || model.environments.len() < names.env_order().len() {
        // If an environment is broken, what it declares is unknown.
        return Vec::new();
    }
    let chains = Chains::of(&stated);
    let mut moves = Vec::new();
    for (at, one) in stated.iter().enumerate() {
        // A circle is one mistake.
        if chains.circles.get(&at).is_some_and(|first| *first != at) {
            continue;
        }
        match chains.mistake(&stated, at).or_else(|| one.reader.mistake(one, &chains)) {
            Some(found) => diagnostics.push(found),
            None => moves.push(one.lowered()),
        }
    }
    moves
}

/// A `moved` with the environments it is about; all of them if it names no place.
struct Stated<'a> {
    reader: Reader<'a>,
    envs: Vec<&'a Environment>,
}

struct Reader<'a> {
    names: &'a Names<'a>,
    model: &'a Model,
    moved: &'a Moved,
    form: Form,
}

impl<'a> Reader<'a> {
    /// The environments that a move is about.
    fn places(&self) -> Result<Vec<&'a Environment>, Box<Diagnostic>> {
        let Moved { kind, old, new, .. } = self.moved;
        let Some(place) = self.moved.place() else { return Ok(self.model.environments.iter().collect()) };
        if matches!(self.form, Form::Environment | Form::Unnamed) {
            return Err(Box::new(errors::move_with_place(kind, place)));
        }
        if let (Some(one), Some(other)) = (&old.place, &new.place)
            && one.text != other.text
        {
            return Err(Box::new(errors::moved_elsewhere(kind, one, other)));
        }
        if self.names.environment(&place.text).is_none() {
            let known: Vec<&str> =
                self.names.of_kind(kinds::ENV).chain(self.names.of_kind(kinds::ENVTYPE)).collect();
            return Err(Box::new(errors::unknown_environment(place, &known)));
        }
        Ok(self.model.environments_of(&place.text).collect())
    }

    /// The place where `name` is declared: in `env` if the kind is nested.
    fn declared(&self, env: Option<&Environment>, name: &str) -> Option<Span> {
        let kind = self.moved.kind.text.as_str();
        match (&self.form, env) {
            (Form::Nested(""), Some(env)) => env.network(name).map(|network| network.span),
            (Form::Nested(head @ ("database/" | "cache/")), Some(env)) => {
                let declared = match *head {
                    "cache/" => env.caches.iter().find(|cache| cache.name == name).map(|cache| cache.span),
                    _ => env.database(name).map(|database| database.span),
                };
                // One that is broken is declared, and has been reported.
                let broken = || env.provenance.has(&format!("{kind}.{name}")).then_some(env.span);
                declared.or_else(broken)
            }
            (Form::Nested(_), Some(env)) => {
                env.hosted_zones.iter().find(|zone| zone.name == name).map(|zone| zone.span)
            }
            (Form::Nested(_), None) => None,
            (Form::Environment | Form::Top(_) | Form::Unnamed, _) => {
                self.names.get(kind, name).map(name_span)
            }
        }
    }

    /// The mistake in the names of a move.
    fn mistake(&self, stated: &Stated<'_>, chains: &Chains<'_>) -> Option<Diagnostic> {
        let Moved { old, new, .. } = self.moved;
        let (old, new) = (&old.name, &new.name);
        let is_nested = matches!(self.form, Form::Nested(_));
        let with_new = || stated.envs.iter().filter(|env| self.declared(Some(env), &new.text).is_some());
        if is_nested {
            // Elsewhere the old name may be that of another one.
            let both = with_new().find_map(|env| Some((*env, self.declared(Some(env), &old.text)?)));
            if let Some((env, declared)) = both {
                return Some(errors::moved_and_declared(self.moved, Some(&env.name), declared));
            }
            let is_known = stated.envs.is_empty() || with_new().next().is_some() || chains.go_on(stated);
            return (!is_known).then(|| self.undeclared(new));
        }
        let still = match self.form {
            Form::Environment => self.names.environment(&old.text).map(name_span),
            Form::Top(_) if self.moved.place().is_none() => self.declared(None, &old.text),
            Form::Top(_) | Form::Nested(_) | Form::Unnamed => None,
        };
        if let Some(declared) = still {
            return Some(errors::moved_and_declared(self.moved, None, declared));
        }
        let is_known = self.declared(None, &new.text).is_some() || chains.go_on(stated);
        (!is_known).then(|| self.undeclared(new))
    }

    /// A new name that is not declared, or for something else.
    fn undeclared(&self, new: &Name) -> Diagnostic {
        let kind = self.moved.kind.text.as_str();
        let other = self.names.all().find(|(_, name, _)| *name == new.text);
        let other = other.map(|(kind, _, decl)| (kind, name_span(decl)));
        let nested = |env: &'a Environment| match self.form {
            Form::Nested("") => env.network_names(),
            Form::Nested("cache/") => env.caches.iter().map(|one| one.name.as_str()).collect(),
            Form::Nested("database/") => env.databases.iter().map(|one| one.name.as_str()).collect(),
            Form::Nested(_) => env.hosted_zones.iter().map(|zone| zone.name.as_str()).collect(),
            Form::Environment | Form::Top(_) | Form::Unnamed => Vec::new(),
        };
        let mut known: Vec<&str> = self.names.of_kind(kind).collect();
        known.extend(self.model.environments.iter().flat_map(nested));
        known.sort_unstable();
        known.dedup();
        errors::moved_to_nothing(self.moved, other, &known)
    }
}

impl Stated<'_> {
    fn kind(&self) -> &str {
        &self.reader.moved.kind.text
    }

    fn old_name(&self) -> &str {
        &self.reader.moved.old.name.text
    }

    fn new_name(&self) -> &str {
        &self.reader.moved.new.name.text
    }

    /// Whether two moves of a kind are about a common environment.
    fn meets(&self, other: &Self) -> bool {
        self.reader.moved.place().is_none()
            || other.reader.moved.place().is_none()
            || self.envs.iter().any(|env| other.envs.iter().any(|of| of.name == env.name))
    }

    /// The prefixes of addresses that move.
    fn lowered(&self) -> Move {
        let Moved { kind, old, new, span } = self.reader.moved;
        let mut prefixes = BTreeMap::new();
        let heads: &[&str] = match &self.reader.form {
            Form::Environment => {
                prefixes.insert(self.old_name().to_owned(), self.new_name().to_owned());
                &[]
            }
            Form::Top(heads) => heads,
            Form::Nested(head) => std::slice::from_ref(head),
            Form::Unnamed => &[],
        };
        let runs = |env: &Environment| kind.text == kinds::HOSTCLASS && env.runs(self.old_name());
        let is_declared = |env: &&Environment| self.reader.declared(Some(env), self.old_name()).is_some();
        let is_nested = matches!(self.reader.form, Form::Nested(_));
        for env in self.envs.iter().filter(|env| !(runs(env) || is_nested && is_declared(env))) {
            for head in heads {
                let at = |name: &str| format!("{}/{head}{name}", env.name);
                prefixes.insert(at(self.old_name()), at(self.new_name()));
            }
        }
        Move { text: format!("{} {old} -> {new}", kind.text), span: *span, prefixes }
    }
}

/// The moves by kind and name, so that one can follow another.
struct Chains<'a> {
    from: BTreeMap<(&'a str, &'a str), Vec<usize>>,
    to: BTreeMap<(&'a str, &'a str), Vec<usize>>,
    /// The moves that come back to where they began, with the one that is reported.
    circles: BTreeMap<usize, usize>,
}

impl<'a> Chains<'a> {
    fn of(stated: &'a [Stated<'a>]) -> Self {
        let mut chains = Self { from: BTreeMap::new(), to: BTreeMap::new(), circles: BTreeMap::new() };
        for (at, one) in stated.iter().enumerate() {
            chains.from.entry((one.kind(), one.old_name())).or_default().push(at);
            chains.to.entry((one.kind(), one.new_name())).or_default().push(at);
        }
        // Each name is passed by one walk; a walk that meets itself has gone round.
        let mut passed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (walk, one) in stated.iter().enumerate() {
            let mut name = (one.kind(), one.old_name());
            let mut path = Vec::new();
            while let Some(at) = chains.from.get(&name).and_then(|moves| moves.first()) {
                match passed.insert(name, walk) {
                    Some(earlier) if earlier == walk => {
                        let round = path.iter().skip_while(|(passed, _)| *passed != name).map(|(_, at)| *at);
                        let first = round.clone().min().unwrap_or(*at);
                        chains.circles.extend(round.map(|at| (at, first)));
                        break;
                    }
                    Some(_) => break,
                    None => {}
                }
                path.push((name, *at));
                let Some(next) = stated.get(*at) else { break };
                name = (next.kind(), next.new_name());
            }
        }
        chains
    }

    /// Whether another move goes on from the new name of one.
    fn go_on(&self, one: &Stated<'_>) -> bool {
        self.from.contains_key(&(one.kind(), one.new_name()))
    }

    /// The mistake in what a move has to do with others.
    fn mistake(&self, stated: &'a [Stated<'a>], at: usize) -> Option<Diagnostic> {
        let one = stated.get(at)?;
        if self.circles.contains_key(&at) {
            return Some(errors::circular_move(one.reader.moved));
        }
        let earlier = |moves: Option<&Vec<usize>>| {
            let mut before =
                moves?.iter().take_while(|other| **other < at).filter_map(|other| stated.get(*other));
            before.find(|other| other.meets(one)).map(|other| other.reader.moved.span)
        };
        if let Some(first) = earlier(self.to.get(&(one.kind(), one.new_name()))) {
            return Some(errors::moved_twice(one.reader.moved, &one.reader.moved.new.name, first));
        }
        let first = earlier(self.from.get(&(one.kind(), one.old_name())))?;
        Some(errors::moved_twice(one.reader.moved, &one.reader.moved.old.name, first))
    }
}
