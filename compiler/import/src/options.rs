//! The options of a section, plain and for environments, as fields of `.asq`.

use asiaq_lang::{Diagnostic, Span};

use crate::codes;
use crate::draft::Node;
use crate::ini::{Section, Setting};
use crate::old::{Old, whole};
use crate::scopes::{Scopes, after_at, split};
use crate::words::{is_false, is_true};

/// An option of a section, with the environment that it is for.
pub(crate) struct Said<'a> {
    pub(crate) setting: &'a Setting,
    /// The environment; nothing for all. An error where no environment has the name.
    pub(crate) env: Result<Option<String>, String>,
}

/// What a section says of an option: the plain value first.
pub(crate) fn said<'a>(section: &'a Section, option: &str, scopes: &Scopes) -> Vec<Said<'a>> {
    let of_option = section.options.iter().filter(|setting| split(&setting.key).0 == option);
    let mut said: Vec<Said<'a>> = of_option
        .map(|setting| {
            let env = match split(&setting.key).1 {
                None => Ok(None),
                Some(name) => match scopes.find(name) {
                    Some(env) => Ok(Some(env.name.clone())),
                    None => Err(name.to_owned()),
                },
            };
            Said { setting, env }
        })
        .collect();
    said.sort_by_key(|said| said.env != Ok(None));
    said
}

/// What becomes of the value of an option.
pub(crate) enum Value {
    /// The value of the field.
    Is(String),
    /// The field is not written: that is its default.
    Default,
    /// The original fails with it.
    Bad(String),
    /// `.asq` has no words for it.
    Unsayable(String),
}

/// The fields `name` for each value of an option.
pub(crate) fn fields(
    old: &mut Old,
    scopes: &Scopes,
    section: &Section,
    (option, name): (&str, &str),
    value: &mut dyn FnMut(&mut Old, &Setting) -> Value,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    for Said { setting, env } in said(section, option, scopes) {
        let value = value(old, setting);
        nodes.extend(field(old, setting, &env, name, value));
    }
    nodes
}

/// The field of a value for an environment.
pub(crate) fn field(
    old: &mut Old,
    setting: &Setting,
    env: &Result<Option<String>, String>,
    name: &str,
    value: Value,
) -> Option<Node> {
    let (suffix, unknown) = match env {
        Ok(None) => (String::new(), None),
        Ok(Some(env)) => (format!("@{env}"), None),
        Err(unknown) => (format!("@{unknown}"), Some(unknown)),
    };
    let origin = whole(setting);
    let node = match value {
        Value::Is(text) => Node::field(format!("{name}{suffix} = {text}"), origin),
        Value::Default => return None,
        Value::Bad(why) => {
            let span = if setting.value.is_empty() { setting.key_span } else { setting.span };
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, span, format!("`{}`: {why}", setting.key)));
            Node::refused(format!("{} = {}", setting.key, setting.value), origin, why)
        }
        Value::Unsayable(why) => {
            old.find(Diagnostic::new(codes::CANNOT_BE_SAID, origin, format!("`{}`: {why}", setting.key)));
            Node::refused(format!("{} = {}", setting.key, setting.value), origin, why)
        }
    };
    let node = match unknown {
        Some(unknown) => {
            let why = no_environment(old, setting, unknown);
            Node { refused: Some(why), ..node }
        }
        None => node,
    };
    Some(node.commented(&setting.comments))
}

/// Reports an option for an environment that there is not; the reason for a comment.
pub(crate) fn no_environment(old: &mut Old, setting: &Setting, name: &str) -> String {
    let message = format!("`{}` has no effect that is known: there is no environment `{name}`", setting.key);
    let help = format!("say its type with `--env {name}=TYPE`, or correct the name");
    old.find(Diagnostic::new(codes::OVERRIDE_WITHOUT_ENVIRONMENT, after_at(setting), message).help(help));
    format!("no environment `{name}` is known")
}

/// A yes or a no; every word that the original does not know is a silent no.
pub(crate) fn truth(old: &mut Old, setting: &Setting) -> bool {
    let value = crate::ini::trim(&setting.value);
    if !is_true(value) && !is_false(value) {
        let message =
            format!("`{value}` counts as no: the original knows `true`, `yes`, `t`, `y`, `aye` and `1`");
        old.find(Diagnostic::new(codes::SILENTLY_FALSE, setting.span, message));
    }
    is_true(value)
}

/// A yes or a no as a value.
pub(crate) fn truth_value(old: &mut Old, setting: &Setting) -> Value {
    Value::Is(truth(old, setting).to_string())
}

/// What cannot be said at all.
pub(crate) fn unsayable(old: &mut Old, setting: &Setting, why: &str) -> Node {
    let origin: Span = whole(setting);
    old.find(Diagnostic::new(codes::CANNOT_BE_SAID, origin, format!("`{}`: {why}", setting.key)));
    Node::refused(format!("{} = {}", setting.key, setting.value), origin, why).commented(&setting.comments)
}
