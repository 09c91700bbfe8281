//! Any project at all is checked and answered for: the examples of the language with stretches left out, doubled
//! and moved, the same ones every time.

mod deep;
mod properties;

use properties::{Texts, answers, boundary, checks};

/// What is changed: complete projects, the files of one parted by what parts them in [`Texts`].
fn seeds() -> Vec<String> {
    let classic = [
        include_str!("../../../examples/classic/infra.asq").replace("use networks", "use a"),
        include_str!("../../../examples/classic/networks.asq").to_owned(),
        include_str!("../../../examples/classic/hostclasses.asq").to_owned(),
    ];
    let literals = include_str!("../../../tests/spec/02-literals.md");
    let further = include_str!("../../../tests/spec/16-literals.md");
    let programs = [literals, further].concat();
    let programs = programs
        .split("```")
        .skip(1)
        .step_by(2)
        .map(|block| block.split_once('\n').map_or("", |(_, program)| program).to_owned());
    let mut seeds = vec![
        include_str!("../../../examples/first/infra.asq").to_owned(),
        classic.join("\u{1c}").replace("use hostclasses", "use b"),
    ];
    seeds.extend(programs);
    seeds
}

/// Numbers that look like chance (an xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }

    /// `text` with one stretch less, one twice, or one somewhere else.
    fn change(&mut self, text: &str) -> String {
        let start = boundary(text, self.below(text.len() + 1));
        let end = boundary(text, start + self.below(60));
        let to = boundary(text, self.below(text.len() + 1));
        let stretch = text.get(start..end).unwrap_or_default().to_owned();
        let mut text = text.to_owned();
        match self.below(3) {
            0 => text.replace_range(start..end, ""),
            1 => text.insert_str(to, &stretch),
            _ => {
                text.insert_str(to.max(end), &stretch);
                text.replace_range(start..end, "");
            }
        }
        text
    }
}

#[test]
fn any_project_is_checked() {
    let mut chance = Chance(0x5eed);
    for seed in seeds() {
        checks(&Texts::of(&seed));
        for _ in 0..10 {
            let mut text = seed.clone();
            for _ in 0..=chance.below(3) {
                text = chance.change(&text);
            }
            checks(&Texts::of(&text));
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the pages are too many to be named")]
fn every_program_of_the_pages_and_specs_is_checked() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut programs = 0;
    for folder in ["docs/diagnostics", "tests/spec", "stdlib", "stdlib/alarms"] {
        for file in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let text = || std::fs::read_to_string(&path).unwrap();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("asq") => drop(checks(&Texts::of(&text()))),
                Some("md") => {
                    for block in text().split("```asq").skip(1) {
                        let program = block.split("```").next().and_then(|block| block.split_once('\n'));
                        checks(&Texts::of(program.unwrap_or_default().1));
                        programs += 1;
                    }
                }
                _ => {}
            }
        }
    }
    assert!(programs > 500, "{programs}");
}

#[test]
fn whatever_an_editor_asks_is_answered() {
    let mut chance = Chance(0xed17);
    for seed in seeds() {
        for _ in 0..3 {
            let mut number = || u16::try_from(chance.below(1 << 16)).unwrap_or(0);
            let numbers: Vec<u16> = (0..8).map(|_| number()).collect();
            answers(&mut Texts::of(&seed), &numbers);
        }
    }
}

#[test]
fn a_number_without_bounds_costs_no_time() {
    let text = "project shop { region = us-west-2 }\nenv ci {\n  cidr = 10.1.0.0/20\n  zones = 7766279631452241918\n  \
                metanetwork web {}\n}\n";
    let checked = checks(&Texts::of(text));
    let codes: Vec<&str> = checked.diagnostics.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["out-of-bounds"]);
}

#[test]
fn a_claim_that_is_decided_elsewhere_has_a_way_out() {
    let page = include_str!("../../../docs/diagnostics/expectation-unknown.md");
    let program = page.split("```").nth(1).and_then(|block| block.split_once('\n')).unwrap_or_default().1;
    let checked = checks(&Texts::of(program));
    let codes: Vec<&str> = checked.diagnostics.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["expectation-unknown"]);
}
