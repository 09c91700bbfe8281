//! The logs that instances send to their aggregator, and how.

use std::collections::BTreeSet;

use asiaq_lang::{Diagnostic, Span};

use crate::block::Block;
use crate::evaluate::{Evaluator, Resolved};
use crate::library::fields::{LogFields, LoggingFields};
use crate::library::kinds;
use crate::names::name_span;
use crate::value::Spanned;

/// The logs of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Logging {
    /// Its settings; absent where the project is.
    pub(crate) settings: Option<Settings>,
    /// Its logs, in order of name.
    pub(crate) logs: Vec<Log>,
}

/// The block `logging` of a project, or its defaults.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// The block; the project where it has none.
    pub(crate) span: Span,
    pub(crate) folder: Resolved<String>,
    pub(crate) group: Option<Resolved<String>>,
    /// Seconds.
    pub(crate) keep: Resolved<u64>,
    pub(crate) port: Resolved<i64>,
    pub(crate) aggregator_port: Resolved<i64>,
    pub(crate) socket: Option<Resolved<String>>,
    pub(crate) queue: Resolved<String>,
    pub(crate) queue_size: Resolved<u64>,
    pub(crate) burst: Resolved<i64>,
}

/// A declaration of kind `log`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Log {
    pub(crate) name: String,
    /// Its name in its declaration.
    pub(crate) span: Span,
    /// Types of its messages.
    pub(crate) types: Resolved<Vec<Spanned<String>>>,
    pub(crate) more_types: Resolved<Vec<Spanned<String>>>,
    pub(crate) tag: Option<Resolved<String>>,
    pub(crate) file: Option<Resolved<String>>,
    /// Whether a field is broken, which has been reported.
    pub(crate) has_broken: bool,
}

impl Log {
    /// The types of its messages, each once.
    pub(crate) fn all_types(&self) -> BTreeSet<&str> {
        let all = self.types.value.iter().chain(&self.more_types.value);
        all.map(|one| one.value.as_str()).collect()
    }

    /// The file of a log that has a tag, below the folder of the aggregator.
    pub(crate) fn file(&self) -> String {
        self.file.as_ref().map_or_else(|| format!("{}.log", self.name), |file| file.value.clone())
    }
}

/// Evaluates the logs of a project, in the environment of its bakery.
pub(super) fn of_project(evaluator: &Evaluator<'_, '_>, diagnostics: &mut Vec<Diagnostic>) -> Logging {
    let Some(project) = evaluator.names.project() else { return Logging::default() };
    let block = Block::of_chain(&[project]);
    let found = super::bakes::part(evaluator, &block, kinds::LOGGING, diagnostics);
    let (fields, span) = found.unwrap_or_else(|| {
        let span = name_span(project);
        (evaluator.fields(kinds::LOGGING, &Block::default(), span, diagnostics), span)
    });
    let LoggingFields { folder, group, keep, port, aggregator_port, socket, queue, queue_size, burst } =
        LoggingFields::of(&fields, span);
    let settings =
        Settings { span, folder, group, keep, port, aggregator_port, socket, queue, queue_size, burst };
    let logs = evaluator.names.of_kind(kinds::LOG).filter_map(|name| log(evaluator, name, diagnostics));
    Logging { settings: Some(settings), logs: logs.collect() }
}

fn log(evaluator: &Evaluator<'_, '_>, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Log> {
    let decl = evaluator.names.get(kinds::LOG, name)?;
    let span = name_span(decl);
    let block = Block::of_chain(&evaluator.names.whole_chain(decl)?);
    let fields = evaluator.fields(kinds::LOG, &block, span, diagnostics);
    let LogFields { types, more_types, tag, file } = LogFields::of(&fields, span);
    let has_broken = fields.has_broken();
    Some(Log { name: name.to_owned(), span, types, more_types, tag, file, has_broken })
}
