//! Bakes that cannot be run.

use asiaq_lang::{Diagnostic, Span};

use super::{codes, listed};

fn setting(span: Span, message: &str, label: &str, help: &str) -> Diagnostic {
    Diagnostic::new(codes::BAKE_SETTING, span, message).label(label).help(help)
}

pub(crate) fn bake_without_bakery(span: Span) -> Diagnostic {
    setting(
        span,
        "the project has no `bakery` in which this AMI can be made",
        "needs a bakery",
        "add `bakery { env = NAME }` to the project, with the environment in which bakes are to run",
    )
}

pub(crate) fn bakery_without_network(span: Span, usual: &str, env: &str, known: &[&str]) -> Diagnostic {
    let message = format!("environment `{env}` has no metanetwork `{usual}` for bakes to run in");
    let help = match known {
        [] => format!("declare one in `{env}`, and set `network`"),
        known => format!("set `network` to a metanetwork of `{env}`: {}", listed(known)),
    };
    setting(span, &message, "sets no `network`", &help)
}

pub(crate) fn not_an_absolute_path(span: Span, field: &str, path: &str) -> Diagnostic {
    let message = format!("`{path}` is not the path of a folder on an instance");
    setting(span, &message, &format!("not a `{field}`"), "write a path that begins with `/` and has no `..`")
}

pub(crate) fn destination_is_root(span: Span) -> Diagnostic {
    setting(
        span,
        "scripts cannot run in the top folder of the instance",
        "`sources` would be copied over the system",
        "write a folder of their own, such as `\"/opt/asiaq\"`",
    )
}

pub(crate) fn image_name_too_long(span: Span, name: &str, most: usize) -> Diagnostic {
    let message = format!("an AMI of `{name}` would have too long a name");
    let label = format!("has {} characters, and {most} leave room for the time", name.len());
    setting(span, &message, &label, "choose a shorter name")
}

pub(crate) fn image_named_like_hostclass(span: Span, name: &str, other: Span) -> Diagnostic {
    setting(
        span,
        &format!("the image and the hostclass `{name}` would make AMIs of the same name"),
        "also the name of a hostclass that is baked",
        "rename the image",
    )
    .related(other, "AMIs of the hostclass")
}

pub(crate) fn bake_from_two(span: Span) -> Diagnostic {
    setting(
        span,
        "`image` and the block `ami` both choose what the bake starts from",
        "and there is a block `ami`",
        "remove one of them",
    )
}

pub(crate) fn bake_from_nothing(span: Span, kind: &str) -> Diagnostic {
    let image = if kind == "bake" { "`image = NAME`, or " } else { "" };
    setting(
        span,
        "nothing says which AMI this starts from",
        "starts from no AMI",
        &format!(
            "add {image}a block such as `ami {{ newest = \"debian-12-amd64-*\", owner = \"136693071363\" }}`"
        ),
    )
}

pub(crate) fn base_setting(span: Span, field: &str, kind: &str) -> Diagnostic {
    setting(
        span,
        &format!("`{field}` has no effect in the `ami` of a block `{kind}`"),
        "for the AMIs of hostclasses",
        &format!("remove `{field}`"),
    )
}

pub(crate) fn not_a_login_user(span: Span, user: &str) -> Diagnostic {
    setting(
        span,
        &format!("`{user}` cannot be a user of the base AMI"),
        "not the name of a user",
        "write the user that the AMI lets in over SSH, such as `ubuntu`, `admin` or `ec2-user`",
    )
}
