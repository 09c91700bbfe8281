//! The problems of policies that `asiaq-iam` finds, as diagnostics.

use asiaq_iam::{Code as Slip, Problem};
use asiaq_lang::{Code, Diagnostic, FileId, Span};

use super::codes;

/// What a policy is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Statements of the program.
    Statements,
    /// A JSON document with places of its own.
    File,
    /// A JSON document in a text of the program, which is one place.
    Text,
}

impl Form {
    /// The form of a document that is the file `source`, or a text.
    pub(crate) fn of(source: Option<FileId>) -> Self {
        source.map_or(Self::Text, |_| Self::File)
    }
}

/// A problem as a diagnostic; `text` is what stands at its place.
pub(crate) fn policy_problem(problem: Problem<Span>, text: &str, form: Form) -> Diagnostic {
    let code = code(problem.code);
    let mut found = Diagnostic::new(code, problem.place, problem.message);
    let help = problem.help.as_deref().unwrap_or_default();
    if let Some(help) = in_words_of(form, problem.code, text, help).map(str::to_owned).or(problem.help) {
        found = found.help(help);
    }
    for (place, message) in problem.related {
        if place != problem.place {
            found = found.related(place, message);
        }
    }
    match problem.replacement.and_then(|right| Some((replacement(&right, text, form)?, right))) {
        Some((edit, right)) => found.fix(format!("write `{}`", right.trim_matches('"')), problem.place, edit),
        None => found,
    }
}

/// The help where the words of JSON documents are not those of statements.
fn in_words_of(form: Form, code: Slip, text: &str, help: &str) -> Option<&'static str> {
    if form != Form::Statements {
        return None;
    }
    let is_statement = text.starts_with("allow") || text.starts_with("deny");
    match code {
        Slip::MissingElement if is_statement => Some(
            "say which resources with `on`, and in the policy of a resource or a role's trust whom with `from`",
        ),
        Slip::PrincipalInIdentity => Some("remove `from`: the principal is whoever has the policy"),
        Slip::KeyNotOfAction if help.contains("IfExists") => Some(
            "the condition never holds for it: move the action to a statement of its own, or add `if present` to the test",
        ),
        Slip::Wildcard if help.contains("StringLike") || help.contains("StringNotLike") => {
            Some("`like` and `not like` take it as a wildcard; if the sign is meant, it is `\\${*}`")
        }
        _ => None,
    }
}

/// What to write in place of `text`: in quotes where that is, and nothing where it is no single word.
fn replacement(right: &str, text: &str, form: Form) -> Option<String> {
    let bare = right.trim_matches('"');
    let is_word = |text: &str| !text.contains(|c: char| c.is_whitespace() || "[]{}\",".contains(c));
    match form {
        Form::Text => None,
        Form::File => Some(format!("\"{bare}\"")),
        Form::Statements if text.starts_with('"') => Some(format!("\"{bare}\"")),
        Form::Statements => (is_word(text) && is_word(bare)).then(|| bare.to_owned()),
    }
}

/// The code of a diagnostic for a problem: the same word.
fn code(slip: Slip) -> Code {
    codes::find(slip.word()).unwrap_or(codes::POLICY_JSON)
}

pub(crate) fn yaml_policy(place: Span, path: &str) -> Diagnostic {
    Diagnostic::new(
        codes::POLICY_JSON,
        place,
        format!("`{path}` is YAML, and IAM's policies are JSON documents"),
    )
    .label("not JSON")
    .help("convert the file to JSON, or write its statements here: `allow ACTIONS on RESOURCES`")
}

/// An ARN of the partition `partition`, in a policy of an account in the partition `here`.
pub(crate) fn other_partition(place: Span, arn: &str, partition: &str, here: &str) -> Diagnostic {
    let message = format!("`{arn}` is in the partition `{partition}`, and the account is in `{here}`");
    Diagnostic::new(codes::OTHER_PARTITION, place, message).label("another partition").help(format!(
        "AWS refuses the policy: accounts reach nothing in another partition; write `arn:{here}:…`"
    ))
}

pub(crate) fn roles_in_a_circle(place: Span, names: &[&str]) -> Diagnostic {
    let message = match names {
        [only] => format!("the role `{only}` trusts itself"),
        _ => format!("the roles `{}` trust each other", names.join("`, `")),
    };
    Diagnostic::new(codes::ROLES_IN_A_CIRCLE, place, message)
        .label("IAM creates no role that trusts one which is not there yet")
        .help("trust the account under a condition: `allow sts:AssumeRole from account NAME when aws:PrincipalArn is \"ARN\"`; if the roles exist, write `allow(roles-in-a-circle)`")
}

#[cfg(test)]
mod tests {
    use asiaq_iam::Severity;

    use super::*;

    #[test]
    fn every_problem_of_policies_has_a_code_of_its_severity() {
        for slip in Slip::ALL {
            let code = codes::find(slip.word()).unwrap_or_else(|| panic!("{}", slip.word()));
            let severity = match slip.severity() {
                Severity::Warning => asiaq_lang::Severity::Warning,
                Severity::Error => asiaq_lang::Severity::Error,
            };
            assert_eq!(code.severity(), severity, "{code}");
        }
    }
}
