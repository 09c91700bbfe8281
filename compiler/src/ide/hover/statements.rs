//! Actions and condition keys of statements.

use asiaq_iam::table::{self, KeyType, Level};
use asiaq_lang::ast::{ExprKind, Statement};

use super::Hover;
use crate::ide::markdown;

/// The explanation of the action or condition key at byte `at` of a statement.
pub(super) fn hover(statement: &Statement, at: u32) -> Option<Hover> {
    let keys = statement.tests.iter().map(|test| &test.key);
    let words = statement.actions.values().iter().chain(keys);
    words.filter(|word| (word.span.start..=word.span.end).contains(&at)).find_map(|word| {
        let ExprKind::Name(text) = &word.kind else { return None };
        let markdown = action(text).or_else(|| key(text))?;
        Some(Hover { span: word.span, markdown })
    })
}

fn action(text: &str) -> Option<String> {
    if text.contains(['*', '?']) {
        return None;
    }
    let action = table::action(text)?;
    let mut rows = Vec::new();
    if let Some(level) = action.level() {
        rows.push(format!("Access level: {}", level_word(level)));
    }
    let types: Vec<String> = action.types().map(|(of, _)| markdown::code(&of.arn)).collect();
    rows.push(match types.as_slice() {
        [] => "Resources: all only".to_owned(),
        types => format!("Resources: {}", first_ones(types)),
    });
    let keys: Vec<String> = action.key_names().iter().map(|key| markdown::code(key)).collect();
    if !keys.is_empty() {
        rows.push(format!("Condition keys besides those of all services: {}", first_ones(&keys)));
    }
    let title = markdown::program(&action.full_name());
    Some(markdown::paragraphs(std::iter::once(title).chain(rows)))
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::List => "list",
        Level::Read => "read",
        Level::Tagging => "tagging",
        Level::Write => "write",
        Level::Permissions => "permissions management",
    }
}

fn key(text: &str) -> Option<String> {
    let key = table::key(text)?;
    let values = match key.kind {
        KeyType::Arn | KeyType::ArrayOfArn => "ARNs",
        KeyType::ArrayOfBool | KeyType::Bool => "`true` or `false`",
        KeyType::ArrayOfString | KeyType::String => "texts",
        KeyType::Date => "dates",
        KeyType::IpAddress => "addresses",
        KeyType::Numeric => "numbers",
    };
    let count = if key.kind.is_list() { "A request may have several." } else { "A request has one at most." };
    let title = markdown::program(text);
    Some(markdown::paragraphs([title, format!("Condition key. Its values are {values}. {count}")]))
}

/// The first of some words, and how many there are besides.
fn first_ones(words: &[String]) -> String {
    const MOST: usize = 8;
    let shown = words.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match words.len().checked_sub(MOST) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}
