//! The content of documents (Systems Manager), written in one way.

use serde_json::Value;

/// The content of a [`Document`](crate::Document) in a form that is equal for equal meanings: JSON with sorted keys and
/// a field a line. A text in another format, or that is not what its format says, loses only the white space at the ends
/// of its lines.
pub fn document_content(format: &str, text: &str) -> String {
    let read: Option<Value> = if format == "JSON" { serde_json::from_str(text).ok() } else { None };
    match read.and_then(|value| serde_json::to_string_pretty(&value).ok()) {
        Some(text) => text,
        None => text.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::document_content;

    #[test]
    fn layout_and_order_of_keys_mean_nothing() {
        let one = document_content("JSON", "{\"b\": [1, 2],\r\n \"a\": \"x\"}\n");
        assert_eq!(one, document_content("JSON", "{\"a\":\"x\",\"b\":[1,2]}"));
        assert_ne!(one, document_content("JSON", "{\"a\":\"x\",\"b\":[2,1]}"));
        assert_eq!(document_content("JSON", &one), one);
    }

    #[test]
    fn other_texts_keep_their_words() {
        assert_eq!(document_content("YAML", "a: 1  \r\n  b: 2\n\n"), "a: 1\n  b: 2");
        assert_eq!(document_content("JSON", "{ broken \n"), "{ broken");
    }
}
