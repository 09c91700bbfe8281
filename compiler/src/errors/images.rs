//! AMIs and key pairs that do not exist or do not fit.

use asiaq_lang::{Diagnostic, Span};

use super::{codes, few, listed};
use crate::library;

pub(crate) fn image_unknown(
    span: Span,
    hostclass: &str,
    envs: &[String],
    region: &str,
    near: Option<String>,
) -> Diagnostic {
    let message = format!("there is no AMI of `{hostclass}` for {} in {region}", few(envs));
    let found = Diagnostic::new(codes::IMAGE_UNKNOWN, span, message).label("no AMI for this");
    match near {
        Some(near) => found.help(format!("the newest AMI of that name, {near}")),
        None => found.help(format!(
            "create one named `{hostclass} SECONDS`, or choose another in the hostclass: `ami {{ newest = \"…\", owner = \"…\" }}`"
        )),
    }
}

pub(crate) fn image_of_another(span: Span, image: &str, of: &str, hostclass: &str) -> Diagnostic {
    Diagnostic::new(
        codes::IMAGE_OF_ANOTHER,
        span,
        format!("{image} is an AMI of `{of}`, not of `{hostclass}`"),
    )
    .label("AMI of another hostclass")
    .help(format!(
        "set an AMI of `{hostclass}`, or write `allow(image-of-another)` before the declaration if both use it"
    ))
}

pub(crate) fn image_architecture(
    span: Span,
    instance_type: &str,
    image: &str,
    architecture: &str,
) -> Diagnostic {
    Diagnostic::new(
        codes::IMAGE_ARCHITECTURE,
        span,
        format!("`{instance_type}` cannot run {image}, which is built for {architecture}"),
    )
    .label(format!("cannot run {architecture} AMIs"))
    .help("use an instance type of that architecture, or an AMI for this one")
}

pub(crate) fn images_of_other_architectures(
    span: Span,
    instance_type: &str,
    pattern: &str,
    architectures: &[&str],
) -> Diagnostic {
    let message =
        format!("`{instance_type}` cannot run any AMI `{pattern}`: they are for {}", listed(architectures));
    Diagnostic::new(codes::IMAGE_ARCHITECTURE, span, message)
        .label(format!("cannot run {} AMIs", listed(architectures)))
        .help("use an instance type of that architecture, or a pattern that matches AMIs for this one")
}

/// A pattern or parameter that names another architecture than that of the instances.
pub(crate) fn image_name_architecture(
    span: Span,
    instance_type: &str,
    architecture: &str,
    (name, place): (&str, Span),
) -> Diagnostic {
    let message =
        format!("`{instance_type}` is {architecture}, and `{name}` names AMIs of another architecture");
    Diagnostic::new(codes::IMAGE_ARCHITECTURE, span, message)
        .label(format!("runs {architecture} AMIs"))
        .related(place, "the AMI is chosen here")
        .help("use an instance type of that architecture, or an AMI for this one")
}

pub(crate) fn no_such_image(span: Span, image: &str, region: &str) -> Diagnostic {
    Diagnostic::new(codes::IMAGE_UNKNOWN, span, format!("there is no AMI {image} in {region}"))
        .label("no AMI for this")
        .help(
            "an AMI has another id in each region; it may also have been deregistered, or not be shared with the account",
        )
}

pub(crate) fn no_key_pair(span: Span, name: &str, region: &str) -> Diagnostic {
    Diagnostic::new(codes::KEY_PAIR_UNKNOWN, span, format!("there is no key pair `{name}` in {region}"))
        .label("no key pair of this name")
        .help(format!(
            "each region has its own key pairs: import the public key, as in `aws ec2 import-key-pair --region {region} \
             --key-name {name} --public-key-material fileb://key.pub`, or remove `key`"
        ))
}

pub(crate) fn image_not_available(span: Span, image: &str) -> Diagnostic {
    Diagnostic::new(codes::IMAGE_UNKNOWN, span, format!("AMI {image} is not available"))
        .label("AWS is still creating it, or it has failed")
        .help("wait until its state is `available`, or use another one")
}

pub(crate) fn no_image_like(span: Span, pattern: &str, owner: &str, region: &str) -> Diagnostic {
    let message = format!("no AMI of `{owner}` in {region} has a name like `{pattern}`");
    Diagnostic::new(codes::IMAGE_UNKNOWN, span, message).label("no AMI for this").help(format!(
        "`*` stands for any text, and capital letters count; `aws ec2 describe-images --region {region} --owners \
         {owner} --query 'Images[].Name'` lists the names"
    ))
}

pub(crate) fn image_of_several(span: Span, pattern: &str, owner: &str, accounts: &[&str]) -> Diagnostic {
    let message = format!("`{pattern}` matches AMIs of {} accounts of `{owner}`", accounts.len());
    Diagnostic::new(codes::IMAGE_OF_SEVERAL, span, message)
        .label(format!("could be {}", listed(accounts)))
        .help("write the account as `owner`, or a pattern that matches the AMIs of one account only")
}

pub(crate) fn no_parameter(span: Span, name: &str, region: &str) -> Diagnostic {
    let message = format!("there is no Systems Manager parameter `{name}` in {region}");
    let found = Diagnostic::new(codes::IMAGE_UNKNOWN, span, message).label("no parameter of this name");
    if name.starts_with("/aws/service/") {
        return found.help(
            "`aws ssm get-parameters-by-path --path /aws/service/ami-amazon-linux-latest` lists those of Amazon Linux",
        );
    }
    found.help("create it with the id of an AMI as its value, or correct the name")
}

pub(crate) fn parameter_without_image(span: Span, name: &str, value: &str) -> Diagnostic {
    let found = Diagnostic::new(
        codes::IMAGE_UNKNOWN,
        span,
        format!("the value of parameter `{name}` is not an AMI id"),
    )
    .label("does not hold the id of an AMI");
    if value.trim_start().starts_with('{') {
        return found.help(format!("it holds several values; write `{name}/image_id`"));
    }
    found.help("its value must be an id such as `ami-0123456789abcdef0`")
}

// --------------------------------------------------------------------------------------------- Settings

pub(crate) fn image_chosen_twice(span: Span, field: &str, other: &str, place: Span) -> Diagnostic {
    Diagnostic::new(codes::IMAGE_SETTINGS, span, format!("`{field}` and `{other}` both choose the AMI"))
        .label(format!("`{field}` is set here"))
        .related(place, format!("`{other}` is set here"))
        .help("remove one of them; `replace ami { … }` in a hostclass that inherits discards the inherited block")
}

pub(crate) fn newest_without_owner(span: Span, pattern: &str) -> Diagnostic {
    let found = Diagnostic::new(codes::IMAGE_SETTINGS, span, "`newest` needs the `owner` of the AMIs")
        .label("anybody can publish an AMI of such a name");
    match library::known_owner(pattern) {
        Some((owner, name)) => found.help(format!("add `owner = \"{owner}\"`, which is {name}")),
        None => found.help("add `owner = \"…\"`: an account id, `\"self\"` or `\"amazon\"`"),
    }
}

pub(crate) fn image_setting_without(span: Span, field: &str, needs: &str) -> Diagnostic {
    Diagnostic::new(codes::IMAGE_SETTINGS, span, format!("`{field}` has an effect only with `{needs}`"))
        .label("has no effect")
        .help(format!("add `{needs} = …`, or remove `{field}`"))
}

pub(crate) fn image_setting_of_hostclass(span: Span, field: &str, chosen: &str, place: Span) -> Diagnostic {
    let message = format!("`{field}` has no effect with `{chosen}`");
    Diagnostic::new(codes::IMAGE_SETTINGS, span, message)
        .label("for AMIs that are named after the hostclass")
        .related(place, format!("`{chosen}` chooses the AMI"))
        .help(format!("remove `{field}`"))
}

pub(crate) fn not_an_owner(span: Span, owner: &str) -> Diagnostic {
    Diagnostic::new(codes::IMAGE_SETTINGS, span, format!("`{owner}` is not an owner of AMIs"))
        .label("not an account id or alias")
        .help(format!("write an account id of twelve digits, or one of {}", quoted(library::OWNER_ALIASES)))
}

pub(crate) fn image_pattern(span: Span, why: &str) -> Diagnostic {
    Diagnostic::new(codes::IMAGE_SETTINGS, span, format!("no AMI can have a name like this: {why}"))
        .label("not a pattern of AMI names")
        .help("names have 3 to 128 letters, digits, spaces and the characters `()[]./-'@_`; `*` and `?` stand for others")
}

pub(crate) fn image_pattern_of_everything(span: Span) -> Diagnostic {
    Diagnostic::new(codes::IMAGE_SETTINGS, span, "this pattern matches every AMI of the owner")
        .label("matches everything")
        .help("write the beginning of the name, as in `\"debian-12-*\"`")
}

pub(crate) fn parameter_name(span: Span, name: &str, why: &str) -> Diagnostic {
    let found = Diagnostic::new(
        codes::IMAGE_SETTINGS,
        span,
        format!("no Systems Manager parameter can be called `{name}`: {why}"),
    )
    .label("not the name of a parameter");
    match name.strip_prefix("resolve:ssm:") {
        Some(bare) => found.help(format!("write `\"{bare}\"`")),
        None => {
            found.help("names have letters, digits and the characters `_.-/`, as in `\"/aws/service/…\"`")
        }
    }
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    words.join(", ")
}

pub(crate) fn shared_with_itself(span: Span, account: &str) -> Diagnostic {
    Diagnostic::new(
        codes::IMAGE_SETTINGS,
        span,
        format!("the AMIs of `{account}` are in `{account}` already"),
    )
    .label("the account itself")
    .help("name other accounts of the program")
}

pub(crate) fn shares_nothing(span: Span, field: &str) -> Diagnostic {
    let help = match field {
        "to" => "name accounts of the program, as in `to = [production]`, or remove `image_share`",
        _ => "write values of the tag `baker`, as in `bakers = [\"jenkins\"]`, or remove `image_share`",
    };
    Diagnostic::new(codes::IMAGE_SETTINGS, span, format!("with an empty `{field}`, no AMI is shared"))
        .label("is empty")
        .help(help)
}
