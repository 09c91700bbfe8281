//! Claims about who may do what in accounts: `role deployer cannot iam:*`.
//!
//! `can` holds if all that is meant is surely allowed, and `cannot` if it is surely denied, whatever a request has besides.
//! A claim fails for a request that was found and tried; where neither is sure, it is said not to be known.

use asiaq_iam::check::{Use, check, may_apply};
use asiaq_iam::document::{Choice, Condition, Document, Effect, Operator, Statement, Test, Text, Version};
use asiaq_iam::evaluate::{Answer, Context, Decision, Example, Found, Layer, Open, Value};
use asiaq_iam::{Code, Severity};
use asiaq_lang::ast::{Expect, Expr, ExprKind, Permitted};
use asiaq_lang::{Diagnostic, SourceMap, Span};

use crate::errors::{self, Asked, Form};
use crate::library::kinds;
use crate::model::{Account, Model, claimed};
use crate::names::Names;
use crate::permission::{Case, Subject, layer_words, one_line, open_words};
use crate::typing::plain;

/// A claim about one account, of which the names are known.
pub(super) struct Understood {
    /// Its place in the source.
    span: Span,
    /// The accounts of the project by number.
    account: usize,
    /// Who: kind and name.
    who: Vec<(String, String)>,
    /// What they can do, or cannot.
    what: Statement<Span>,
}

/// Claims, and what is said of them if the project is sound.
#[derive(Default)]
pub(super) struct Claims {
    claims: Vec<Understood>,
    warnings: Vec<Diagnostic>,
}

/// Reads the claims of a block.
pub(super) fn read(
    expect: &Expect,
    names: &Names<'_>,
    model: &Model,
    claims: &mut Claims,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let context = &expect.context;
    let is_declared = |kind: &&str| names.get(kind, &context.text).is_some();
    let Some(kind) = [kinds::ACCOUNT, kinds::ACCOUNTTYPE].into_iter().find(is_declared) else {
        let known: Vec<&str> =
            names.of_kind(kinds::ACCOUNT).chain(names.of_kind(kinds::ACCOUNTTYPE)).collect();
        let is_environment = names.environment(&context.text).is_some();
        diagnostics.push(errors::unknown_account(context, is_environment, &known));
        return;
    };
    if model.accounts.len() < names.of_kind(kinds::ACCOUNT).count() {
        // Of a broken account, nothing is known.
        return;
    }
    let is_of = |account: &Account| {
        kind == kinds::ACCOUNT && account.name == context.text
            || kind == kinds::ACCOUNTTYPE && is_of_type(names, &account.name, &context.text)
    };
    let accounts: Vec<usize> =
        (0..).zip(&model.accounts).filter(|(_, one)| is_of(one)).map(|(at, _)| at).collect();
    for claim in &expect.permissions {
        if accounts.is_empty() {
            claims.warnings.push(errors::idle_permission(claim.span, &context.text));
        }
        for at in &accounts {
            let Some(account) = model.accounts.get(*at) else { continue };
            let who = subjects(&claim.who, account, diagnostics);
            let what = claimed(names, account, &claim.what, diagnostics);
            let (Some(who), Some(what)) = (who, what) else { continue };
            if is_sound(claim, &what, claims, diagnostics) {
                claims.claims.push(Understood { span: claim.span, account: *at, who, what });
            }
        }
    }
}

fn is_of_type(names: &Names<'_>, account: &str, wanted: &str) -> bool {
    let chain = names.get(kinds::ACCOUNT, account).and_then(|decl| names.whole_chain(decl));
    let is_it = |name: &asiaq_lang::ast::Name| name.text == wanted;
    chain.is_some_and(|chain| chain.iter().skip(1).any(|decl| decl.name.as_ref().is_some_and(is_it)))
}

/// The roles, users and groups that a claim names; nothing if an account does not have one of them.
fn subjects(
    who: &Expr,
    account: &Account,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<(String, String)>> {
    match &who.kind {
        ExprKind::List(items) => {
            let found: Vec<_> = items.iter().map(|item| subjects(item, account, diagnostics)).collect();
            found.into_iter().collect::<Option<Vec<_>>>().map(|found| found.into_iter().flatten().collect())
        }
        ExprKind::Phrase(kind, name) => {
            let text = match &name.kind {
                ExprKind::Name(text) => text.clone(),
                ExprKind::String(parts) => plain(parts),
                _ => return None,
            };
            if Subject::find(account, &kind.text, &text).is_some() {
                return Some(vec![(kind.text.clone(), text)]);
            }
            let known = account.arns.names_of(&kind.text);
            diagnostics.push(errors::unknown_reference(name.span, &kind.text, &text, &known));
            None
        }
        _ => None,
    }
}

/// Whether a claim says what it is about. What no request can be is reported.
fn is_sound(
    claim: &Permitted,
    what: &Statement<Span>,
    claims: &mut Claims,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let before = diagnostics.len();
    let choices = [Some(&claim.what.actions), claim.what.resources.as_ref()];
    for (choice, word) in choices.into_iter().zip(["actions", "resources"]) {
        if let Some(not) = choice.and_then(|choice| choice.not) {
            diagnostics.push(errors::claim_excludes(not, word));
        }
    }
    let assumed = what.conditions.iter().filter(|condition| assumption(condition).is_none());
    diagnostics.extend(assumed.map(|condition| errors::claim_assumes(condition.place)));
    let all = Choice { place: what.place, excludes: false, values: vec![Text::new(what.place, "*")] };
    let resources = Some(what.resources.clone().unwrap_or(all));
    let statement = Statement { effect: Effect::Deny, resources, ..what.clone() };
    let document =
        Document { place: what.place, version: Version::V2012, id: None, statements: vec![statement] };
    for problem in check(&document, Use::Identity).into_iter().filter(|problem| is_of_claims(problem.code)) {
        let is_error = problem.code.severity() == Severity::Error;
        let found = errors::policy_problem(problem, "", Form::Statements);
        if is_error { &mut *diagnostics } else { &mut claims.warnings }.push(found);
    }
    diagnostics.len() == before
}

/// Mistakes of statements that are mistakes of claims too.
fn is_of_claims(code: Code) -> bool {
    matches!(
        code,
        Code::BadAction
            | Code::BadArn
            | Code::BadKey
            | Code::BadValue
            | Code::MatchesNothing
            | Code::NotApplicable
            | Code::UnknownAction
            | Code::UnknownKey
            | Code::UnknownService
    )
}

/// The key of a request and its value, if a condition says what it is.
fn assumption(condition: &Condition<Span>) -> Option<(&str, Value)> {
    let key = condition.key.value.as_str();
    let [value] = condition.values.as_slice() else { return None };
    let operator = condition.operator;
    if operator != Operator::new(operator.test) || value.value.contains("${") {
        return None;
    }
    let is_plain = !value.value.contains(['*', '?']);
    let is_block = || value.value.contains('/');
    match operator.test {
        Test::Null if value.value == "true" => Some((key, Value::Absent)),
        Test::StringEquals | Test::Bool | Test::DateEquals | Test::NumericEquals => Some((key, known(value))),
        Test::ArnEquals if is_plain => Some((key, known(value))),
        Test::IpAddress if !is_block() => Some((key, known(value))),
        _ => None,
    }
}

fn known(value: &Text<Span>) -> Value {
    Value::Known(vec![value.value.clone()])
}

/// A question that a claim is made of, and the answer to it.
struct Answered<'m> {
    subject: Subject<'m>,
    case: Case<'m>,
    decision: Decision<'m, Span>,
    /// A request that shows that the claim does not hold.
    example: Option<Example<'m, Span>>,
}

/// Proves the claims of a sound project.
pub(super) fn prove(claims: &Claims, sources: &SourceMap, model: &Model) -> Vec<Diagnostic> {
    // Those of one place differ in their accounts.
    let of_place = claims.claims.chunk_by(|one, other| one.span == other.span);
    let proved = of_place.filter_map(|claims| prove_one(claims, sources, model));
    claims.warnings.iter().cloned().chain(proved).collect()
}

fn prove_one(claims: &[Understood], sources: &SourceMap, model: &Model) -> Option<Diagnostic> {
    let first = claims.first()?;
    let (span, can) = (first.span, first.what.effect == Effect::Allow);
    let open: Vec<Answered<'_>> = claims.iter().flat_map(|claim| unproved(claim, model)).collect();
    let failed: Vec<&Answered<'_>> = open.iter().filter(|one| one.example.is_some()).collect();
    if let Some((Answered { subject, decision, example: Some(example), .. }, others)) = failed.split_first() {
        let who = subject.words();
        let asked = Asked { who: &who, action: &example.request.action, resource: &example.request.resource };
        let mut reasons = reasons(sources, &example.decision);
        return Some(if can {
            reasons.extend(open_reasons(sources, decision));
            let is_never = decision.answer == Answer::Denied;
            errors::cannot_be_done(span, &asked, is_never, reasons, others.len())
        } else {
            let conditions = conditions(sources, &example.decision);
            errors::can_be_done(span, &asked, &conditions, reasons, others.len())
        });
    }
    let (Answered { subject, case, decision, .. }, others) = open.split_first()?;
    let who = subject.words();
    let asked = Asked { who: &who, action: &case.request.action, resource: &case.request.resource };
    Some(errors::permission_unknown(span, &asked, open_reasons(sources, decision), others.len()))
}

/// The questions that a claim is made of whose answer is not what it says.
fn unproved<'m>(claim: &Understood, model: &'m Model) -> Vec<Answered<'m>> {
    let Some(account) = model.accounts.get(claim.account) else { return Vec::new() };
    let can = claim.what.effect == Effect::Allow;
    let (wanted, other) =
        if can { (Answer::Allowed, Answer::Denied) } else { (Answer::Denied, Answer::Allowed) };
    let all = [Text::new(claim.span, "*")];
    let resources = claim.what.resources.as_ref().map_or(all.as_slice(), |listed| &listed.values);
    let mut open = Vec::new();
    for subject in claim.who.iter().filter_map(|(kind, name)| Subject::find(account, kind, name)) {
        for action in &claim.what.actions.values {
            for resource in meant(&action.value, resources) {
                let cases = subject.cases(model, &action.value, &resource.value);
                // What somebody can do on all resources is meant for those of the account.
                for case in cases.into_iter().take(if can { 1 } else { usize::MAX }) {
                    let case = case.assuming(&claim.what.conditions);
                    let decision = case.decide();
                    if decision.answer == wanted {
                        continue;
                    }
                    let of_all = || Example { request: case.request.clone(), decision: decision.clone() };
                    let is_sure = decision.answer == other;
                    let example = case.example(other).or_else(|| is_sure.then(of_all));
                    open.push(Answered { subject, case, decision, example });
                }
            }
        }
    }
    open
}

/// The resources of a claim that an action can be about; all if there is none.
fn meant<'r>(action: &str, resources: &'r [Text<Span>]) -> Vec<&'r Text<Span>> {
    let (meant, others): (Vec<_>, Vec<_>) =
        resources.iter().partition(|resource| may_apply([action], &resource.value));
    if meant.is_empty() { others } else { meant }
}

/// The statements that decide a request, or the policies that have none that allows it.
fn reasons(sources: &SourceMap, decision: &Decision<'_, Span>) -> Vec<(Option<Span>, String)> {
    let word = if decision.answer == Answer::Allowed { "allows" } else { "denies" };
    let said = |found: &Found<'_, Span>| {
        let text = one_line(sources, found.statement.place);
        let policy = format!("{} `{}`", layer_words(found.layer), found.policy);
        (Some(found.statement.place), format!("`{text}` of {policy} {word} it"))
    };
    let lacking =
        decision.lacking.iter().map(|layer| (None, format!("no {} allows it", layer_words(*layer))));
    decision.by.iter().map(said).chain(lacking).collect()
}

/// What is not known, where that counts.
fn open_reasons(sources: &SourceMap, decision: &Decision<'_, Span>) -> Vec<(Option<Span>, String)> {
    decision.open.iter().map(|open| (place(open), open_words(sources, open))).collect()
}

/// The conditions of the statements that allow a request.
fn conditions(sources: &SourceMap, decision: &Decision<'_, Span>) -> Vec<String> {
    let allowing = decision.by.iter().filter(|found| found.layer != Layer::Boundary);
    let each = allowing.flat_map(|found| &found.statement.conditions);
    each.map(|condition| format!("`{}`", one_line(sources, condition.place))).collect()
}

fn place(open: &Open<'_, Span>) -> Option<Span> {
    match open {
        Open::Condition(_, condition) => Some(condition.place),
        Open::Action(found) | Open::Resource(found) | Open::Principal(found) => Some(found.statement.place),
        Open::Unread(..) | Open::ResourceAccount | Open::ResourcePolicy => None,
    }
}

impl Case<'_> {
    /// With what a claim says of the request.
    fn assuming(mut self, conditions: &[Condition<Span>]) -> Self {
        let assumed = conditions.iter().filter_map(assumption);
        let with = |all: Context, (key, value): (&str, Value)| all.with(key, value);
        self.request.context = assumed.fold(self.request.context, with);
        self
    }
}
