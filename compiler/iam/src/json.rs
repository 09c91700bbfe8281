//! JSON as its standard has it, with the place of each part.

use std::ops::Range;

use jsonc_parser::ast::Value;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

/// Reads a text; none if it is empty.
///
/// # Errors
/// What is no JSON: the range of its bytes, and what is wrong there. Line breaks in strings are not noticed.
pub fn strict(text: &str) -> Result<Option<Value<'_>>, (Range<usize>, String)> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_extended_string_escapes: false,
        allow_non_finite_numbers: false,
    };
    let collect = CollectOptions { comments: CommentCollectionStrategy::Off, tokens: false };
    match parse_to_ast(text, &collect, &strict) {
        Ok(parsed) => Ok(parsed.value),
        Err(error) => {
            let range = error.range();
            Err((range.start..range.end, lower_start(&error.kind().to_string())))
        }
    }
}

fn lower_start(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
