//! The table of the members of requests, from its two files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::classes::Class;

/// What is said of one member: the values of the facts by their names, and the manual that says something.
#[derive(Clone, Default)]
struct Member {
    facts: BTreeMap<String, String>,
    manual: Option<String>,
}

/// The table as Rust.
pub(crate) fn table(models: &str, manuals: &str) -> Result<String, String> {
    let mut members = BTreeMap::new();
    for line in lines(models) {
        let (name, facts) = line.split_once('\t').unwrap_or((line, ""));
        members.insert(name, Member { facts: read(facts.split('\t')), manual: None });
    }
    for line in lines(manuals) {
        let mut columns = line.split("\t| ");
        let (Some(facts), Some(manual), Some(_)) = (columns.next(), columns.next(), columns.next()) else {
            return Err(format!("manuals.txt: `{line}` has a member, facts, a manual and a day"));
        };
        let (pattern, facts) = facts.split_once('\t').unwrap_or((facts, ""));
        let matching: Vec<&mut Member> =
            members.iter_mut().filter(|(name, _)| matches(pattern, name)).map(|(_, member)| member).collect();
        if matching.is_empty() {
            return Err(format!("manuals.txt: nothing that is sent is called `{pattern}`"));
        }
        for member in matching {
            let said = read(classes_whole(facts));
            if said.contains_key("chars") {
                member.facts.remove("unread");
            }
            member.facts.extend(said);
            member.manual = Some(manual.to_owned());
        }
    }
    let mut text = String::from("pub(super) const TABLE: &[Shape] = &[\n");
    for (name, member) in &members {
        let _ = writeln!(text, "    {},", shape(name, member).map_err(|why| format!("{name}: {why}"))?);
    }
    text.push_str("];\n");
    Ok(text)
}

/// The facts of a line of the manuals: `chars` is the last one, and may contain spaces.
fn classes_whole(facts: &str) -> impl Iterator<Item = &str> {
    let (plain, class) = match facts.find("chars=") {
        Some(at) => facts.split_at(at),
        None => (facts, ""),
    };
    plain.split(' ').chain([class]).filter(|fact| !fact.is_empty())
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn read<'t>(facts: impl Iterator<Item = &'t str>) -> BTreeMap<String, String> {
    let facts = facts.filter(|fact| !fact.is_empty()).map(|fact| fact.split_once('=').unwrap_or((fact, "")));
    facts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Whether `name` is `pattern`, where `*` is any text.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
        None => name == pattern,
    }
}

fn shape(name: &str, member: &Member) -> Result<String, String> {
    let mut fields = vec![format!("name: {name:?}")];
    for (fact, value) in &member.facts {
        fields.push(match fact.as_str() {
            "required" => "is_required: true".to_owned(),
            "length" | "value" | "count" => format!("{fact}: Some({})", range(value)?),
            "bytes" => format!("bytes: Some({value})"),
            "words" => format!("words: &{:?}", value.split(',').collect::<Vec<_>>()),
            "chars" | "first" => {
                let class = Class::read(value)?;
                format!("{fact}: Some(&Characters {{ class: {}, shown: {:?} }})", class.rust(), class.words())
            }
            // A pattern that is more than a class: lists of fields without a limit show it.
            "unread" => format!("unread: Some({value:?})"),
            _ => return Err(format!("there is no fact `{fact}`")),
        });
    }
    if let Some(manual) = &member.manual {
        fields.push(format!("manual: Some({manual:?})"));
    }
    Ok(format!("Shape {{ {}, ..NOTHING }}", fields.join(", ")))
}

/// `1..255`, where either end may be absent.
fn range(text: &str) -> Result<String, String> {
    let (least, most) = text.split_once("..").ok_or_else(|| format!("`{text}` is not a range"))?;
    let end = |text: &str, default: &str| match text {
        "" => Ok(default.to_owned()),
        number => number
            .parse::<i64>()
            .map(|number| number.to_string())
            .map_err(|_| format!("`{text}` is not a number")),
    };
    Ok(format!("Range {{ least: {}, most: {} }}", end(least, "i64::MIN")?, end(most, "i64::MAX")?))
}
