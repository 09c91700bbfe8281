use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::*;
use crate::oracle;

fn texts(text: &str) -> Vec<Vec<String>> {
    let cells = |row: Vec<Cell>| row.into_iter().map(|cell| cell.text).collect();
    read(FileId(0), text).into_iter().map(cells).collect()
}

#[test]
fn quotes_and_rows_of_any_length_are_read() {
    assert_eq!(texts("a,b\n1\n1,2,3\n"), [vec!["a", "b"], vec!["1"], vec!["1", "2", "3"]]);
    assert_eq!(texts("1, \"x,y\"\r\n"), [["1", " \"x", "y\""]]);
    assert_eq!(texts("\"a \"\"b\"\"\n,\"c"), [["a \"b\"\n,c"]]);
    assert_eq!(texts("\"a\"b\"c,\n\n"), [vec!["ab\"c", ""], vec![]]);
    assert_eq!(texts(""), Vec::<Vec<String>>::new());
}

const PYTHON: &str = "
import csv, io, json, sys
json.dump([list(csv.reader(io.StringIO(text, newline=''))) for text in json.load(sys.stdin)], sys.stdout)
";

#[test]
fn random_tables_are_read_as_by_python() {
    let mut runner = TestRunner::deterministic();
    let text = proptest::string::string_regex("[ab\", \n\r]{0,24}").unwrap();
    let tables: Vec<String> = (0..3000).map(|_| text.new_tree(&mut runner).unwrap().current()).collect();
    let Some(expected) = oracle::ask(PYTHON, &tables) else { return };
    for (table, expected) in tables.iter().zip(expected.as_array().unwrap()) {
        assert_eq!(serde_json::to_value(texts(table)).unwrap(), *expected, "{table:?}");
    }
}

proptest! {
    #[test]
    fn places_are_those_of_the_cells(text in "[a-c\", \n\u{e9}]{0,40}") {
        for cell in read(FileId(0), &text).into_iter().flatten() {
            let written = text.get(cell.span.range());
            prop_assert!(written.is_some());
            if !written.is_some_and(|written| written.contains('"')) {
                prop_assert_eq!(Some(cell.text.as_str()), written);
            }
        }
    }
}
