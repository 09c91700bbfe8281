//! Beacons.

use asiaq_ir::Beacon;

use super::Lowering;
use crate::model::Environment;

impl Lowering<'_> {
    pub(super) fn beacons(&mut self, env: &Environment) {
        for beacon in &env.beacons {
            let name = format!("{}-{}", env.name, beacon.name);
            let mut node = self
                .node(env, &format!("beacon/{}", beacon.name), beacon.span)
                .declared_by(format!("beacon.{}", beacon.name))
                .tagged(&name, &[]);
            let message = node.set(Beacon::MESSAGE, &beacon.message.chain, beacon.message.value.clone());
            let every = node.set(Beacon::EVERY, &beacon.every.chain, beacon.every.value);
            self.add(node, Beacon { name, message, every });
        }
    }
}

#[cfg(test)]
mod tests {
    use asiaq_ir::{Address, Facts, Resource};

    use crate::fixture;

    #[test]
    fn a_beacon_is_lowered_with_its_default_and_its_provenance() {
        let checked = fixture::check(
            "project shop { region = us-west-2 }
            env ci { cidr = 10.1.0.0/20, beacon north { message = \"here\" } }",
        );
        assert_eq!(checked.diagnostics, []);
        let ir = checked.lower(&Facts::default()).ir;
        let node = &ir.resources[&Address::new("ci", "beacon/north")];
        let Resource::Beacon(beacon) = &node.resource else { panic!("{node:?}") };
        assert_eq!((beacon.name.as_str(), beacon.message.as_str(), beacon.every), ("ci-north", "here", 5));
        assert_eq!(node.cite("message", None).line, 2);
        assert_eq!(node.cite("every", None).file, "std/beacon");
    }

    #[test]
    fn its_mistakes_are_found() {
        let checked = fixture::check(
            "project shop { region = us-west-2 }
            env ci { cidr = 10.1.0.0/20, beacon north { mesage = \"here\", every = 90 } }",
        );
        let codes: Vec<&str> = checked.diagnostics.iter().map(|found| &*found.code).collect();
        assert_eq!(codes, ["unknown-field", "out-of-bounds"]);
    }
}
