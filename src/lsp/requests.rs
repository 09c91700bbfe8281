//! The table of requests, each with its handler.

mod actions;
mod allow;
mod completion;
mod diagnostics;
mod format;
mod hover;
mod navigation;
mod outline;
mod rename;
mod selection;
mod tokens;

use asiaq_lang::FileId;
use gen_lsp_types as lsp;
use gen_lsp_types::{LspRequestMethod, Request};
use lsp_server::{ErrorCode, ResponseError};
use serde_json::Value;

use super::client::Client;
use super::diagnostics::PublishedDiagnostics;
use super::documents::Document;
use super::place::Place;
use super::snapshot::Snapshot;

pub(super) use outline::find as find_symbols;

/// The result of a request.
pub(super) type Answer = Result<Value, ResponseError>;

/// A document of a checked project, in the revision that the request is about.
#[derive(Clone, Copy)]
pub(super) struct View<'s> {
    pub(super) client: &'s Client,
    pub(super) snapshot: &'s Snapshot,
    pub(super) published: &'s PublishedDiagnostics,
    pub(super) place: &'s Place,
    pub(super) file: FileId,
}

/// Where a request is answered from.
#[derive(Clone, Copy)]
pub(super) enum Handler {
    /// From a checked project.
    Project(fn(View<'_>, Value) -> Answer),
    /// From the text of a document alone.
    Text(fn(&Client, &Document, Value) -> Answer),
}

/// The handler of the request `method` about a document.
pub(super) fn handler(method: &str) -> Option<Handler> {
    let method = LspRequestMethod::from(method);
    TABLE.iter().find(|(known, _)| *known == method).map(|(_, handler)| *handler)
}

macro_rules! table {
    ($($request:ident $way:ident $handler:path;)*) => {
        const TABLE: &[(LspRequestMethod<'static>, Handler)] =
            &[$((<lsp::$request as Request>::METHOD, table!($way $request $handler))),*];
    };
    (project $request:ident $handler:path) => {
        Handler::Project(|view, params| {
            answer::<lsp::$request>(params, |params| Ok($handler(view, &params).into()))
        })
    };
    (may_refuse $request:ident $handler:path) => {
        Handler::Project(|view, params| answer::<lsp::$request>(params, |params| $handler(view, &params)))
    };
    (text $request:ident $handler:path) => {
        Handler::Text(|client, document, params| {
            answer::<lsp::$request>(params, |params| Ok($handler(client, document, &params).into()))
        })
    };
}

table! {
    HoverRequest                    project     hover::hover;
    CompletionRequest               project     completion::complete;
    DefinitionRequest               project     navigation::definition;
    ReferencesRequest               project     navigation::references;
    DocumentHighlightRequest        project     navigation::highlights;
    PrepareRenameRequest            project     rename::prepare;
    RenameRequest                   may_refuse  rename::rename;
    DocumentSymbolRequest           project     outline::symbols;
    FoldingRangeRequest             project     outline::folds;
    CodeLensRequest                 project     outline::lenses;
    InlayHintRequest                project     hover::hints;
    SemanticTokensRequest           project     tokens::all;
    SemanticTokensRangeRequest      project     tokens::of_range;
    CodeActionRequest               project     actions::actions;
    DocumentDiagnosticRequest       project     diagnostics::report;
    DocumentFormattingRequest       text        format::document;
    DocumentRangeFormattingRequest  text        format::range;
    SelectionRangeRequest           text        selection::ranges;
}

/// Answers a request; malformed parameters are refused.
pub(super) fn answer<R: Request>(
    params: Value,
    handle: impl FnOnce(R::Params) -> Result<R::Result, ResponseError>,
) -> Answer {
    let params = serde_json::from_value(params)
        .map_err(|error| refusal(ErrorCode::InvalidParams, error.to_string()))?;
    let result = handle(params)?;
    serde_json::to_value(result).map_err(|error| refusal(ErrorCode::InternalError, error.to_string()))
}

pub(super) fn refusal(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}

/// The legend of semantic tokens.
pub(super) fn legend() -> lsp::SemanticTokensLegend {
    tokens::legend()
}
