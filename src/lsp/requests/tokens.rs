//! Semantic tokens.

use asiaq_compiler::ide::{Modifiers, Token, TokenKind};
use gen_lsp_types::{
    SemanticToken, SemanticTokens, SemanticTokensLegend, SemanticTokensParams, SemanticTokensRangeParams,
};

use super::View;

/// Token types of the protocol where possible, so that every theme colours them.
const TYPES: &[&str] = &[
    "keyword",
    "class",
    "namespace",
    "interface",
    "struct",
    "enum",
    "variable",
    "function",
    "property",
    "type",
    "number",
    "string",
    "macro",
    "comment",
    "operator",
    "enumMember",
];

const MODIFIERS: &[&str] = &["declaration", "defaultLibrary", "readonly", "documentation", "defaulted"];

pub(super) fn legend() -> SemanticTokensLegend {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    SemanticTokensLegend { token_types: owned(TYPES), token_modifiers: owned(MODIFIERS) }
}

pub(super) fn all(view: View<'_>, _: &SemanticTokensParams) -> SemanticTokens {
    encoded(view, &view.snapshot.analysis.tokens(view.file))
}

pub(super) fn of_range(view: View<'_>, params: &SemanticTokensRangeParams) -> SemanticTokens {
    let wanted = view.snapshot.span(view.file, params.range);
    let mut tokens = view.snapshot.analysis.tokens(view.file);
    tokens.retain(|token| token.span.start < wanted.end && wanted.start < token.span.end);
    encoded(view, &tokens)
}

/// Each token by its distance from the one before.
fn encoded(view: View<'_>, tokens: &[Token]) -> SemanticTokens {
    let (mut line, mut character) = (0, 0);
    let mut data = Vec::with_capacity(tokens.len());
    for token in tokens {
        let at = view.snapshot.position(view.file, token.span.start);
        let delta_line = at.line.saturating_sub(line);
        let before = if delta_line == 0 { character } else { 0 };
        data.push(SemanticToken {
            delta_line,
            delta_start: at.character.saturating_sub(before),
            length: view.snapshot.length(token.span),
            token_type: index(TYPES, name(token.kind)),
            token_modifiers_bitset: modifiers(token.kind, token.modifiers),
        });
        (line, character) = (at.line, at.character);
    }
    SemanticTokens { result_id: None, data }
}

fn name(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Keyword | TokenKind::Protocol => "keyword",
        TokenKind::Kind => "class",
        TokenKind::Environment => "namespace",
        TokenKind::Envtype => "interface",
        TokenKind::Network => "struct",
        TokenKind::Hostclass => "enum",
        TokenKind::Let => "variable",
        TokenKind::Declaration => "function",
        TokenKind::Field => "property",
        TokenKind::Type => "type",
        TokenKind::Number | TokenKind::Address => "number",
        TokenKind::String => "string",
        TokenKind::Interpolation => "macro",
        TokenKind::Comment | TokenKind::Documentation => "comment",
        TokenKind::Operator => "operator",
        TokenKind::Word => "enumMember",
    }
}

fn modifiers(kind: TokenKind, modifiers: Modifiers) -> u32 {
    let named = [
        ("declaration", modifiers.declaration),
        ("defaultLibrary", modifiers.library),
        ("readonly", kind == TokenKind::Let),
        ("defaulted", modifiers.defaulted),
        ("documentation", kind == TokenKind::Documentation),
    ];
    named.iter().filter(|(_, is)| *is).map(|(name, _)| 1 << index(MODIFIERS, name)).sum()
}

fn index(names: &[&str], name: &str) -> u32 {
    let at = names.iter().position(|known| *known == name);
    at.and_then(|at| u32::try_from(at).ok()).unwrap_or(0)
}
