//! A tree and its diagnostics as text: every value says what it was taken for.

use std::fmt::Write as _;

use asiaq_lang::{
    Diagnostic, FileId, SourceMap, Span,
    ast::{
        Attribute, Body, Bound, Choice, Comparison, Context, Decl, Effect, Expectation, Expr, ExprKind,
        FieldDecl, File, Item, Member, Op, Setting, Statement, StringPart, TypeExpr, TypeKind,
    },
    parse,
};

/// What a tree says, places and comments left out.
pub(crate) fn tree(file: &File) -> String {
    let mut out = String::new();
    for item in &file.items {
        show_item(&mut out, item);
    }
    out
}

/// What the parser makes of `text`.
pub(crate) fn shown(text: &str) -> String {
    let parsed = parse(FileId(0), text);
    let mut sources = SourceMap::default();
    sources.add("test.asq", text);
    let mut out = tree(&parsed.tree);
    for comment in &parsed.tree.comments {
        let _ = writeln!(out, "comment {}", sources.slice(*comment));
    }
    for allow in &parsed.tree.allows {
        let codes: Vec<_> = allow.codes.iter().map(|code| code.text.as_str()).collect();
        let (written, covered) = (sources.slice(allow.span), sources.slice(allow.covers));
        let covered = covered.replace('\n', "⏎");
        let _ = writeln!(out, "{} allows [{}] in «{covered}»", written.replace('\n', "⏎"), codes.join(", "));
    }
    for diagnostic in &parsed.diagnostics {
        show_diagnostic(&mut out, &sources, diagnostic);
    }
    out
}

fn show_diagnostic(out: &mut String, sources: &SourceMap, diagnostic: &Diagnostic) {
    let at = |span: Span| {
        let start = sources.start(span);
        let text = sources.slice(span).replace('\n', "⏎");
        format!("{}:{} «{text}»", start.line, start.column)
    };
    let _ = writeln!(out, "{} {}: {}", at(diagnostic.primary), diagnostic.code, diagnostic.message);
    for related in &diagnostic.related {
        let _ = writeln!(out, "  {} {}", at(related.span), related.message);
    }
    for edit in diagnostic.fix.iter().flat_map(|fix| &fix.edits) {
        let _ = writeln!(out, "  fix {} → «{}»", at(edit.span), edit.text);
    }
}

fn show_docs(out: &mut String, indent: &str, docs: &[String]) {
    for line in docs {
        let _ = writeln!(out, "{indent}/// {line}");
    }
}

fn show_item(out: &mut String, item: &Item) {
    match item {
        Item::Use(found) => {
            let _ = writeln!(out, "use {}", found.path.text);
        }
        Item::Let(found) => {
            show_docs(out, "", &found.docs);
            let ty = found.ty.as_ref().map(|ty| format!(": {}", ty_text(ty))).unwrap_or_default();
            let _ = writeln!(out, "let {}{ty} = {}", found.name.text, value(&found.value));
        }
        Item::Decl(decl) => show_decl(out, "", decl),
        Item::Expect(expect) => {
            let _ = writeln!(out, "expect {}", expect.context.text);
            for claim in &expect.expectations {
                show_claim(out, claim);
            }
            for claim in &expect.permissions {
                let _ = writeln!(out, "  {} {}", value(&claim.who), statement(&claim.what));
            }
        }
        Item::Moved(moved) => {
            let _ = writeln!(out, "moved {} {} -> {}", moved.kind.text, moved.old, moved.new);
        }
        Item::Kind(kind) => {
            show_docs(out, "", &kind.docs);
            let parents: Vec<_> = kind.parents.iter().map(|name| name.text.as_str()).collect();
            let attribute = |of: &Attribute| {
                let words = [&of.name].into_iter().chain(&of.arguments);
                words.map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
            };
            let attributes: Vec<_> = kind.attributes.iter().map(attribute).collect();
            let attributes = match attributes.as_slice() {
                [] => String::new(),
                found => format!(" : {}", found.join(", ")),
            };
            let _ = writeln!(out, "kind {} in [{}]{attributes}", kind.name.text, parents.join(", "));
            for field in &kind.fields {
                show_property(out, field);
            }
        }
    }
}

fn show_claim(out: &mut String, claim: &Expectation) {
    let can = if claim.can { "can" } else { "cannot" };
    let port = claim.port.as_ref().map(|port| format!(" on {}", value(port))).unwrap_or_default();
    let _ = writeln!(out, "  {} {can} reach {}{port}", value(&claim.from), value(&claim.to));
}

fn show_property(out: &mut String, field: &FieldDecl) {
    show_docs(out, "  ", &field.docs);
    let _ = write!(out, "  {}: {}", field.name.text, ty_text(&field.ty));
    if let Some(default) = &field.default {
        let _ = write!(out, " = {}", value(default));
    }
    if let Some(bounds) = &field.bounds {
        let _ = write!(out, " where {}", value(bounds));
    }
    out.push('\n');
}

fn show_decl(out: &mut String, indent: &str, decl: &Decl) {
    show_docs(out, indent, &decl.docs);
    let replace = if decl.replace.is_some() { "replace " } else { "" };
    let _ = write!(out, "{indent}{replace}{}", decl.kind.text);
    if let Some(name) = &decl.name {
        let _ = write!(out, " {}", name.text);
    }
    if let Some(parent) = &decl.parent {
        let _ = write!(out, " : {}", parent.text);
    }
    if let Some(found) = &decl.value {
        let _ = write!(out, " = {}", value(found));
    }
    out.push('\n');
    show_body(out, &format!("{indent}  "), &decl.body);
}

fn show_body(out: &mut String, indent: &str, body: &Body) {
    for member in &body.members {
        match member {
            Member::Field(field) => {
                show_docs(out, indent, &field.docs);
                let _ = writeln!(out, "{indent}{}", setting(field));
            }
            Member::Decl(decl) => show_decl(out, indent, decl),
            Member::Override(found) => {
                let _ = writeln!(out, "{indent}{}", context(&found.context));
                show_body(out, &format!("{indent}  "), &found.body);
            }
            Member::Statement(found) => {
                show_docs(out, indent, &found.docs);
                let _ = writeln!(out, "{indent}{}", statement(found));
            }
        }
    }
}

fn statement(of: &Statement) -> String {
    let effect = match of.effect {
        Effect::Allow => "allow",
        Effect::Deny => "deny",
    };
    let choice = |word: &str, choice: &Choice| {
        let not = if choice.not.is_some() { "not " } else { "" };
        format!("{word} {not}{}", value(&choice.value))
    };
    let mut out = choice(effect, &of.actions);
    for (word, part) in [("on", &of.resources), ("from", &of.principals)] {
        if let Some(part) = part {
            let _ = write!(out, " {}", choice(word, part));
        }
    }
    for test in &of.tests {
        out.push_str(" when");
        if let Some(quantifier) = &test.quantifier {
            let _ = write!(out, " {} of", quantifier.text);
        }
        let _ = write!(out, " {} <{}>", value(&test.key), test.operator.text);
        if let Some(found) = &test.value {
            let _ = write!(out, " {}", value(found));
        }
        if test.if_present.is_some() {
            out.push_str(" if present");
        }
    }
    if let Some(text) = &of.text {
        let _ = write!(out, " {}", value(text));
    }
    out
}

fn setting(field: &Setting) -> String {
    let context = field.context.as_ref().map(context).unwrap_or_default();
    let op = match field.op {
        Op::Set => "=",
        Op::Append => "+=",
    };
    format!("{}{context} {op} {}", field.name.text, value(&field.value))
}

fn context(context: &Context) -> String {
    let names: Vec<_> = context.names.iter().map(|name| name.text.as_str()).collect();
    format!("@[{}]", names.join(", "))
}

fn ty_text(ty: &TypeExpr) -> String {
    match &ty.kind {
        TypeKind::Named(name) => name.clone(),
        TypeKind::List(inner) => format!("[{}]", ty_text(inner)),
        TypeKind::Optional(inner) => format!("{}?", ty_text(inner)),
        TypeKind::Enum(names) => {
            let names: Vec<_> = names.iter().map(|name| name.text.as_str()).collect();
            format!("enum {{ {} }}", names.join(", "))
        }
    }
}

fn value(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(value).collect::<Vec<_>>().join(", ");
    match &expr.kind {
        ExprKind::Error => "(error)".to_owned(),
        ExprKind::Int(text) => format!("(int {text})"),
        ExprKind::Number(text) => format!("(number {text})"),
        ExprKind::Quantity(number, unit) => format!("(quantity {number} {unit})"),
        ExprKind::String(parts) => {
            let parts: Vec<_> = parts
                .iter()
                .map(|part| match part {
                    StringPart::Text(text) => format!("{text:?}"),
                    StringPart::Interpolation(name) => format!("${{{}}}", name.text),
                })
                .collect();
            format!("(string {})", parts.join(" "))
        }
        ExprKind::Name(text) => text.clone(),
        ExprKind::Path(first, second) => format!("(path {} {})", first.text, second.text),
        ExprKind::Ip(text) => format!("(ip {text})"),
        ExprKind::Cidr(text) => format!("(cidr {text})"),
        ExprKind::Window(text) => format!("(window {text})"),
        ExprKind::Offset(text) => format!("(offset {text})"),
        ExprKind::Sum(name, offset) => format!("(sum {} {offset})", name.text),
        ExprKind::Auto { prefix, pool } => {
            let prefix = prefix.as_ref().map(|prefix| format!(" /{}", prefix.text)).unwrap_or_default();
            let pool = pool.as_ref().map(|pool| format!(" in {}", value(pool))).unwrap_or_default();
            format!("(auto{prefix}{pool})")
        }
        ExprKind::Range(from, to) => format!("(range {} {})", value(from), value(to)),
        ExprKind::List(items) => format!("[{}]", list(items)),
        ExprKind::Record(fields) => {
            format!("{{{}}}", fields.iter().map(setting).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Rule(rule) => {
            let part = |name: &str, part: &Option<Expr>| {
                part.as_ref().map(|part| format!(" {name} {}", value(part))).unwrap_or_default()
            };
            format!(
                "(rule {}{}{} from {}{})",
                rule.protocol.text,
                part("number", &rule.number),
                part("ports", &rule.ports),
                value(&rule.sources),
                part("why", &rule.why)
            )
        }
        ExprKind::Route(route) => {
            let network = route.network.as_ref().map(|name| format!(" {}", name.text)).unwrap_or_default();
            format!("(route {} via {}{network})", value(&route.destination), route.via.text)
        }
        ExprKind::Link(from, to) => format!("(link {} {})", value(from), value(to)),
        ExprKind::Phrase(word, argument) => format!("(phrase {} {})", word.text, value(argument)),
        ExprKind::Arrow(front, back) => format!("(arrow {} {})", value(front), value(back)),
        ExprKind::Redirect(front, to) => format!("(redirect {} {})", value(front), value(to)),
        ExprKind::Timed(size, time) => format!("(timed {} {})", value(size), value(time)),
        ExprKind::Condition(condition) => {
            let bounds: Vec<String> = condition.bounds.iter().map(bound).collect();
            let lasting = format!("for {} {}", value(&condition.periods), value(&condition.period));
            format!("(condition {} {lasting})", bounds.join(" or "))
        }
    }
}

fn bound(bound: &Bound) -> String {
    let comparison = match bound.comparison {
        Comparison::Above => ">",
        Comparison::AtLeast => ">=",
        Comparison::Below => "<",
        Comparison::AtMost => "<=",
    };
    format!("{} {comparison} {}", bound.statistic.text, value(&bound.threshold))
}
