//! Accounts, and how a run gets there.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

/// What AWS STS accepts as a text: letters, digits and these signs.
pub(crate) struct StsText {
    /// The text in words: "the external ID of a role".
    pub(crate) what: &'static str,
    pub(crate) least: usize,
    pub(crate) most: usize,
    pub(crate) signs: &'static str,
}

/// `like` is an ARN as it could be.
pub(crate) fn not_a_role_arn(span: Span, text: &str, like: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_A_ROLE_ARN, span, format!("`{text}` is not the ARN of a role: {why}"))
        .label("not the ARN of a role")
        .help(format!("write the ARN of an IAM role of the account, as in `\"{like}\"`"))
}

pub(crate) fn role_of_another_account(span: Span, of: &str, id: Span, name: &str) -> Diagnostic {
    let message = format!("this role belongs to account {of}, and `{name}` is another account");
    Diagnostic::new(codes::ROLE_OF_ANOTHER_ACCOUNT, span, message)
        .label(format!("a role of {of}"))
        .related(id, format!("the id of `{name}`"))
        .help("write the role of this account, or correct the id")
}

pub(crate) fn profile_and_role(role: Span, profile: Span, name: &str) -> Diagnostic {
    let message = format!("`{name}` has both `profile` and `role`");
    Diagnostic::new(codes::PROFILE_AND_ROLE, role, message)
        .label("a second way to the account")
        .related(profile, "the first way")
        .help(
            "remove one of them: a profile may itself assume a role (`role_arn` in `~/.aws/config`), and `role` is \
             assumed with the credentials of the caller",
        )
}

pub(crate) fn empty_profile(span: Span) -> Diagnostic {
    Diagnostic::new(codes::EMPTY_VALUE, span, "the name of a profile must not be empty")
        .label("empty")
        .help("write the name of a profile of `~/.aws/config`, or remove the field")
}

pub(crate) fn setting_without_role(span: Span, field: &str, has_profile: bool) -> Diagnostic {
    let found =
        Diagnostic::new(codes::SETTING_WITHOUT_ROLE, span, format!("`{field}` has no effect without `role`"))
            .label("no role is assumed");
    if has_profile {
        found.help("the profile may have such a setting in `~/.aws/config`: remove the field")
    } else {
        found.help("add `role = \"arn:aws:iam::…:role/…\"`, or remove the field")
    }
}

pub(crate) fn sts_text(span: Span, limits: &StsText, text: &str) -> Option<Diagnostic> {
    let StsText { what, least, most, signs } = *limits;
    let page = "AWS STS API reference, `AssumeRole`";
    let length = text.chars().count();
    let found = |code, message: String| Diagnostic::new(code, span, message);
    if let Some(other) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !signs.contains(*c)) {
        return Some(
            found(codes::BAD_CHARACTER, format!("AWS does not allow `{}` in {what}", other.escape_default()))
                .label("contains another character")
                .help(format!("allowed are letters, digits and `{signs}` ({page})")),
        );
    }
    if length < least {
        let message = format!("{what} has {length} characters, and AWS requires {least}");
        return Some(
            found(codes::TOO_SHORT, message)
                .label(format!("{length} characters"))
                .help(format!("write at least {least} characters ({page})")),
        );
    }
    (length > most).then(|| {
        found(codes::TOO_LONG, format!("{what} has {length} characters, and AWS allows {most}"))
            .label(format!("{length} characters"))
            .help(format!("write at most {most} characters ({page})"))
    })
}
