//! Variables in texts, as in `"${env.name}"`.

use std::collections::BTreeMap;

use asiaq_lang::ast::{Member, Name, Setting, StringPart};

use super::Typer;
use crate::errors::{self, codes};
use crate::types::Ty;

/// The texts that interpolation inserts, by the path between the braces.
pub(crate) type Variables = BTreeMap<&'static str, String>;

/// The variable that only the texts of accounts may contain.
pub(crate) const ACCOUNT_NAME: &str = "account.name";

/// The paths that interpolation knows.
pub(crate) const VARIABLES: &[&str] = &[
    ACCOUNT_NAME,
    "env.name",
    "env.type",
    "project.domain",
    "project.name",
    "project.region",
    "project.team",
];

/// The variables that texts in an account may contain, or else those that all others may.
pub(crate) fn variables(is_in_account: bool) -> impl Iterator<Item = &'static str> {
    let fits = move |path: &&str| match *path {
        ACCOUNT_NAME => is_in_account,
        path => !is_in_account || !path.starts_with("env."),
    };
    VARIABLES.iter().copied().filter(fits)
}

impl<'b> Typer<'_, 'b> {
    /// A text with the values of its variables; nothing if one of them has no value here.
    pub(super) fn text(&mut self, parts: &[StringPart]) -> Option<String> {
        let mut text = Some(String::new());
        for part in parts {
            let piece = match part {
                StringPart::Text(piece) => Some(piece.as_str()),
                StringPart::Interpolation(path) => self.variable(path),
            };
            text = text.zip(piece).map(|(text, piece)| text + piece);
        }
        text
    }

    /// The value of a variable.
    fn variable(&mut self, path: &Name) -> Option<&'b str> {
        let name = path.text.as_str();
        if !VARIABLES.contains(&name) {
            self.diagnostics.push(errors::unknown_variable(path, VARIABLES));
            return None;
        }
        self.asked = true;
        let Some(known) = self.variables else { return Some("") };
        if let Some(value) = known.get(name) {
            return Some(value);
        }
        let is_in_account = known.contains_key(ACCOUNT_NAME);
        if !name.starts_with("project.") {
            self.diagnostics.push(errors::misplaced_variable(path, is_in_account));
        } else if is_in_account && self.depends_on_environment(name) {
            self.diagnostics.push(errors::variable_of_environment(path));
        } else if matches!(name, "project.domain" | "project.team") {
            self.diagnostics.push(errors::variable_without_value(path));
        }
        None
    }

    /// Whether the project sets the field of a variable to a text with variables of the environment.
    fn depends_on_environment(&self, variable: &str) -> bool {
        let is_field = |setting: &&Setting| {
            setting.context.is_none() && variable.strip_prefix("project.") == Some(&setting.name.text)
        };
        let members = self.names.project().into_iter().flat_map(|project| &project.body.members);
        let mut settings = members.filter_map(|member| match member {
            Member::Field(setting) => Some(setting),
            Member::Decl(_) | Member::Override(_) | Member::Statement(_) => None,
        });
        let Some(setting) = settings.find(is_field) else { return false };
        let nothing = Variables::new();
        let mut typer = Typer::new(self.names, Some(&nothing));
        typer.value(&setting.value, &Ty::String);
        typer.diagnostics.iter().any(|found| found.code == codes::MISPLACED_VARIABLE)
    }
}
