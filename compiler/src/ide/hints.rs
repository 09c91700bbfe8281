//! Inlay hints: the CIDR block of `auto`, numbers of addresses, values that environments override.

use asiaq_lang::Span;
use asiaq_lang::ast::{Body, Decl, Expr, ExprKind, Item, Member, Op, Setting};

use super::{Analysis, markdown, values};
use crate::library::kinds;
use crate::model::Environment;
use crate::names::is_environment;

/// Characters of a value that is shown in the text.
const WIDTH: usize = 24;

/// A text shown in the program that is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Bytes before it.
    pub at: u32,
    /// The text.
    pub label: String,
    /// A longer explanation, in Markdown.
    pub tooltip: Option<String>,
}

impl Analysis {
    /// The hints within a span, in order of place.
    pub fn hints(&self, span: Span) -> Vec<Hint> {
        let Some(tree) = self.tree(span.file) else { return Vec::new() };
        let mut hints = Vec::new();
        for item in &tree.items {
            let Item::Decl(decl) = item else { continue };
            if meets(decl.span, span) {
                self.hints_in(&mut vec![decl], &decl.body, span, &mut hints);
            }
        }
        hints.retain(|hint| (span.start..=span.end).contains(&hint.at));
        hints.sort_by_key(|hint| hint.at);
        hints
    }

    fn hints_in<'a>(&self, decls: &mut Vec<&'a Decl>, body: &'a Body, span: Span, hints: &mut Vec<Hint>) {
        for member in &body.members {
            match member {
                Member::Field(setting) if meets(setting.span, span) => {
                    hints.extend(self.setting_hint(decls, setting));
                }
                Member::Decl(decl) if meets(decl.span, span) => {
                    decls.push(decl);
                    hints.extend(self.share_hint(decls, decl));
                    self.hints_in(decls, &decl.body, span, hints);
                    decls.pop();
                }
                Member::Override(inner) if meets(inner.span, span) => {
                    self.hints_in(decls, &inner.body, span, hints);
                }
                Member::Field(_) | Member::Decl(_) | Member::Override(_) | Member::Statement(_) => {}
            }
        }
    }

    /// Behind the name of a metanetwork without `cidr`: its CIDR block.
    fn share_hint(&self, decls: &[&Decl], decl: &Decl) -> Option<Hint> {
        let name = decl.name.as_ref().filter(|_| decl.kind.text == kinds::METANETWORK)?;
        let owner = owner(decls)?;
        let rows: Vec<(String, String)> = self
            .environments(Some(owner))
            .into_iter()
            .filter_map(|env| {
                let network = env.network(&name.text)?;
                let is_said = network.cidr.is_said();
                (!is_said && network.span == name.span).then(|| self.block_row(env, &name.text))
            })
            .collect();
        hint(name.span.end, "", "CIDR block", &rows)
    }

    fn setting_hint(&self, decls: &[&Decl], setting: &Setting) -> Option<Hint> {
        let at = setting.value.span.end;
        let field = setting.name.text.as_str();
        if let [.., decl] = decls
            && let Some(owner) = owner(decls)
            && field == "cidr"
        {
            let network = decl.name.as_ref().filter(|_| decl.kind.text == kinds::METANETWORK);
            let rows = self.environments(Some(owner)).into_iter().filter_map(|env| {
                let Some(name) = network else {
                    let laid = self.layout().0.get(&env.name)?;
                    let is_chosen = env.cidr.span() == setting.span && is_auto(&setting.value);
                    return is_chosen.then(|| (env.name.clone(), laid.cidr.to_string()));
                };
                (env.network(&name.text)?.cidr.span() == setting.span).then(|| {
                    let (env, text) = self.block_row(env, &name.text);
                    let usable = if is_auto(&setting.value) {
                        text
                    } else {
                        text.split_once(", ").map_or("", |(_, usable)| usable).to_owned()
                    };
                    (env, usable)
                })
            });
            let rows: Vec<(String, String)> = rows.collect();
            let sign = if is_auto(&setting.value) { "= " } else { "" };
            return hint(at, sign, "CIDR block", &rows).or_else(|| self.differing(decls, setting));
        }
        if let ([decl], "ip") = (decls, field)
            && matches!(setting.value.kind, ExprKind::Offset(_) | ExprKind::Sum(..))
            && let Some(name) = &decl.name
        {
            let rows = self.environments(None).into_iter().filter_map(|env| {
                let host = env.host(&name.text)?;
                let ip = host.ip.as_ref().filter(|ip| ip.span() == setting.span)?;
                let address = self.address_of(&env.name, &ip.value, Some(&host.network.value))?;
                Some((env.name.clone(), address))
            });
            return hint(at, "= ", "Address", &rows.collect::<Vec<_>>());
        }
        self.differing(decls, setting)
    }

    /// Behind a value that some environments override: their values.
    fn differing(&self, decls: &[&Decl], setting: &Setting) -> Option<Hint> {
        if setting.context.is_some() || setting.op == Op::Append {
            return None;
        }
        let path = values::path(decls, &setting.name.text)?;
        let here = self.sources().slice(setting.value.span);
        let rows: Vec<(String, String)> = self
            .chains(&path)
            .filter(|(_, chain)| chain.first() != Some(&setting.span) && chain.contains(&setting.span))
            .map(|(env, chain)| (env.name.clone(), self.value_of(&path, chain)))
            .filter(|(_, value)| value != here && value.chars().count() <= WIDTH)
            .collect();
        let at = setting.value.span.end;
        match rows.as_slice() {
            [] => None,
            [(env, value)] => Some(Hint { at, label: format!("{env}: {value}"), tooltip: None }),
            rows => {
                let (_, first) = rows.first()?;
                let same = rows.iter().all(|(_, value)| value == first);
                let label = if same {
                    format!("{} environments: {first}", rows.len())
                } else {
                    format!("{} environments differ", rows.len())
                };
                Some(Hint { at, label, tooltip: Some(table("Value", rows)) })
            }
        }
    }

    /// The environment, and the CIDR block of a metanetwork in it with its number of usable addresses.
    fn block_row(&self, env: &Environment, network: &str) -> (String, String) {
        let (block, usable) = self.block_and_usable(&env.name, network);
        let block = block.trim_matches('`');
        let text = if usable.is_empty() { block.to_owned() } else { format!("{block}, {usable} usable") };
        (env.name.clone(), text)
    }
}

/// The hint for the values of each environment: the value if all agree, else an ellipsis and a table.
fn hint(at: u32, sign: &str, heading: &str, rows: &[(String, String)]) -> Option<Hint> {
    let (_, first) = rows.first().filter(|(_, value)| !value.is_empty())?;
    if rows.iter().all(|(_, value)| value == first) {
        return Some(Hint { at, label: format!("{sign}{first}"), tooltip: None });
    }
    Some(Hint { at, label: format!("{sign}…"), tooltip: Some(table(heading, rows)) })
}

fn table(heading: &str, rows: &[(String, String)]) -> String {
    let rows: Vec<[String; 2]> =
        rows.iter().map(|(env, value)| [markdown::code(env), markdown::value(value)]).collect();
    markdown::table(["Environment", heading], &rows)
}

fn owner<'a>(decls: &[&'a Decl]) -> Option<&'a str> {
    let top = decls.first().filter(|top| is_environment(&top.kind.text))?;
    top.name.as_ref().map(|name| name.text.as_str())
}

fn is_auto(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Auto { .. })
}

fn meets(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}
