//! Mistakes in buckets, trails and documents.

use asiaq_lang::{Diagnostic, Span};

use super::codes;

pub(crate) fn setting_needs(span: Span, setting: &str, needed: &str) -> Diagnostic {
    Diagnostic::new(codes::SETTING_NEEDS, span, format!("`{setting}` needs `{needed}`"))
        .label("AWS refuses it alone")
        .help(format!("add `{needed}`, or remove `{setting}`"))
}

pub(crate) fn redirects_all_and_serves(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SETTING_NEEDS, span, "a website that redirects all requests serves no pages")
        .label("`redirect_all` with another setting")
        .help("remove `redirect_all`, or everything else of the website")
}

/// A list of which AWS needs at least one entry.
pub(crate) fn no_entries(span: Span, field: &str) -> Diagnostic {
    Diagnostic::new(codes::EMPTY_VALUE, span, format!("`{field}` must not be empty"))
        .label("nothing in it")
        .help("write at least one entry, or remove the block")
}

pub(crate) fn partial_days(span: Span, seconds: u64) -> Diagnostic {
    const DAY: u64 = 86_400;
    let days = seconds.div_ceil(DAY).max(1);
    Diagnostic::new(codes::NOT_WHOLE, span, "AWS counts this in whole days")
        .label("not a number of days")
        .help(format!("write `{days}d`"))
}

pub(crate) fn not_a_day(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::BAD_DAY, span, format!("`{text}` is not a day"))
        .label("not a day")
        .help("write year, month and day: `\"2027-01-31\"`")
}

pub(crate) fn bad_bucket_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::BAD_BUCKET_NAME, span, format!("AWS accepts no bucket called `{name}`"))
        .label("not a name of a bucket")
        .help(format!("{why}: choose another name, as in `name = \"shop-logs-audit\"`"))
}

pub(crate) fn same_name_in_aws(span: Span, kind: &str, name: &str, first: Span) -> Diagnostic {
    let message = format!("two declarations of kind `{kind}` are called `{name}` in AWS");
    let found = Diagnostic::new(codes::IDENTITY_NAMED_TWICE, span, message).label("same name again");
    if span == first {
        // One of an accounttype, in two accounts.
        return found.help("write a `name` with `${account.name}`");
    }
    found.related(first, "has the same name").help("set another `name`")
}

pub(crate) fn bad_lifecycle_rule(span: Span, name: &str, problem: &str) -> Diagnostic {
    Diagnostic::new(codes::BAD_LIFECYCLE, span, format!("the lifecycle rule `{name}` makes no sense to AWS"))
        .label("in this rule")
        .help(problem)
}

pub(crate) fn logs_in_a_circle(span: Span, names: &[&str]) -> Diagnostic {
    let message = match names {
        [only] => format!("the access logs of the bucket `{only}` go into the bucket itself"),
        _ => format!("the access logs of the buckets `{}` go into each other", names.join("`, `")),
    };
    Diagnostic::new(codes::LOGS_IN_A_CIRCLE, span, message)
        .label("each log causes another one")
        .help("log to a bucket that has no `logging`")
}

pub(crate) fn another_role(span: Span, role: &str) -> Diagnostic {
    let message = format!("one role copies all objects of a bucket, not `{role}` for some");
    Diagnostic::new(codes::SETTING_NEEDS, span, message)
        .label("another role")
        .help("write the same role in all rules of the bucket")
}

pub(crate) fn setting_beside(span: Span, setting: &str, other: &str) -> Diagnostic {
    Diagnostic::new(codes::SETTING_NEEDS, span, format!("`{setting}` has no place beside `{other}`"))
        .label("both say the same")
        .help(format!("remove `{setting}`, or `{other}`"))
}

pub(crate) fn same_priority(span: Span, first: &str, second: &str, priority: u32) -> Diagnostic {
    let message = format!("the replications `{first}` and `{second}` have the same priority, {priority}");
    Diagnostic::new(codes::SETTING_NEEDS, span, message)
        .label("AWS needs to know which comes first")
        .help("give each a `priority` of its own: the larger number comes first")
}

pub(crate) fn copies_to_itself(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::SETTING_NEEDS, span, format!("the bucket `{name}` cannot have its own copies"))
        .label("the same bucket")
        .help("copy to another bucket")
}

pub(crate) fn copies_without_versions(span: Span, name: &str, declared: Span) -> Diagnostic {
    let message = format!("the bucket `{name}` keeps no versions, which copies need");
    Diagnostic::new(codes::SETTING_NEEDS, declared, message)
        .label("has no versions")
        .related(span, "copies go there")
        .help("add `versioning = true` to it")
}

pub(crate) fn logs_elsewhere(span: Span, reference: &str) -> Diagnostic {
    let message = format!("access logs cannot go to `{reference}`, which is in another account");
    Diagnostic::new(codes::LOGS_ELSEWHERE, span, message)
        .label("a bucket of another account")
        .help("AWS delivers access logs in the same account and region only: declare a bucket for them here")
}

pub(crate) fn not_a_grantee(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::BAD_GRANTEE, span, format!("an ACL cannot name `{text}`"))
        .label("no canonical id and no group")
        .help("write a canonical id, which has 64 hexadecimal digits, or `\"log_delivery\"`, `\"authenticated_users\"`, `\"all_users\"`")
}

pub(crate) fn public_grant(span: Span) -> Diagnostic {
    Diagnostic::new(codes::PUBLIC_BUCKET, span, "this grant opens the bucket to everybody, which is blocked")
        .label("AWS refuses it")
        .help("name a canonical id, or set `public = true` if everybody is meant")
}

pub(crate) fn public_policy(span: Span, name: &str) -> Diagnostic {
    let message = format!("this opens the bucket `{name}` to everybody, which is blocked");
    Diagnostic::new(codes::PUBLIC_BUCKET, span, message)
        .label("AWS refuses a policy with this statement")
        .help("name accounts or roles, add a condition such as `aws:PrincipalOrgID is \"o-0123456789\"`, or set `public = true` if everybody is meant")
}

pub(crate) fn two_ways_to_redirect(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::SETTING_NEEDS, span, format!("the redirect `{name}` has `to_prefix` and `to_key`"))
        .label("one of them replaces the key")
        .help("remove `to_prefix` or `to_key`")
}

pub(crate) fn redirect_to_nowhere(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(codes::SETTING_NEEDS, span, format!("the redirect `{name}` does not say where to"))
        .label("goes nowhere")
        .help("set `host`, `to_prefix` or `to_key`")
}

pub(crate) fn index_with_slash(span: Span) -> Diagnostic {
    Diagnostic::new(codes::SETTING_NEEDS, span, "the page of a folder is a name without slashes")
        .label("`index` of this website")
        .help("write `index = \"index.html\"`")
}

pub(crate) fn several_wildcards(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(codes::SEVERAL_WILDCARDS, span, format!("`{text}` has more than one `*`"))
        .label("AWS accepts one")
        .help("write each origin or header, or a wider pattern with one `*`")
}

pub(crate) fn notifications_overlap(span: Span, (first, second): (&str, &str), other: Span) -> Diagnostic {
    let message = format!("the notifications `{first}` and `{second}` tell of the same events");
    Diagnostic::new(codes::NOTIFICATIONS_OVERLAP, span, message)
        .label("AWS tells one topic of an event")
        .related(other, "has the same events for some keys")
        .help("let both subscribe to one topic, or give them prefixes or suffixes that no key has both of")
}

pub(crate) fn bad_trail_name(span: Span, name: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::TRAIL_NAME, span, format!("AWS accepts no trail called `{name}`"))
        .label("not a name of a trail")
        .help(format!("{why}: choose another name, as in `name = \"shop-main\"`"))
}

/// A text that is not the ARN of `what`; `like` is one as it could be.
pub(crate) fn unfit_arn(span: Span, text: &str, what: &str, why: &str, like: &str) -> Diagnostic {
    Diagnostic::new(codes::UNFIT_ARN, span, format!("`{text}` is not the ARN of {what}"))
        .label(why.to_owned())
        .help(format!("write an ARN such as `{like}`"))
}

pub(crate) fn too_many_trails(span: Span, count: usize, most: usize) -> Diagnostic {
    let message = format!("an account has {count} trails in its region, and AWS allows {most}");
    Diagnostic::new(codes::TOO_MANY, span, message)
        .label(format!("{count} trails"))
        .help("let one trail record all regions, or remove trails; AWS does not raise this quota")
}

pub(crate) fn prefix_with_slash(span: Span, prefix: &str) -> Diagnostic {
    let right = prefix.trim_matches('/');
    Diagnostic::new(codes::SETTING_NEEDS, span, format!("the prefix `{prefix}` has a slash at its end"))
        .label("CloudTrail adds the slash")
        .help(format!("write `prefix = \"{right}\"`"))
}

pub(crate) fn broken_document(span: Span, name: &str, why: &str) -> Diagnostic {
    let message = format!("Systems Manager refuses the content of the document `{name}`: {why}");
    Diagnostic::new(codes::BROKEN_DOCUMENT, span, message)
        .label("here")
        .help("correct it, or set `format` or `type` if it is another one")
}

pub(crate) fn document_of_aws(span: Span, name: &str, start: &str) -> Diagnostic {
    Diagnostic::new(codes::DOCUMENT_NAME, span, format!("a document cannot be called `{name}`"))
        .label(format!("names with `{start}` at the beginning are AWS's"))
        .help("choose another name")
}

pub(crate) fn outside_bucket(span: Span, resource: &str, name: &str) -> Diagnostic {
    let message = format!("the policy of the bucket `{name}` cannot be about `{resource}`");
    Diagnostic::new(codes::OUTSIDE_BUCKET, span, message)
        .label("not this bucket, and none of its objects")
        .help(
            "write `objects` for its objects; without `on` the statement is about the bucket and its objects",
        )
}

pub(crate) fn action_of_other_service(span: Span, action: &str, name: &str) -> Diagnostic {
    let message = format!("the policy of the bucket `{name}` cannot be about `{action}`");
    Diagnostic::new(codes::OUTSIDE_BUCKET, span, message)
        .label("not an action of S3")
        .help("put it into the policy of a role or user")
}

pub(crate) fn locked_out(span: Span, name: &str, action: &str) -> Diagnostic {
    let message =
        format!("this denies everybody `{action}`, so the policy of the bucket `{name}` stays for ever");
    Diagnostic::new(codes::LOCKED_OUT, span, message)
        .label("also denies it to whoever runs asiaq")
        .help("deny the actions that are meant, or except the roles that manage the bucket: `when aws:PrincipalArn is not \"ARN\"`; only the root user of the account can undo it")
}

pub(crate) fn writer_denied(span: Span, name: &str, writer: &str, cause: Span) -> Diagnostic {
    Diagnostic::new(codes::WRITER_REFUSED, span, format!("{writer} cannot write to the bucket `{name}`"))
        .label("the policy of the bucket denies it")
        .related(cause, "writes there")
        .help("except it from the statement, as in `when aws:PrincipalIsAWSService is false`")
}

pub(crate) fn writer_without_key(span: Span, name: &str, cause: Span) -> Diagnostic {
    let message = format!("access logs cannot be written to the bucket `{name}`, which encrypts with KMS");
    Diagnostic::new(codes::WRITER_REFUSED, span, message)
        .label("AWS delivers no access logs here")
        .related(cause, "logs to it")
        .help("remove `encryption`: access logs are encrypted with a key of S3")
}

pub(crate) fn writer_against_lock(span: Span, name: &str, cause: Span) -> Diagnostic {
    let message =
        format!("access logs cannot be written to the bucket `{name}`, whose new objects are locked");
    Diagnostic::new(codes::WRITER_REFUSED, span, message)
        .label("AWS delivers no access logs here")
        .related(cause, "logs to it")
        .help("remove `retention`, or log to another bucket")
}
