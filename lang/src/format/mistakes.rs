//! Which tokens have a mistake in them.

use crate::Diagnostic;

use super::tokens::Token;

/// Which tokens a mistake lies in, and which of them the same mistake as the token before.
pub(super) fn mistaken(tokens: &[Token], diagnostics: &[Diagnostic]) -> (Vec<bool>, Vec<bool>) {
    let (mut within, mut joined) = (Stretches::over(tokens), Stretches::over(tokens));
    for found in diagnostics {
        let place = found.primary.range();
        let touched = tokens.partition_point(|token| token.end < place.start);
        let only_touched = tokens.get(touched).is_some_and(|token| token.end == place.start);
        let first = if only_touched && !place.is_empty() { touched + 1 } else { touched };
        let after = tokens
            .partition_point(|token| token.start < place.end || place.is_empty() && token.start <= place.end);
        within.add(first, after);
        joined.add(first + 1, after);
    }
    (within.covered(), joined.covered())
}

/// Stretches of a list, which may overlap: where they begin, less where they end.
struct Stretches(Vec<isize>);

impl Stretches {
    fn over(tokens: &[Token]) -> Self {
        Self(vec![0; tokens.len() + 1])
    }

    fn add(&mut self, first: usize, after: usize) {
        for (at, by) in [(first, 1), (after, -1)] {
            if let Some(edge) = self.0.get_mut(at).filter(|_| first < after) {
                *edge += by;
            }
        }
    }

    /// Whether each place is inside a mistake.
    fn covered(&self) -> Vec<bool> {
        let depth = self.0.iter().scan(0, |depth, edge| {
            *depth += edge;
            Some(*depth)
        });
        depth.map(|depth| depth > 0).collect()
    }
}
