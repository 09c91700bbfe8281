//! Leaves those machines in a table that fare differently from their metanetwork.

use asiaq_ir::Protocol;

use super::answer::{Ports, Verdict};
use super::matrix::{Lane, Matrix, Summary};
use super::place::Place;

/// Machines in a table that stay in it.
struct Kept {
    /// The row of their metanetwork.
    home: usize,
    at: usize,
    place: Place,
}

/// A lane without the parts of the places that it is for.
type Fare = (Protocol, Ports, bool, bool);

impl Matrix {
    /// The same table without the machines that fare as their metanetwork does, and each other's equals together. The
    /// last rows and columns are of machines, whose metanetworks are at `homes`.
    pub(super) fn told_apart(self, homes: &[usize]) -> Self {
        let whole = self.places.len().saturating_sub(homes.len());
        let mut kept: Vec<Kept> = Vec::new();
        for ((at, place), home) in self.places.iter().enumerate().skip(whole).zip(homes) {
            if self.is_alike(*home, at, whole) {
                continue;
            }
            let equal = kept.iter_mut().find(|other| other.home == *home && self.is_equal(other.at, at));
            if !equal.is_some_and(|other| other.place.take_in(place)) {
                kept.push(Kept { home: *home, at, place: place.clone() });
            }
        }
        let mut rows: Vec<(usize, Place)> = Vec::new();
        for (at, place) in self.places.iter().enumerate().take(whole) {
            rows.push((at, place.clone()));
            let own = kept.iter().filter(|kept| kept.home == at);
            rows.extend(own.map(|kept| (kept.at, kept.place.clone())));
        }
        let cells = |from: &usize| rows.iter().map(|(to, _)| self.cell(*from, *to).cloned()).collect();
        let cells = rows.iter().map(|(from, _)| cells(from)).collect();
        Self { env: self.env.clone(), places: rows.into_iter().map(|(_, place)| place).collect(), cells }
    }

    fn cell(&self, from: usize, to: usize) -> Option<&Summary> {
        self.cells.get(from)?.get(to)?.as_ref()
    }

    /// Whether machines fare as a metanetwork does with each of the first `whole` places.
    fn is_alike(&self, network: usize, machines: usize, whole: usize) -> bool {
        (0..whole).all(|other| {
            self.cell(network, other).map(fares) == self.cell(machines, other).map(fares)
                && self.cell(other, network).map(fares) == self.cell(other, machines).map(fares)
        })
    }

    fn is_equal(&self, one: usize, other: usize) -> bool {
        (0..self.places.len()).all(|with| {
            self.cell(one, with) == self.cell(other, with) && self.cell(with, one) == self.cell(with, other)
        })
    }
}

fn fares(summary: &Summary) -> (Verdict, Vec<Fare>, Vec<Fare>) {
    let lanes = |lanes: &[Lane]| -> Vec<Fare> {
        lanes.iter().map(|lane| (lane.protocol, lane.ports, lane.is_part, lane.arrives_only)).collect()
    };
    (summary.verdict, lanes(&summary.open), lanes(&summary.unknown))
}
