//! JSON documents, with the range of bytes of each part.

mod json;
mod statement;

use std::ops::Range;

use super::{Document, Statement, Version};
use crate::problem::{Code, Problem};
use json::Json;
pub use statement::ELEMENTS as STATEMENT_ELEMENTS;

/// A range of bytes of a document.
pub type Bytes = Range<usize>;

/// What a text says, as far as it could be understood, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Read {
    /// The policy, without the statements that miss a part; nothing if the text is no JSON object.
    pub document: Option<Document<Bytes>>,
    /// What is wrong, in order of the text.
    pub problems: Vec<Problem<Bytes>>,
}

const ELEMENTS: &[&str] = &["Version", "Id", "Statement"];

/// Reads a policy. Never fails: every text results in a list of problems, in time linear in its length.
pub fn read(text: &str) -> Read {
    let mut problems = Vec::new();
    let document =
        json::parse(text, &mut problems).and_then(|value| document(Json::new(&value), &mut problems));
    problems.sort_by_key(|problem| (problem.place.start, problem.place.end));
    Read { document, problems }
}

fn document(json: Json, problems: &mut Vec<Problem<Bytes>>) -> Option<Document<Bytes>> {
    let members = json.object("a policy", problems)?;
    members.refuse_others("a policy", ELEMENTS, problems);
    let version = members.get("Version").map_or(Version::V2008, |found| version(found, problems));
    let id = members.get("Id").and_then(|found| found.text("`Id`", problems));
    let statements = members.get("Statement").map(Json::one_or_more);
    if statements.is_none() {
        let missing = Problem::new(Code::MissingElement, json.place(), "a policy without statements");
        problems.push(missing.help("add the element `Statement`, a list of statements"));
    }
    let statements: Vec<Statement<Bytes>> =
        statements.into_iter().flatten().filter_map(|one| statement::statement(one, problems)).collect();
    Some(Document { place: json.place(), version, id, statements })
}

fn version(json: Json, problems: &mut Vec<Problem<Bytes>>) -> Version {
    let Some(text) = json.text("`Version`", problems) else { return Version::V2012 };
    if let Some(version) = [Version::V2008, Version::V2012].into_iter().find(|one| one.word() == text.value) {
        return version;
    }
    let message = format!("policies have no version `{}`", text.value);
    problems.push(Problem::new(Code::UnknownVersion, text.place, message).instead(Some("\"2012-10-17\"")));
    Version::V2012
}
