//! What each word of a file is, for colours.

use std::collections::BTreeSet;
use std::ops::Range;

use asiaq_lang::ast::{Body, Decl, Item, Member};
use asiaq_lang::{FileId, Span};

use super::index::{Occurrence, Role, Symbol};
use super::lex::{Lexeme, Pieces};
use super::{Analysis, values};
use crate::library::kinds;
use crate::names::Names;

/// A word, a number, a text or a sign. Tokens do not overlap; none has a line break in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Span of the token.
    pub span: Span,
    /// Kind of the token.
    pub kind: TokenKind,
    /// Modifiers of the token.
    pub modifiers: Modifiers,
}

/// Kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word of the language: `let`, `use`, `from`, `via`.
    Keyword,
    /// The kind of a declaration: `env`, `metanetwork`.
    Kind,
    /// The name of an environment or a project.
    Environment,
    /// The name of an envtype.
    Envtype,
    /// The name of a metanetwork.
    Network,
    /// The name of a hostclass.
    Hostclass,
    /// The name of a `let`.
    Let,
    /// The name of any other declared symbol.
    Declaration,
    /// A field.
    Field,
    /// A type.
    Type,
    /// A number, with its unit.
    Number,
    /// An address, a block, or an offset in one.
    Address,
    /// A text.
    String,
    /// An interpolation in a text, including `${` and `}`.
    Interpolation,
    /// A comment.
    Comment,
    /// Documentation.
    Documentation,
    /// A sign.
    Operator,
    /// The protocol of a rule.
    Protocol,
    /// A word that is a value: `true`, `auto`, `igw`, one of an enum, a region.
    Word,
}

/// Modifiers of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// It is declared here.
    pub declaration: bool,
    /// It is the library's.
    pub library: bool,
    /// It sets the default.
    pub defaulted: bool,
}

impl Analysis {
    /// The tokens of a file, in order.
    pub fn tokens(&self, file: FileId) -> Vec<Token> {
        let text = self.sources().text(file);
        let occurrences = self.index().in_file(file);
        let names = self.names();
        let defaulted = self.defaulted(file);
        let mut tokens = Vec::with_capacity(text.len() / 6);
        let mut pieces = Pieces::new(text, 0..text.len()).peekable();
        while let Some(piece) = pieces.next() {
            let span = Span::new(file, piece.start, piece.end);
            let plain = |kind| Token { span, kind, modifiers: Modifiers::default() };
            match piece.kind {
                Lexeme::Comment => tokens.push(plain(TokenKind::Comment)),
                Lexeme::Documentation => tokens.push(plain(TokenKind::Documentation)),
                Lexeme::String => string(text, span, &mut tokens),
                Lexeme::Number => tokens.push(plain(number(text.get(span.range()).unwrap_or("")))),
                Lexeme::Sign => tokens.push(plain(TokenKind::Operator)),
                Lexeme::Open | Lexeme::Close | Lexeme::Comma | Lexeme::Break => {}
                Lexeme::Word => {
                    let at = occurrences.partition_point(|occurrence| occurrence.span.start < span.start);
                    let occurrence =
                        occurrences.get(at).filter(|occurrence| occurrence.span.start == span.start);
                    if let Some(occurrence) = occurrence
                        && let Some(symbol) = self.index().symbol(occurrence)
                    {
                        // A path is several pieces.
                        while pieces.next_if(|piece| piece.end <= occurrence.span.end as usize).is_some() {}
                        let modifiers = self.modifiers(occurrence, symbol, &defaulted);
                        tokens.push(Token {
                            span: occurrence.span,
                            kind: kind_of(&names, symbol),
                            modifiers,
                        });
                        continue;
                    }
                    let next = pieces.peek().and_then(|next| text.get(next.start..next.end));
                    let word = text.get(span.range()).unwrap_or("");
                    tokens.extend(unknown(word, next).map(plain));
                }
            }
        }
        tokens
    }

    fn modifiers(
        &self,
        occurrence: &Occurrence,
        symbol: &Symbol<String>,
        defaulted: &BTreeSet<u32>,
    ) -> Modifiers {
        let library = match symbol {
            Symbol::Kind(_) | Symbol::Field(..) => true,
            Symbol::Declared(..) | Symbol::Nested(..) => {
                let first = self.index().alike(occurrence).next();
                first.is_some_and(|first| first.role == Role::Declaration && self.is_library(first.span))
            }
            Symbol::File(file) => self.is_library(Span { file: *file, start: 0, end: 0 }),
            Symbol::Let(_)
            | Symbol::Variable(_)
            | Symbol::Type(_)
            | Symbol::Protocol(_)
            | Symbol::Region(_)
            | Symbol::Code(_)
            | Symbol::Word(_) => false,
        };
        Modifiers {
            declaration: occurrence.role == Role::Declaration,
            library,
            defaulted: defaulted.contains(&occurrence.span.start),
        }
    }

    /// The starts of fields that set the default in every environment.
    fn defaulted(&self, file: FileId) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        let Some(tree) = self.tree(file) else { return found };
        for item in &tree.items {
            if let Item::Decl(decl) = item {
                self.defaulted_in(&mut vec![decl], &decl.body, &mut found);
            }
        }
        found
    }

    fn defaulted_in<'a>(&self, decls: &mut Vec<&'a Decl>, body: &'a Body, found: &mut BTreeSet<u32>) {
        let Some(kind) = decls.last().map(|decl| decl.kind.text.as_str()) else { return };
        for member in &body.members {
            match member {
                Member::Field(setting) => {
                    let default = self.default_of(kind, &setting.name.text);
                    if default.as_deref() != Some(self.sources().slice(setting.value.span)) {
                        continue;
                    }
                    let Some(path) = values::path(decls, &setting.name.text) else { continue };
                    let mut chains = self.chains(&path).map(|(_, chain)| chain).peekable();
                    if chains.peek().is_some() && chains.all(|chain| chain == [setting.span]) {
                        found.insert(setting.name.span.start);
                    }
                }
                Member::Decl(decl) => {
                    decls.push(decl);
                    self.defaulted_in(decls, &decl.body, found);
                    decls.pop();
                }
                Member::Override(_) | Member::Statement(_) => {}
            }
        }
    }
}

fn kind_of(names: &Names<'_>, symbol: &Symbol<String>) -> TokenKind {
    match symbol {
        Symbol::Kind(_) => TokenKind::Kind,
        Symbol::Field(..) => TokenKind::Field,
        Symbol::Let(_) => TokenKind::Let,
        Symbol::Declared(kind, name) => match kind.as_str() {
            kinds::ENV if names.get(kinds::ENVTYPE, name).is_some() => TokenKind::Envtype,
            kinds::ENV | kinds::PROJECT => TokenKind::Environment,
            kinds::HOSTCLASS => TokenKind::Hostclass,
            _ => TokenKind::Declaration,
        },
        Symbol::Nested(kind, ..) if kind == kinds::METANETWORK => TokenKind::Network,
        Symbol::Nested(..) => TokenKind::Declaration,
        Symbol::Variable(_) => TokenKind::Interpolation,
        Symbol::File(_) => TokenKind::String,
        Symbol::Type(_) => TokenKind::Type,
        Symbol::Protocol(_) => TokenKind::Protocol,
        Symbol::Region(_) | Symbol::Word(_) | Symbol::Code(_) => TokenKind::Word,
    }
}

/// A word that means no declaration.
fn unknown(word: &str, next: Option<&str>) -> Option<TokenKind> {
    match word {
        _ if matches!(next, Some("=" | "+=")) => Some(TokenKind::Field),
        "use" | "let" | "expect" | "moved" | "kind" | "replace" | "allow" | "in" | "from" | "via"
        | "where" | "enum" | "can" | "cannot" | "reach" | "or" | "at" | "for" | "deny" | "on" | "when"
        | "not" | "and" | "if" | "is" | "like" | "exists" | "absent" | "present" => Some(TokenKind::Keyword),
        // `5 x 5m`
        "x" if next.is_some_and(|next| next.starts_with(|c: char| c.is_ascii_alphanumeric())) => {
            Some(TokenKind::Keyword)
        }
        "auto" | "true" | "false" | "all" | "internet" | "amazon" => Some(TokenKind::Word),
        _ => None,
    }
}

/// Whatever begins with a digit: `5`, `300s`, `10.0.0.0/16`.
fn number(text: &str) -> TokenKind {
    let is_address = text.contains('/') || text.matches('.').nth(1).is_some();
    if is_address { TokenKind::Address } else { TokenKind::Number }
}

/// A text, with its variables as tokens of their own.
fn string(text: &str, whole: Span, tokens: &mut Vec<Token>) {
    let mut push = |kind, start: usize, end: usize| {
        if start < end {
            let span = Span::new(whole.file, start, end);
            tokens.push(Token { span, kind, modifiers: Modifiers::default() });
        }
    };
    let Range { start, end } = whole.range();
    let bytes = text.as_bytes().get(..end).unwrap_or_default();
    let (mut done, mut at) = (start, start);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                let inside = bytes.get(at..).unwrap_or_default();
                let Some(length) = inside.iter().position(|byte| *byte == b'}') else { break };
                push(TokenKind::String, done, at);
                push(TokenKind::Interpolation, at, at + length + 1);
                at += length + 1;
                done = at;
            }
            _ => at += 1,
        }
    }
    push(TokenKind::String, done, end);
}
