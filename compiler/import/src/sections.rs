//! What sections of databases, caches and search domains have in common: each is a declaration of one environment.

use asiaq_compiler::did_you_mean;
use asiaq_lang::{Diagnostic, Span};

use crate::alarms::as_comment;
use crate::codes;
use crate::draft::{Draft, Node};
use crate::ini::{Section, Setting};
use crate::old::{Old, whole};
use crate::options::{Value, field};
use crate::scopes::Scopes;
use crate::words::{is_name, name_of, words};

/// Adds a declaration to an environment.
pub(crate) fn add_to_environment(draft: &mut Draft, env: &str, node: Node) {
    let head = format!("env {}", word(env));
    match draft.declaration("infra.asq", &head).and_then(|found| found.body.as_mut()) {
        Some(body) => body.push(node),
        None => draft.add("infra.asq", node),
    }
}

/// The name in the program.
pub(crate) fn word(name: &str) -> String {
    if is_name(name) { name.to_owned() } else { name_of(name) }
}

/// A section for an environment that is not known, as a comment.
pub(crate) fn without_environment(draft: &mut Draft, section: &Section, name: &str) {
    let why = format!("the type of the environment `{name}` is not known.");
    draft.add("infra.asq", Node::remark(as_comment(section, &why)));
}

/// A section that nothing reads, as a comment.
pub(crate) fn unread_section(old: &mut Old, draft: &mut Draft, section: &Section, help: &str) {
    let message = format!("nothing reads the section `[{}]`", section.name);
    old.find(Diagnostic::new(codes::UNREAD_SECTION, section.span, message).help(help));
    draft.add("infra.asq", Node::remark(as_comment(section, "nothing read this section.")));
}

/// The field `name` of an option; nothing where the section does not have the option.
pub(crate) fn of_option(
    old: &mut Old,
    setting: Option<&Setting>,
    name: &str,
    value: &mut dyn FnMut(&mut Old, &Setting) -> Value,
) -> Option<Node> {
    let setting = setting?;
    let value = value(old, setting);
    field(old, setting, &Ok(None), name, value)
}

/// A whole number, or what is wrong with it.
pub(crate) fn number(setting: &Setting) -> Result<u64, String> {
    let text = crate::ini::trim(&setting.value);
    text.parse::<u64>().map_err(|_| format!("`{text}` is no whole number"))
}

/// Reports options without which the original fails.
pub(crate) fn require(old: &mut Old, section: &Section, has: &dyn Fn(&str) -> bool, options: &[&str]) {
    let missing = options.iter().filter(|option| !has(option));
    let (empty, missing): (Vec<&str>, Vec<&str>) =
        missing.copied().partition(|option| section.get(option).is_some());
    for setting in empty.iter().filter_map(|option| section.get(option)) {
        let message = format!("`{}` of `[{}]` is empty: the original fails", setting.key, section.name);
        old.find(Diagnostic::new(codes::MISSING_OPTION, whole(setting), message));
    }
    let missing: Vec<String> = missing.iter().map(|option| format!("`{option}`")).collect();
    if !missing.is_empty() {
        let message = format!("`[{}]` lacks {}: the original fails", section.name, missing.join(", "));
        old.find(Diagnostic::new(codes::MISSING_OPTION, section.span, message));
    }
}

/// The options that nothing reads, as comments.
pub(crate) fn unread(old: &mut Old, section: &Section, known: &[&str], of: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    for setting in section.options.iter().filter(|setting| !setting.is_default) {
        if known.contains(&setting.key.as_str()) {
            continue;
        }
        let message = format!("nothing reads the option `{}` of {of}", setting.key);
        let found = Diagnostic::new(codes::UNREAD_OPTION, setting.key_span, message);
        let plain = setting.key.split('@').next().unwrap_or_default();
        old.find(if setting.key.contains('@') && known.contains(&plain) {
            found.help("the section is for one environment: the original knows no `@ENV` here")
        } else if let Some(near) = did_you_mean(&setting.key, known) {
            found.help(format!("did you mean `{near}`?"))
        } else {
            found
        });
        let line = format!("{} = {}", setting.key, setting.value).replace('\n', " ");
        nodes.push(Node::remark(vec![format!("Nothing read this: {line}")]).commented(&setting.comments));
    }
    nodes
}

/// `sat:05:00-sat:06:00` as `sat 05:00..sat 06:00`.
pub(crate) fn weekly(text: &str) -> Option<String> {
    let (from, to) = text.split_once('-')?;
    let end = |text: &str| {
        let (day, time) = crate::ini::trim(text).split_once(':')?;
        let day = day.to_ascii_lowercase();
        let is_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].contains(&day.as_str());
        is_day.then_some(format!("{day} {}", time_of_day(time)?))
    };
    Some(format!("{}..{}", end(from)?, end(to)?))
}

/// `05:04-05:34` as `05:04..05:34`.
pub(crate) fn daily(text: &str) -> Option<String> {
    let (from, to) = text.split_once('-')?;
    Some(format!("{}..{}", time_of_day(crate::ini::trim(from))?, time_of_day(crate::ini::trim(to))?))
}

fn time_of_day(text: &str) -> Option<String> {
    let (hour, minute) = text.split_once(':')?;
    let is_digits =
        |text: &str| (1..=2).contains(&text.len()) && text.chars().all(|one| one.is_ascii_digit());
    let (hours, minutes): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (is_digits(hour) && minute.len() == 2 && is_digits(minute) && hours < 24 && minutes < 60)
        .then(|| format!("{hours:02}:{minutes:02}"))
}

/// Blocks of addresses, each at its place.
pub(crate) fn sources(old: &mut Old, setting: &Setting) -> Vec<Node> {
    let mut items = Vec::new();
    for word in words(&setting.value) {
        let place = old.part(setting, word);
        let Some((net, has_host_bits)) = crate::words::block(word) else {
            let why = format!("`{word}` is no IP address and no CIDR block; they are separated by blanks");
            old.find(Diagnostic::new(codes::BAD_OPTION_VALUE, place, why.clone()));
            items.push(Node::refused(word, place, why));
            continue;
        };
        if has_host_bits {
            crate::old::host_bits(old, place, word, &net.to_string());
        }
        items.push(Node::field(crate::words::place(net), place));
    }
    items
}

/// A tag that a product line is.
pub(crate) fn product_line(key: &str, setting: &Setting, origin: Span) -> Option<Node> {
    if setting.value.is_empty() {
        return None;
    }
    let text = format!("tags = {{ {key} = {} }}", crate::words::quoted(&setting.value));
    let comments = if whole(setting) == origin { setting.comments.as_slice() } else { &[] };
    Some(Node::field(text, origin).commented(comments))
}

/// The value of an option of `[disco_aws]` for an environment.
pub(crate) fn usual<'a>(section: Option<&'a Section>, option: &str, env: &str) -> Option<&'a Setting> {
    let section = section?;
    section.get(&format!("{option}@{}", env.to_ascii_lowercase())).or_else(|| section.get(option))
}

/// Whether an environment is known, as it is written in the name of a section: there case counts.
pub(crate) fn is_known(scopes: &Scopes, env: &str) -> bool {
    scopes.environments.contains_key(env)
}
