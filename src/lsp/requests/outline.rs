//! Document and workspace symbols, folding ranges, code lenses.

use asiaq_compiler::ide::{Fold, FoldKind, Lens, OutlineSymbol, SymbolKind as Sort};
use gen_lsp_types::{
    BaseSymbolInformation, CodeLens, CodeLensParams, Command, DocumentSymbol, DocumentSymbolParams,
    DocumentSymbolResponse, FoldingRange, FoldingRangeKind, FoldingRangeParams, SymbolInformation,
    SymbolKind, WorkspaceSymbol, WorkspaceSymbolLocation,
};
use serde_json::json;

use super::View;
use crate::lsp::snapshot::Snapshot;

pub(super) fn symbols(view: View<'_>, _: &DocumentSymbolParams) -> DocumentSymbolResponse {
    let symbols = view.snapshot.analysis.symbols(view.file);
    if view.client.abilities.symbol_trees {
        let tree = symbols.into_iter().map(|symbol| tree(view.snapshot, symbol)).collect();
        DocumentSymbolResponse::DocumentSymbolList(tree)
    } else {
        let mut list = Vec::new();
        flatten(view.snapshot, symbols, None, &mut list);
        DocumentSymbolResponse::SymbolInformationList(list)
    }
}

/// The symbols of a project whose name matches `query`.
pub(in crate::lsp) fn find(snapshot: &Snapshot, query: &str) -> Vec<WorkspaceSymbol> {
    let found = snapshot.analysis.find_symbols(query).into_iter();
    let shown = found.filter_map(|symbol| {
        Some(WorkspaceSymbol {
            location: WorkspaceSymbolLocation::Location(snapshot.location(symbol.selection)?),
            data: None,
            base_symbol_information: information(&symbol, symbol.detail.clone()),
        })
    });
    shown.collect()
}

#[expect(deprecated, reason = "the flag is deprecated, and has to be given")]
fn tree(snapshot: &Snapshot, symbol: OutlineSymbol) -> DocumentSymbol {
    let children = symbol.children.into_iter().map(|child| tree(snapshot, child)).collect();
    DocumentSymbol {
        name: symbol.name,
        detail: symbol.detail,
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: snapshot.range(symbol.span),
        selection_range: snapshot.range(symbol.selection),
        children: Some(children),
    }
}

/// Symbols for a client that shows a list instead of a tree.
#[expect(deprecated, reason = "the flag is deprecated, and has to be given")]
fn flatten(
    snapshot: &Snapshot,
    symbols: Vec<OutlineSymbol>,
    container: Option<&str>,
    list: &mut Vec<SymbolInformation>,
) {
    for symbol in symbols {
        if let Some(location) = snapshot.location(symbol.span) {
            let base_symbol_information = information(&symbol, container.map(str::to_owned));
            list.push(SymbolInformation { deprecated: None, location, base_symbol_information });
        }
        flatten(snapshot, symbol.children, Some(&symbol.name), list);
    }
}

fn information(symbol: &OutlineSymbol, container_name: Option<String>) -> BaseSymbolInformation {
    BaseSymbolInformation { name: symbol.name.clone(), kind: kind(symbol.kind), tags: None, container_name }
}

fn kind(sort: Sort) -> SymbolKind {
    match sort {
        Sort::Project => SymbolKind::Package,
        Sort::Environment => SymbolKind::Module,
        Sort::Envtype => SymbolKind::Interface,
        Sort::Network => SymbolKind::Struct,
        Sort::Hostclass | Sort::Kind => SymbolKind::Class,
        Sort::Declaration => SymbolKind::Object,
        Sort::Block => SymbolKind::Namespace,
        Sort::Override => SymbolKind::Event,
        Sort::Statement => SymbolKind::Key,
        Sort::Field => SymbolKind::Field,
        Sort::Let => SymbolKind::Constant,
        Sort::Expect => SymbolKind::Boolean,
    }
}

pub(super) fn folds(view: View<'_>, _: &FoldingRangeParams) -> Vec<FoldingRange> {
    let shown = |fold: Fold| {
        let range = view.snapshot.range(fold.span);
        // The closing bracket stays visible.
        let (end_line, kind) = match fold.kind {
            FoldKind::Block => (range.end.line.saturating_sub(1), FoldingRangeKind::Region),
            FoldKind::Comment => (range.end.line, FoldingRangeKind::Comment),
            FoldKind::Uses => (range.end.line, FoldingRangeKind::Imports),
        };
        (end_line > range.start.line).then(|| FoldingRange {
            start_line: range.start.line,
            end_line,
            kind: Some(kind),
            ..FoldingRange::default()
        })
    };
    view.snapshot.analysis.folds(view.file).into_iter().filter_map(shown).collect()
}

pub(super) fn lenses(view: View<'_>, _: &CodeLensParams) -> Vec<CodeLens> {
    let lenses = view.snapshot.analysis.lenses(view.file);
    lenses.into_iter().map(|lens| shown_lens(view, lens)).collect()
}

/// A code lens shows its references if the client has a command for that, and is only text otherwise.
fn shown_lens(view: View<'_>, lens: Lens) -> CodeLens {
    let range = view.snapshot.range(lens.span);
    let places: Vec<_> = lens.targets.iter().filter_map(|span| view.snapshot.location(*span)).collect();
    let is_link = view.client.abilities.shows_references && !places.is_empty();
    let arguments = view.snapshot.uri(view.file).filter(|_| is_link);
    let arguments = arguments.map(|uri| vec![json!(uri), json!(range.start), json!(places)]);
    let command = if arguments.is_some() { "asiaq.showReferences" } else { "" };
    let command = Command { title: lens.title, tooltip: None, command: command.to_owned(), arguments };
    CodeLens { range, command: Some(command), data: None }
}
