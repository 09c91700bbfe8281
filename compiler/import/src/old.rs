//! The files of the original: which of them are there, and what they say.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, FileId, SourceMap, Span};

use crate::codes;
use crate::csv::{self, Cell};
use crate::files::{
    TableFile, TextFile, ends_in, is_meant_for_table, is_of_accounts, is_table, parameters_of,
};
use crate::ini::{self, Ini, Setting};
use crate::json;

/// What is read of a tree.
#[derive(Debug, Default)]
pub(crate) struct Old {
    pub(crate) sources: SourceMap,
    pub(crate) aws: Ini,
    pub(crate) vpc: Ini,
    pub(crate) alarms: Ini,
    pub(crate) log_metrics: Ini,
    pub(crate) databases: Ini,
    pub(crate) caches: Ini,
    pub(crate) searches: Ini,
    /// Parameters of databases by the names of the databases.
    pub(crate) parameters: BTreeMap<String, Ini>,
    pub(crate) pipelines: Vec<Table>,
    pub(crate) tables: Vec<TableFile>,
    /// Files of accounts.
    pub(crate) identity: Vec<TextFile>,
    /// Files that are not translated.
    pub(crate) unread: Vec<FileId>,
    pub(crate) findings: Vec<Diagnostic>,
}

/// A pipeline's file.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) path: String,
    pub(crate) file: FileId,
    pub(crate) header: Vec<Cell>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The cell of `row` below the heading `name`; nothing where the row has none.
    pub(crate) fn cell<'r>(&self, row: &'r [Cell], name: &str) -> Option<&'r Cell> {
        // Of two columns of one name the last one counts.
        let at = self.header.iter().rposition(|cell| cell.text == name)?;
        row.get(at)
    }
}

impl Old {
    /// Reads the files of a tree, by their paths in it.
    pub(crate) fn read(tree: &BTreeMap<String, Vec<u8>>) -> Self {
        let mut old = Self::default();
        for (path, bytes) in tree {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let text = String::from_utf8_lossy(bytes);
            let file = old.sources.add(path, text.as_ref());
            if let std::borrow::Cow::Owned(text) = &text {
                let at = text.find('\u{fffd}').unwrap_or(0);
                let message = "this is not UTF-8: the character is lost";
                let end = at + '\u{fffd}'.len_utf8();
                old.findings.push(Diagnostic::new(codes::NOT_UTF8, Span::new(file, at, end), message));
            }
            match path.as_str() {
                "disco_aws.ini" => old.aws = old.ini(file, &text),
                "disco_vpc.ini" => old.vpc = old.ini(file, &text),
                "disco_alarms.ini" => old.alarms = old.ini(file, &text),
                "disco_log_metrics.ini" => old.log_metrics = old.ini(file, &text),
                "disco_rds.ini" => old.databases = old.ini(file, &text),
                "disco_elasticache.ini" => old.caches = old.ini(file, &text),
                "disco_elasticsearch.ini" => old.searches = old.ini(file, &text),
                _ if parameters_of(path).is_some() => {
                    let ini = old.ini(file, &text);
                    old.parameters.extend(parameters_of(path).map(|name| (name.to_owned(), ini)));
                }
                _ if is_of_accounts(path) => {
                    old.identity.push(TextFile { path: path.clone(), file, text: text.to_string() });
                }
                _ if ends_in(path, "csv") => old.table(path, file, &text),
                _ if ends_in(path, "json") => old.document(path, file, &text),
                _ => old.unread.push(file),
            }
        }
        old
    }

    fn ini(&mut self, file: FileId, text: &str) -> Ini {
        let (ini, findings) = ini::read(file, text);
        self.findings.extend(findings);
        ini
    }

    /// A file that defines a table, or one of somebody else.
    fn document(&mut self, path: &str, file: FileId, text: &str) {
        match json::read(file, text) {
            Ok(json) if is_table(&json) => {
                self.tables.push(TableFile { path: path.to_owned(), json });
            }
            Err(found) if is_meant_for_table(text) => self.findings.push(*found),
            _ => {}
        }
    }

    fn table(&mut self, path: &str, file: FileId, text: &str) {
        let mut rows = csv::read(file, text).into_iter();
        let header = rows.next().unwrap_or_default();
        if !header.iter().any(|cell| cell.text == "hostclass") {
            self.unread.push(file);
            return;
        }
        let rows = rows.filter(|row| !row.is_empty()).collect();
        self.pipelines.push(Table { path: path.to_owned(), file, header, rows });
    }

    pub(crate) fn find(&mut self, found: Diagnostic) {
        self.findings.push(found);
    }

    /// The place of `part` in the value of an option, or else of the whole value.
    pub(crate) fn part(&self, setting: &Setting, part: &str) -> Span {
        let part = part.trim();
        match self.sources.slice(setting.span).find(part) {
            Some(at) if !part.is_empty() => {
                let start = setting.span.start as usize + at;
                Span::new(setting.span.file, start, start + part.len())
            }
            _ if setting.span.start == setting.span.end => setting.key_span,
            _ => setting.span,
        }
    }
}

/// The place of an option: its key and its value.
pub(crate) fn whole(setting: &Setting) -> Span {
    if setting.key_span.file == setting.span.file { setting.key_span.to(setting.span) } else { setting.span }
}

/// Reports a block with host bits.
pub(crate) fn host_bits(old: &mut Old, span: Span, written: &str, meant: &str) {
    let message = format!("`{written}` has host bits: AWS takes it as `{meant}`");
    let help = "the original compares the texts, so every update changes it again";
    old.find(Diagnostic::new(codes::HOST_BITS_IGNORED, span, message).help(help));
}
