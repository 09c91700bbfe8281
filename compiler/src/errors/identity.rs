//! Mistakes in accounts, and in who may do what.

use asiaq_lang::ast::Name;
use asiaq_lang::{Diagnostic, Span};

use super::codes;

pub(crate) fn not_a_principal(word: &Name) -> Diagnostic {
    let message = format!("`{}` is not a kind of principal", word.text);
    Diagnostic::new(codes::NOT_A_PRINCIPAL, word.span, message).label("not a principal").help(
        "write `account NAME`, `role NAME`, `user NAME`, `saml NAME`, `service NAME`, or an ARN in quotes",
    )
}

pub(crate) fn unknown_service_principal(span: Span, name: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("asiaq does not know the service `{name}`");
    let found =
        Diagnostic::new(codes::UNKNOWN_SERVICE, span, message).label("not in asiaq's list of services");
    match meant {
        Some(meant) => found.help(format!("did you mean `{meant}`?")),
        None => found.help(
            "declared principals are written with their kind, as in `account production`; if AWS has this service, write \
             `allow(unknown-service)`",
        ),
    }
}

/// An address that metadata is not read from.
pub(crate) fn metadata_url(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(codes::METADATA_URL, span, format!("metadata is not read from this address: {why}"))
        .label("not read")
        .help("write the address that the identity provider shows, as in `url \"https://idp.example/metadata\"`")
}

/// Metadata that could not be read when a plan was made.
pub(crate) fn metadata_unread(span: Span, url: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::METADATA_UNREAD, span, format!("`{url}` cannot be read: {why}"))
        .label("no metadata from here")
        .help("try again, correct the address, or save the document beside the program and write `file \"….xml\"`")
}

pub(crate) fn unknown_aws_policy(span: Span, name: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("asiaq does not know a managed policy of AWS called `{name}`");
    let found = Diagnostic::new(codes::UNKNOWN_AWS_POLICY, span, message)
        .label("not in asiaq's list of AWS's policies");
    match meant {
        Some(meant) => found.help(format!("did you mean `{meant}`?")),
        None => found.help(
            "policies of the account are in the field `policies`; if AWS has this policy, write \
             `allow(unknown-aws-policy)`",
        ),
    }
}

pub(crate) fn not_an_aws_policy(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_AWS_POLICY, span, format!("`{name}` is not the name of a managed policy of AWS"))
        .label("not a name of a policy")
        .help("write the name as AWS lists it, such as `ReadOnlyAccess`; policies of the account are in the field `policies`")
}

/// The ARN of something else than a managed policy of AWS; `why` says what it is.
pub(crate) fn arn_of_no_aws_policy(span: Span, arn: &str, why: &str, help: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_AWS_POLICY, span, format!("`{arn}` is not the ARN of a managed policy of AWS"))
        .label(why.to_owned())
        .help(help.to_owned())
}

pub(crate) fn policy_without_statements(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::POLICY_WITHOUT_STATEMENTS, span, format!("policy `{name}` has no statements"))
        .label("allows nothing")
        .help("add a statement such as `allow s3:GetObject on \"arn:aws:s3:::NAME/*\"`, or a `document`")
}

pub(crate) fn role_without_trust(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::ROLE_WITHOUT_TRUST, span, format!("nobody may assume role `{name}`"))
        .label("has no trust")
        .help("add `trust = ec2`, `trust = account NAME`, or a block `trust_policy`")
}

pub(crate) fn trust_twice(span: Span, block: Span, name: &str) -> Diagnostic {
    let message = format!("role `{name}` has both `trust` and a block `trust_policy`");
    Diagnostic::new(codes::TRUST_TWICE, span, message)
        .label("which of them?")
        .related(block, "the statements of the trust policy")
        .help("move the principals of `trust` into statements of the block, or remove one of the two")
}

pub(crate) fn document_and_statements(span: Span, statement: Span) -> Diagnostic {
    let message = "a policy is a document or statements, not both";
    Diagnostic::new(codes::DOCUMENT_AND_STATEMENTS, span, message)
        .label("the whole policy")
        .related(statement, "a statement besides")
        .help("write the statement into the document, or write all statements here and remove `document`")
}

pub(crate) fn identity_named_twice(span: Span, kind: &str, name: &str, first: Span) -> Diagnostic {
    let message = format!("two declarations of kind `{kind}` are called `{name}` in AWS");
    Diagnostic::new(codes::IDENTITY_NAMED_TWICE, span, message)
        .label("same name again")
        .related(first, "has the same name")
        .help("set another `name`; IAM does not tell capitals and small letters apart")
}

/// A path that IAM does not take.
pub(crate) fn identity_path(span: Span, path: &str) -> Diagnostic {
    let bare = path.trim_matches('/');
    let right = if bare.is_empty() { "/".to_owned() } else { format!("/{bare}/") };
    Diagnostic::new(codes::IDENTITY_PATH, span, format!("`{path}` is no path of IAM"))
        .label("it begins and ends with a slash")
        .fix(format!("write `path = \"{right}\"`"), span, format!("path = \"{right}\""))
}

/// A path under which asiaq has groups that are being made or deleted.
pub(crate) fn reserved_path(span: Span, path: &str) -> Diagnostic {
    let message =
        format!("asiaq keeps paths of groups that begin with `/asiaq/` for itself, and this is `{path}`");
    Diagnostic::new(codes::IDENTITY_PATH, span, message)
        .label("marks a group that is being made or deleted")
        .help("write another path, or leave it out")
}

/// Two tags of something in IAM that is declared at `site`; without the place of the first, asiaq sets it.
pub(crate) fn same_tag_key(
    span: Span,
    key: &str,
    first: &str,
    place: Option<Span>,
    site: Span,
) -> Diagnostic {
    let found = Diagnostic::new(
        codes::SAME_TAG_KEY,
        span,
        format!("IAM takes the tags `{first}` and `{key}` as one"),
    )
    .label("the same key in other letters");
    match place {
        Some(place) => found
            .related(place, "the first one")
            .related(site, "has both")
            .help("remove one of them, or give it another key"),
        None => found.related(site, "has both").help(format!("use another key: asiaq sets `{first}` itself")),
    }
}

pub(crate) fn not_in_statement(span: Span, expected: &str, help: &str) -> Diagnostic {
    Diagnostic::new(codes::NOT_IN_STATEMENT, span, format!("expected {expected}"))
        .label("something else")
        .help(help)
}

pub(crate) fn unknown_resource(span: Span, name: &str, known: &[&str]) -> Diagnostic {
    let label = "not declared in this account";
    let message = format!("the account declares nothing called `{name}`");
    let found = super::names::unknown(codes::UNKNOWN_REFERENCE, span, name, (message, label), known);
    if known.is_empty() { found.help("write an ARN in quotes, or `all`") } else { found }
}

pub(crate) fn ambiguous_resource(span: Span, name: &str, kinds: &[&str]) -> Diagnostic {
    let forms: Vec<String> = kinds.iter().map(|kind| format!("`{kind} {name}`")).collect();
    Diagnostic::new(codes::AMBIGUOUS_RESOURCE, span, format!("`{name}` may be {}", forms.join(" or ")))
        .label("which of them?")
        .help(format!("write {}", forms.join(" or ")))
}

pub(crate) fn unknown_operator(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(codes::UNKNOWN_OPERATOR, span, format!("conditions have no operator `{word}`"))
        .label("not an operator")
        .help(
            "write `is`, `is not`, `like`, `not like`, `<`, `<=`, `>`, `>=`, `exists`, `is absent`, or an operator of IAM \
             such as `StringEqualsIgnoreCase`",
        )
}
