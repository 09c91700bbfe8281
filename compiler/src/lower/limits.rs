//! Compares resources with what AWS accepts, and finds the place in the program of each value that it does not accept.

use std::borrow::Cow;
use std::collections::BTreeMap;

use asiaq_ir::{Breach, Problem, Resource, ResourceKind, TAGS_TAG, TagBreach};
use asiaq_lang::{Diagnostic, SourceMap, Span};
use serde_json::Value;

use super::NodeBuilder;
use super::container::Container;
use crate::errors::{self, Offence};

/// A value that AWS does not accept.
pub(super) struct Refused {
    pub(super) diagnostic: Diagnostic,
    /// Characters that the value has too many.
    pub(super) excess: i64,
}

impl Refused {
    fn new(diagnostic: Diagnostic, problem: &Problem<'_>) -> Self {
        let excess = match problem {
            Problem::Long { length, most, .. } => i64::try_from(*length).unwrap_or(i64::MAX) - most,
            _ => 0,
        };
        Self { diagnostic, excess }
    }
}

/// The diagnostics; of those about too long texts at one place, the one that is satisfied last.
pub(super) fn reduce(refused: Vec<Refused>) -> Vec<Diagnostic> {
    let mut longest: BTreeMap<Span, i64> = BTreeMap::new();
    for Refused { diagnostic, excess } in refused.iter().filter(|refused| refused.excess > 0) {
        let longest = longest.entry(diagnostic.primary).or_default();
        *longest = (*longest).max(*excess);
    }
    let mut kept = Vec::new();
    for Refused { diagnostic, excess } in refused {
        if excess == 0 {
            kept.push(diagnostic);
        } else if longest.get(&diagnostic.primary) == Some(&excess) {
            // The first one of those that need the same change.
            longest.remove(&diagnostic.primary);
            kept.push(diagnostic);
        }
    }
    kept
}

/// A text of the program that a value of a resource consists of.
#[derive(Clone, Debug)]
pub(super) struct Part<'m> {
    /// The field of the resource.
    field: &'static str,
    text: Cow<'m, str>,
    span: Span,
}

impl<'m> Part<'m> {
    pub(super) fn new(field: &'static str, text: impl Into<Cow<'m, str>>, span: Span) -> Self {
        Self { field, text: text.into(), span }
    }
}

impl<R: ResourceKind + Into<Resource>> NodeBuilder<'_, R> {
    /// Adds a diagnostic for each value and each tag of the resource that AWS does not accept.
    pub(super) fn check(&self, sources: &SourceMap, resource: &Resource, limits: &mut Vec<Refused>) {
        let found = resource.breaches();
        let of_tags = R::TAGS.map(|shapes| (shapes.owner, shapes.breaches(&self.tags)));
        let (owner, of_tags) = of_tags.unwrap_or_default();
        if found.is_empty() && of_tags.is_empty() {
            return;
        }
        let search = Search { node: self, name: sources.slice(self.span) };
        for breach in &found {
            let diagnostic = search.value_refused(resource, breach);
            limits.extend(diagnostic.map(|diagnostic| Refused::new(diagnostic, &breach.problem)));
        }
        for breach in &of_tags {
            let Some(diagnostic) = search.tag_refused(owner, breach) else { continue };
            limits.push(match breach {
                TagBreach::Count { .. } => Refused { diagnostic, excess: 0 },
                TagBreach::Key { problem, .. } | TagBreach::Value { problem, .. } => {
                    Refused::new(diagnostic, problem)
                }
            });
        }
    }
}

/// The search for the places of the values of a node.
struct Search<'n, 'm, R> {
    node: &'n NodeBuilder<'m, R>,
    /// The text at the place of the node: in general the name of a declaration.
    name: &'n str,
}

impl<R: ResourceKind + Into<Resource>> Search<'_, '_, R> {
    fn value_refused(&self, resource: &Resource, breach: &Breach<'_>) -> Option<Diagnostic> {
        let (span, is_whole) = self.place(resource, breach);
        let what = Offence {
            what: &format!("the {} of {}", breach.sent.field, errors::with_article(breach.sent.owner)),
            span,
            shape: breach.shape,
            is_whole,
        };
        errors::value_refused(&what, breach)
    }

    /// The place of a value, and whether the value is written there as a whole.
    fn place(&self, resource: &Resource, breach: &Breach<'_>) -> (Span, bool) {
        let of_field = || self.node.parts.iter().filter(|part| part.field == breach.field);
        if let Some(text) = breach.problem.text() {
            if let Some(part) = of_field().find(|part| part.text == text) {
                return (part.span, true);
            }
            if let Some(part) = culprit(of_field(), text, &breach.problem) {
                return (part.span, false);
            }
        } else {
            let part = match &breach.element {
                Some(element) => of_field().find(|part| names(element, breach.sent.field, &part.text)),
                // Of too many elements, the last ones are the ones too many.
                None => of_field().next_back(),
            };
            if let Some(part) = part {
                return (part.span, true);
            }
        }
        let of_element = breach.element.as_ref().and_then(|element| {
            let key = Resource::element_key(resource.kind(), breach.field, element);
            self.node.provenance.get(format!("{}/{key}", breach.field).as_str())
        });
        let chain = of_element.or_else(|| self.node.provenance.get(breach.field));
        match chain.and_then(|chain| chain.first()) {
            Some(place) if !crate::library::is_schema(place.file) => (*place, true),
            Some(_) => (self.node.span, true),
            None => (self.source_of(&breach.problem), false),
        }
    }

    fn tag_refused(&self, owner: &str, breach: &TagBreach<'_>) -> Option<Diagnostic> {
        let (what, shape, problem, key) = match breach {
            TagBreach::Count { count, shape } => {
                let said: usize = self.node.tag_sources().map(|(tags, _)| tags.len()).sum();
                let place = self.node.tag_sources().max_by_key(|(tags, _)| tags.len());
                let place = place.map_or(self.node.span, |(_, span)| span);
                return Some(errors::tags_over_limit(place, owner, *count, said, shape));
            }
            TagBreach::Key { key, shape, problem } => ("key", shape, problem, key),
            TagBreach::Value { key, shape, problem } => ("value", shape, problem, key),
        };
        if **key == *TAGS_TAG {
            // The tag whose key has the character is refused itself.
            if let Problem::Character { .. } = problem {
                return None;
            }
            let (tags, span) = self.node.tag_sources().next()?;
            return Some(errors::too_many_tags(span, tags.len()));
        }
        let (span, is_whole) = self.tag_place(key, problem);
        let shown: String = key.chars().take(40).collect();
        let of_owner = match problem {
            Problem::Character { .. } => format!(" of {}", errors::with_article(owner)),
            _ => String::new(),
        };
        let what =
            Offence { what: &format!("the {what} of the tag `{shown}`{of_owner}"), span, shape, is_whole };
        errors::tag_refused(&what, problem)
    }

    /// The place of the tag `key`, and whether its value is written there as a whole.
    fn tag_place(&self, key: &str, problem: &Problem<'_>) -> (Span, bool) {
        let written = self.node.tag_sources().find_map(|(tags, _)| tags.get(key)).map(|tag| tag.span);
        if let Some(span) = written {
            return (span, true);
        }
        if let Container::Environment(env) = self.node.container
            && key == "application"
            && problem.text() == Some(&env.application.value)
        {
            return (env.application.place(self.node.span), true);
        }
        if let Some(part) = self.node.parts.iter().find(|part| Some(&*part.text) == problem.text()) {
            return (part.span, true);
        }
        (self.source_of(problem), false)
    }

    /// The place of the name that a text consists of: of the environment, the project, or the declaration.
    fn source_of(&self, problem: &Problem<'_>) -> Span {
        let Some(text) = problem.text() else { return self.node.span };
        let common = [
            Part::new("", self.node.container.name(), self.node.container.span()),
            Part::new("", self.node.project, self.node.container.project_span()),
            Part::new("", self.name, self.node.span),
        ];
        culprit(self.node.parts.iter().chain(&common), text, problem).map_or(self.node.span, |part| part.span)
    }
}

/// The part of `text` that is to blame: the one with the character that is not accepted, or else the longest one.
fn culprit<'p, 'm: 'p>(
    parts: impl Iterator<Item = &'p Part<'m>>,
    text: &str,
    problem: &Problem<'_>,
) -> Option<&'p Part<'m>> {
    let has = |part: &Part<'_>| match problem {
        Problem::Character { character, .. } => part.text.contains(*character),
        _ => false,
    };
    parts.filter(|part| text.contains(&*part.text)).max_by_key(|part| (has(part), part.text.len()))
}

/// Whether `text` names an element, by one of its fields, or the field `member` of the element: `/dev/sdb.size`.
fn names(element: &Value, member: &str, text: &str) -> bool {
    let name = text.strip_suffix(member).and_then(|text| text.strip_suffix('.')).unwrap_or(text);
    element.as_object().is_some_and(|fields| fields.values().any(|field| field.as_str() == Some(name)))
}
