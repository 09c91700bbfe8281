//! The code of a grammar: one function a rule, which takes the place where it is tried and gives the place where
//! it ends. What an alternative may begin with is looked at before it is tried.

use std::fmt::Write as _;

use pest_meta::ast::{Expr, Rule, RuleType};

use crate::first::{Bytes, Grammar};

/// The functions of `rules`, and the enum of their names.
pub(crate) fn of(rules: &[Rule]) -> String {
    let mut code = String::from(
        "/// The rules of the grammar.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub(crate) enum Rule {\n",
    );
    for rule in rules.iter().filter(|rule| rule.ty != RuleType::Silent) {
        let _ = writeln!(code, "    {},", name(&rule.name));
    }
    code.push_str("}\n");
    let mut writer = Writer { grammar: Grammar(rules), labels: 0 };
    for rule in rules {
        code.push_str(&writer.function(rule));
    }
    code
}

/// A rule's name where it is a word of Rust.
fn name(rule: &str) -> String {
    if ["override", "type"].contains(&rule) { format!("r#{rule}") } else { rule.to_owned() }
}

struct Writer<'r> {
    grammar: Grammar<'r>,
    labels: usize,
}

/// Whether what an expression takes is kept as nodes; as the generated code has it.
#[derive(Clone, Copy, PartialEq)]
enum Keep {
    /// As the caller of the function wants.
    AsAsked,
    Never,
}

impl Keep {
    fn code(self) -> &'static str {
        match self {
            Self::AsAsked => "KEEP",
            Self::Never => "false",
        }
    }
}

impl Writer<'_> {
    fn function(&mut self, rule: &Rule) -> String {
        let rule_name = name(&rule.name);
        let body = match rule.ty {
            RuleType::Silent => self.expr(&rule.expr, Keep::AsAsked),
            RuleType::CompoundAtomic => {
                let inner = self.expr(&rule.expr, Keep::AsAsked);
                format!(
                    "let node = m.open::<KEEP>(at);\nlet end = {inner};\nm.close::<KEEP>(Rule::{rule_name}, node, at, end)"
                )
            }
            RuleType::Atomic => {
                if let Some(inner) = self.node_in(&rule.expr) {
                    panic!("`{}` keeps what is inside to itself, but `{inner}` in it does not", rule.name);
                }
                let inner = self.expr(&rule.expr, Keep::Never);
                format!("let end = {inner};\nm.leaf::<KEEP>(Rule::{rule_name}, at, end)")
            }
            RuleType::Normal | RuleType::NonAtomic => {
                panic!("`{}` has to say what it does about white space: `_`, `@` or `$`", rule.name)
            }
        };
        format!(
            "#[inline]\nfn {}<const KEEP: bool>(m: &mut Matcher<'_>, at: usize) -> Option<usize> {{\nm.step();\n{body}\n}}\n",
            function_name(&rule.name),
        )
    }

    /// A `$` rule that `expr` would make a node of.
    fn node_in(&self, expr: &Expr) -> Option<String> {
        match expr {
            Expr::Ident(name) => {
                let rule = self.grammar.rule(name)?;
                match rule.ty {
                    RuleType::CompoundAtomic => Some(name.clone()),
                    RuleType::Silent => self.node_in(&rule.expr),
                    RuleType::Atomic | RuleType::Normal | RuleType::NonAtomic => None,
                }
            }
            Expr::Seq(left, right) | Expr::Choice(left, right) => {
                self.node_in(left).or_else(|| self.node_in(right))
            }
            Expr::Opt(inner) | Expr::Rep(inner) | Expr::RepOnce(inner) => self.node_in(inner),
            _ => None,
        }
    }

    /// The code of an expression that is tried at `at`: an `Option` of where it ends.
    fn expr(&mut self, expr: &Expr, keep: Keep) -> String {
        if let Some(bytes) = self.grammar.class(expr) {
            return format!("m.one(at, |byte| matches!(byte, {}))", bytes.pattern());
        }
        match expr {
            Expr::Str(text) => format!("m.text(at, {text:?})"),
            Expr::Ident(name) => self.ident(name, keep),
            Expr::PosPred(inner) => {
                let inner = self.expr(inner, Keep::Never);
                format!("match {inner} {{ Some(_) => Some(at), None => None }}")
            }
            Expr::NegPred(inner) => {
                let inner = self.expr(inner, Keep::Never);
                format!("match {inner} {{ Some(_) => None, None => Some(at) }}")
            }
            Expr::Seq(left, right) => {
                let (left, right) = (self.expr(left, keep), self.expr(right, keep));
                format!("match {left} {{ Some(at) => {right}, None => None }}")
            }
            Expr::Choice(..) => self.choice(expr, keep),
            Expr::Opt(inner) => self.optional(inner, keep),
            Expr::Rep(inner) => self.repeated(inner, keep),
            Expr::RepOnce(inner) => {
                let (once, more) = (self.expr(inner, keep), self.repeated(inner, keep));
                format!("match {once} {{ Some(at) => {more}, None => None }}")
            }
            other => panic!("the parser knows no {other:?}"),
        }
    }

    fn ident(&self, name: &str, keep: Keep) -> String {
        match (self.grammar.rule(name), name) {
            (Some(_), _) => format!("{}::<{}>(m, at)", function_name(name), keep.code()),
            (None, "SOI") => "Matcher::start(at)".to_owned(),
            (None, "EOI") => "m.end(at)".to_owned(),
            (None, "ANY") => "m.any(at)".to_owned(),
            (None, _) => panic!("the parser knows no `{name}`"),
        }
    }

    /// The first alternative that matches.
    fn choice(&mut self, expr: &Expr, keep: Keep) -> String {
        let mut alternatives = Vec::new();
        flatten(expr, &mut alternatives);
        let label = self.label();
        let mut code = format!("{label}: {{\nlet mark = m.mark();\n");
        for alternative in alternatives {
            let tried = self.expr(alternative, keep);
            let _ = writeln!(
                code,
                "if {} {{ if let Some(to) = {tried} {{ break {label} Some(to); }} m.reset::<{}>(mark); }}",
                self.guard(alternative),
                keep.code()
            );
        }
        code + "None\n}"
    }

    fn optional(&mut self, inner: &Expr, keep: Keep) -> String {
        let tried = self.expr(inner, keep);
        format!(
            "if {} {{ let mark = m.mark(); match {tried} {{ Some(to) => Some(to), None => {{ m.reset::<{}>(mark); \
             Some(at) }} }} }} else {{ Some(at) }}",
            self.guard(inner),
            keep.code()
        )
    }

    fn repeated(&mut self, inner: &Expr, keep: Keep) -> String {
        if let Some(bytes) = self.grammar.class(inner) {
            return format!("m.run(at, |byte| matches!(byte, {}))", bytes.pattern());
        }
        if let Some(bytes) = self.anything_but(inner) {
            return format!("m.run(at, |byte| !matches!(byte, {}))", bytes.pattern());
        }
        let tried = self.expr(inner, keep);
        format!(
            "{{ let mut at = at; while {} {{ let mark = m.mark(); m.step(); match {tried} {{ Some(to) => at = to, \
             None => {{ m.reset::<{}>(mark); break }} }} }} Some(at) }}",
            self.guard(inner),
            keep.code()
        )
    }

    /// The bytes that `(!class ~ ANY)` stops at.
    fn anything_but(&self, expr: &Expr) -> Option<Bytes> {
        match expr {
            Expr::Seq(left, right) => match (&**left, &**right) {
                (Expr::NegPred(class), Expr::Ident(any)) if any == "ANY" => self.grammar.class(class),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether an expression may begin with the next byte.
    fn guard(&self, expr: &Expr) -> String {
        let first = self.grammar.first(expr);
        if first.is_nullable || first.bytes == Bytes::all() {
            return "true".to_owned();
        }
        format!("m.next(at, |byte| matches!(byte, {}))", first.bytes.pattern())
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("'choice{}", self.labels)
    }
}

fn function_name(rule: &str) -> String {
    format!("match_{}", rule.to_lowercase())
}

fn flatten<'e>(expr: &'e Expr, into: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Choice(left, right) => {
            flatten(left, into);
            flatten(right, into);
        }
        other => into.push(other),
    }
}
