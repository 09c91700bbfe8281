//! What databases, caches, search domains and tables are made of, and where they are named.

use std::collections::BTreeSet;

use asiaq_lang::ast::ExprKind;

use super::slot::{Part, environment};
use super::values::nested_of;
use super::{CompletionKind, Offers, Rank};
use crate::block::Block;
use crate::library::{engines, kinds};

/// Parts of an endpoint that user data may have.
const PARTS: [&str; 2] = ["endpoint", "port"];

impl Offers<'_> {
    /// The words for what user data is told the endpoint of.
    pub(super) fn told(&mut self) {
        self.words(&[kinds::DATABASE, kinds::CACHE, kinds::SEARCH]);
    }

    /// The names of everything of this kind, with what follows them.
    pub(super) fn stores(&mut self, kind: &'static str, part: Part) {
        let owners = self.names.of_kind(kinds::ENV).chain(self.names.of_kind(kinds::ENVTYPE));
        let names: BTreeSet<&str> = owners.flat_map(|owner| nested_of(self.names, owner, kind)).collect();
        for name in names {
            let labels = match part {
                Part::Whole => vec![name.to_owned()],
                Part::Endpoint => PARTS.map(|part| format!("{name}.{part}")).to_vec(),
            };
            for label in labels {
                self.plain(Rank::First, CompletionKind::Declaration, &label, Some(kind.to_owned()));
            }
        }
    }

    /// The databases of the environment, but for the one at the cursor.
    pub(super) fn databases(&mut self) {
        let Some(owner) = environment(self.cursor) else { return };
        let own = self.declared().map(|(_, name)| name.to_owned());
        for name in nested_of(self.names, &owner.name, kinds::DATABASE) {
            if Some(name) != own.as_deref() {
                let note = Some(format!("database of {}", owner.name));
                self.plain(Rank::First, CompletionKind::Declaration, name, note);
            }
        }
    }

    /// The classes or types of what is declared at the cursor.
    pub(super) fn classes(&mut self) {
        let engine = self.engine();
        let kind = self.declared().map_or("", |(kind, _)| kind);
        let names: Vec<&str> = match (kind, engine) {
            (kinds::DATABASE, Some(engine)) => engines::classes(&engine.replace('_', "-")).collect(),
            (kinds::DATABASE, None) => engines::all_classes().collect(),
            (kinds::CACHE, _) => engines::node_types().collect(),
            _ => engines::search_types().collect(),
        };
        for name in names {
            self.plain(Rank::First, CompletionKind::Word, name, None);
        }
    }

    /// Versions of the engine of what is declared at the cursor, the newest first.
    pub(super) fn versions(&mut self, kind: &str) {
        let known: Vec<(String, String)> = match (kind, self.engine()) {
            (kinds::SEARCH, _) => {
                let all = ["OpenSearch", "Elasticsearch"].into_iter();
                let all =
                    all.flat_map(|engine| engines::versions(engine).rev().map(move |one| (engine, one)));
                all.map(|(engine, one)| (format!("\"{engine}_{one}\""), engine.to_owned())).collect()
            }
            (_, Some(engine)) => {
                let aws = engine.replace('_', "-");
                let all = engines::versions(&aws).rev();
                all.map(|one| (format!("\"{one}\""), engine.clone())).collect()
            }
            (_, None) => Vec::new(),
        };
        for (at, (label, engine)) in known.into_iter().enumerate() {
            let rank = if at == 0 { Rank::First } else { Rank::Second };
            self.plain(rank, CompletionKind::Word, &label, Some(engine));
        }
    }

    /// The kind and the name of what keeps data and has the cursor in its body.
    fn declared(&self) -> Option<(&str, &str)> {
        let mut frames = self.cursor.frames.iter().rev();
        frames.find_map(|frame| match frame.heading.as_slice() {
            [kind, name] | ["replace", kind, name] if kinds::store(kind).is_some() => Some((*kind, *name)),
            _ => None,
        })
    }

    /// The engine of the declaration that the cursor is in, wherever in the environment it is said.
    fn engine(&self) -> Option<String> {
        let (kind, name) = self.declared()?;
        let decl = self.names.environment(&environment(self.cursor)?.name)?;
        let block = Block::of_chain(&self.names.chain(decl));
        let found = block.child(kind, Some(name), &[])?;
        let said = found.hits("engine", &[]).into_iter().next()?;
        match &said.setting.value.kind {
            ExprKind::Name(engine) => Some(engine.clone()),
            _ => None,
        }
    }
}
