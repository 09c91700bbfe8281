//! The programs of a page.

use std::collections::BTreeMap;

use asiaq_ir::Facts;
use asiaq_lang::{Diagnostic, SourceMap};

use crate::{Files, Workspace, check};

/// A program of a page, with the files and facts above it.
#[derive(Clone, Debug)]
pub(super) struct Example {
    /// Its text.
    pub(super) program: String,
    pub(super) outcome: Outcome,
    /// Further files: the `asq NAME.asq` blocks above it.
    files: BTreeMap<String, String>,
    /// The account: the last `facts` block above it.
    facts: Option<Facts>,
}

/// The role of a program on its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The mistake: an `asq` block.
    Wrong,
    /// The mistake among so many others that they are not worth telling: an `asq repeat=N` block.
    Flood,
    /// The fixed program: an `asq fixed` block.
    Fixed,
}

impl Example {
    /// The programs of a page, in order.
    pub(super) fn all(page: &str) -> Vec<Self> {
        let mut examples = Vec::new();
        let mut files = BTreeMap::new();
        let mut facts = None;
        let mut lines = page.lines();
        while let Some(line) = lines.next() {
            let Some(fence) = line.strip_prefix("```") else { continue };
            let body: String =
                lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
            let (kind, word) = fence.split_once(' ').unwrap_or((fence, ""));
            let (outcome, times) = match (kind, word) {
                ("facts", _) => {
                    facts = serde_json::from_str(&body).ok();
                    continue;
                }
                ("asq", "") => (Outcome::Wrong, 1),
                ("asq", "fixed") => (Outcome::Fixed, 1),
                ("asq", word) => {
                    if let Some(Ok(times)) = word.strip_prefix("repeat=").map(str::parse) {
                        (Outcome::Flood, times)
                    } else {
                        files.insert(word.to_owned(), body);
                        continue;
                    }
                }
                _ => continue,
            };
            let (files, facts) = (files.clone(), facts.clone());
            examples.push(Self { program: body.repeat(times), outcome, files, facts });
        }
        examples
    }

    /// The diagnostics of the program, including those that need the account if the page has facts.
    pub(super) fn check(&self) -> (SourceMap, Vec<Diagnostic>) {
        let workspace = Workspace::load(&["infra.asq".to_owned()], self).unwrap_or_default();
        let checked = check(workspace);
        let lowered = self.facts.as_ref().map(|facts| checked.lower(facts).diagnostics);
        let diagnostics = checked.diagnostics.into_iter().chain(lowered.into_iter().flatten());
        (checked.sources, diagnostics.collect())
    }
}

impl Files for Example {
    fn read(&self, path: &str) -> Result<String, String> {
        if path == "infra.asq" {
            return Ok(self.program.clone());
        }
        self.files.get(path).cloned().ok_or_else(|| format!("there is no file `{path}`"))
    }
}
