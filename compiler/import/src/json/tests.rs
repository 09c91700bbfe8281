use asiaq_lang::FileId;

use super::read;

#[test]
fn values_have_places() {
    let text = "{ \"a\": [1, \"x\\n\"],\n \"a\": true }";
    let json = read(FileId(0), text).unwrap();
    assert!(json.get("a").unwrap().truth().unwrap(), "the last one counts");
    assert_eq!(json.written(), "{\"a\":[1,\"x\\n\"],\"a\":true}");
    let list = &json.members()[0].value;
    assert_eq!(text.get(list.span.range()).unwrap(), "[1, \"x\\n\"]");
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    for (text, place) in [("", 0..0), ("{\"a\": 1,}", 8..9), ("[1 2]", 3..4), ("{a: 1}", 1..2)] {
        let found = read(FileId(0), text).unwrap_err();
        assert_eq!(found.code, "bad-json", "{text}");
        assert!(found.primary.range().start <= place.start, "{text}: {found:?}");
        assert!(found.primary.range().end <= text.len(), "{text}: {found:?}");
    }
    assert!(read(FileId(0), &"[".repeat(100_000)).is_err());
}
