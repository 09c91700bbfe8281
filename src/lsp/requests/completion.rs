//! Completions.

use asiaq_compiler::ide::{Completion, CompletionKind, Insert, TypedPath};
use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionParams, CompletionResponse,
    Documentation, InsertTextFormat, TextEdit,
};

use super::View;
use super::hover::markdown;
use crate::lsp::place::Place;

pub(super) fn complete(view: View<'_>, params: &CompletionParams) -> CompletionResponse {
    let at = view.snapshot.offset(view.file, params.text_document_position_params.position);
    let items = if let Some(typed) = view.snapshot.analysis.typed_path(at) {
        files(view, &typed)
    } else {
        view.snapshot.analysis.completions(at).into_iter().map(|one| item(view, one)).collect()
    };
    CompletionResponse::CompletionItemList(items)
}

/// Most files of a folder that are offered.
const MOST_FILES: usize = 1000;

/// The files and folders where a path is being typed. Hidden ones are left out.
fn files(view: View<'_>, typed: &TypedPath) -> Vec<CompletionItem> {
    let Some(Place::Disk(program)) = view.snapshot.place(view.file) else { return Vec::new() };
    let Some(entries) = program.parent().and_then(|base| base.join(&typed.folder).read_dir().ok()) else {
        return Vec::new();
    };
    let range = view.snapshot.range(typed.name);
    let named = entries.flatten().take(MOST_FILES).filter_map(|entry| {
        let name = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'))?;
        Some((name, entry.path().is_dir()))
    });
    let item = |(name, is_folder): (String, bool)| {
        let new_text = if is_folder { format!("{name}/") } else { name };
        let kind = if is_folder { CompletionItemKind::Folder } else { CompletionItemKind::File };
        CompletionItem {
            label: new_text.clone(),
            kind: Some(kind),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text })),
            ..CompletionItem::default()
        }
    };
    named.map(item).collect()
}

fn item(view: View<'_>, offered: Completion) -> CompletionItem {
    let (new_text, format) = match offered.insert {
        Insert::Plain(text) => (text, InsertTextFormat::PlainText),
        Insert::Snippet(text) if view.client.abilities.snippets => (text, InsertTextFormat::Snippet),
        Insert::Snippet(text) => (without_stops(&text), InsertTextFormat::PlainText),
    };
    CompletionItem {
        label: offered.label,
        kind: Some(kind(offered.kind)),
        detail: offered.detail,
        documentation: offered.documentation.map(|text| Documentation::MarkupContent(markdown(text))),
        sort_text: Some(offered.sort),
        insert_text_format: Some(format),
        text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
            range: view.snapshot.range(offered.replace),
            new_text,
        })),
        ..CompletionItem::default()
    }
}

fn kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Keyword => CompletionItemKind::Keyword,
        CompletionKind::Kind => CompletionItemKind::Class,
        CompletionKind::Field => CompletionItemKind::Field,
        CompletionKind::Word | CompletionKind::Region => CompletionItemKind::EnumMember,
        CompletionKind::Unit => CompletionItemKind::Unit,
        CompletionKind::Let => CompletionItemKind::Constant,
        CompletionKind::Environment => CompletionItemKind::Module,
        CompletionKind::Envtype => CompletionItemKind::Interface,
        CompletionKind::Network => CompletionItemKind::Struct,
        CompletionKind::Declaration => CompletionItemKind::Reference,
        CompletionKind::File => CompletionItemKind::File,
        CompletionKind::Variable => CompletionItemKind::Variable,
        CompletionKind::Type => CompletionItemKind::TypeParameter,
        CompletionKind::Code => CompletionItemKind::Event,
    }
}

/// The text of a snippet without its tab stops, for a client without snippets.
fn without_stops(snippet: &str) -> String {
    let mut text = String::new();
    let mut characters = snippet.chars().peekable();
    let mut open = 0_usize;
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '$' if characters.next_if_eq(&'{').is_some() => {
                while characters.next_if(char::is_ascii_digit).is_some() {}
                characters.next_if_eq(&':');
                open += 1;
            }
            '$' => while characters.next_if(char::is_ascii_digit).is_some() {},
            '}' if open > 0 => open -= 1,
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::without_stops;

    #[test]
    fn a_snippet_without_its_stops_is_its_words() {
        assert_eq!(without_stops("env ${1:name} {\n  $0\n}"), "env name {\n  \n}");
        assert_eq!(without_stops(r"a\$\} ${1} $2"), "a$}  ");
        assert_eq!(without_stops("open ${"), "open ");
    }
}
