//! One habit, one message: well-formed programs with one habit of another language put in wherever it fits.

use std::fmt::Write as _;
use std::path::Path;

use asiaq_compiler::{Files, Workspace, check};

/// What the language has, and what people write in its place.
const HABITS: &[(&str, &str)] = &[
    (" = ", " := "),
    (" = ", " == "),
    (" = ", " => "),
    (" = ", ": "),
    (" = ", " =\u{a0}"),
    (" = ", " ＝ "),
    (" : ", " extends "),
    (" : ", " inherits "),
    (" : ", " < "),
    ("true", "yes"),
    ("true", "TRUE"),
    ("false", "no"),
    ("true", "\"true\""),
    (", ", "; "),
    (", ", "， "),
    (" via igw", " to igw"),
    (" via igw", " -> igw"),
    (" via igw", " via internet-gateway"),
    (" via igw", " via IGW"),
    (" via igw", " via \"igw\""),
    (" <-> ", " -> "),
    (" <-> ", " <=> "),
    ("..", ":"),
    ("..", "-"),
    ("// ", "# "),
    ("// ", "; "),
    ("// ", "-- "),
    ("tcp ", "TCP "),
    ("tcp 443 ", "tcp/443 "),
    ("tcp 443 ", "tcp:443 "),
    ("tcp 443 ", "443/tcp "),
    ("tcp 443 ", "tcp port 443 "),
    ("tcp 443 ", "tcp 443:443 "),
    ("tcp 443 ", "tcp 80, 443 "),
    ("tcp 443 ", "tcp 80 443 "),
    ("tcp 443 ", "tcp \"443\" "),
    ("tcp 443 ", "tcp -1 "),
    ("tcp 443 ", "tcp * "),
    ("tcp 443 ", "tcp all "),
    ("tcp 443 from internet", "tcp internet 80 443"),
    ("tcp 22 from office", "tcp office 22"),
    ("from internet", "from *"),
    ("from internet", "from \"internet\""),
    ("from internet", "from ::/0"),
    ("any from ", "-1 from "),
    ("any from ", "all from "),
    ("auto /24", "auto 24"),
    ("auto /24", "/24"),
    ("auto /20 in ", "auto 20 in "),
    (".0.0/16", ".0.0/255.255.0.0"),
    (".0.0/20", ".0.0/255.255.240.0"),
    ("10.1.0.0/20", "\"10.1.0.0/20\""),
    ("10.2.0.0/20", "\"10.2.0.0/20\""),
    ("zones = 2", "zones = \"2\""),
    ("zones = 2\n", "zones = 2;\n"),
    ("zones = 2", "\"zones\": 2"),
    ("zones = 2", "zones = null"),
    ("zones = 2", "zones = 2 /* two */"),
    ("zones = 2\n", "zones = 2 -- two\n"),
    ("[internet via igw]", "internet via igw"),
    ("[internet via igw]", "\"internet via igw\""),
    ("env ci ", "env \"ci\" "),
    ("env ci {", "env: ci {"),
    (" \"", " “"),
];

/// Files of the programs.
struct One<'t>(&'t str);

impl Files for One<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        if path == "infra.asq" { Ok(self.0.to_owned()) } else { Err("there is no such file".to_owned()) }
    }
}

/// Lines and messages of what is wrong with a program; warnings aside where there is an error.
fn wrong(text: &str) -> Vec<(u32, String)> {
    let checked = check(Workspace::load(&["infra.asq".to_owned()], &One(text)).unwrap());
    let lines = checked.diagnostics.iter().filter(|found| found.is_error());
    lines
        .map(|found| {
            (checked.sources.start(found.primary).line, format!("{}: {}", found.code, found.message))
        })
        .collect()
}

/// The sound programs of the specs and the examples.
pub(crate) fn programs() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![std::fs::read_to_string(root.join("examples/first/infra.asq")).unwrap()];
    let mut specs: Vec<_> =
        std::fs::read_dir(root.join("tests/spec")).unwrap().map(|entry| entry.unwrap().path()).collect();
    specs.sort();
    for path in specs {
        let text = std::fs::read_to_string(path).unwrap();
        let blocks = text.split("```asq\n").skip(1).filter_map(|rest| rest.split("\n```").next());
        found.extend(blocks.map(|block| format!("{block}\n")));
    }
    found.retain(|text| wrong(text).is_empty());
    found
}

/// Where `from` stands in a program, outside of strings and comments unless it begins one.
fn places(text: &str, from: &str) -> Vec<usize> {
    let is_code = |at: &usize| {
        let line = text[..*at].rsplit('\n').next().unwrap();
        !line.contains("//") && line.matches('"').count().is_multiple_of(2)
    };
    let is_whole = |at: &usize| {
        let after = text[at + from.len()..].chars().next();
        !from.ends_with(char::is_alphanumeric) || !after.is_some_and(|c| c.is_alphanumeric() || c == '-')
    };
    let is_doc = |at: &usize| from == "// " && text[..*at].ends_with('/');
    let found = text.match_indices(from).map(|(at, _)| at);
    found.filter(is_code).filter(is_whole).filter(|at| !is_doc(at)).collect()
}

/// A program with a habit in it.
pub(crate) struct Broken {
    /// What was written in place of what, as in "`from internet` as `from *`".
    pub(crate) habit: String,
    pub(crate) text: String,
    /// The line of the habit.
    line: u32,
}

/// A program with each habit in each of the first `most` places where it fits.
pub(crate) fn broken(program: &str, most: usize) -> impl Iterator<Item = Broken> {
    HABITS.iter().flat_map(move |(from, to)| {
        places(program, from).into_iter().take(most).map(move |at| Broken {
            habit: format!("`{from}` as `{to}`"),
            text: [&program[..at], to, &program[at + from.len()..]].concat(),
            line: u32::try_from(program[..at].matches('\n').count()).unwrap() + 1,
        })
    })
}

#[test]
fn a_habit_costs_one_message() {
    let mut report = String::new();
    let mut tried = 0;
    for program in programs() {
        for Broken { habit, text, line } in broken(&program, 4) {
            let found = wrong(&text);
            tried += 1;
            if found.len() != 1 || found[0].0.abs_diff(line) > 1 {
                let _ = writeln!(report, "{habit} in line {line}: {found:#?} of\n{text}");
            }
        }
    }
    assert!(report.is_empty(), "{report}");
    assert!(tried > 500, "{tried}");
}

#[test]
fn several_mistakes_in_one_file_are_all_found() {
    let program = "project p { region = us-west-2 }

let office: 203.0.113.0/28

envtype base {
  cidr = auto 20 in 10.0.0.0/8;
  metanetwork dmz { routes = [internet to igw], nat = auto }
}

env ci extends base {
  zones = yes
  metanetwork dmz { ingress = [tcp office 22, tcp/443 from internet] }
  metanetwork app { ingress = [tcp 8000:8010 from dmz], routes = \"internet via nat dmz\" }
}
";
    let found = wrong(program);
    let codes: Vec<_> =
        found.iter().map(|(line, message)| (*line, message.split(':').next().unwrap())).collect();
    assert_eq!(
        codes,
        [
            (3, "expected-equals"),
            (6, "auto-size"),
            (6, "semicolon"),
            (7, "expected-via"),
            (10, "expected-colon"),
            (11, "unknown-name"),
            (12, "expected-source"),
            (12, "malformed-rule"),
            (13, "port-range"),
            (13, "quoted-value"),
        ],
        "{found:#?}"
    );
}
