//! What commands print fits the screen, at each width.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::Folder;

const PROGRAM: &str = r#"project sample { region = us-west-2, domain = "sample.example" }
account main { id = "123456789012" }

envtype box {
  zones    = 2
  pipeline = everything
  metanetwork web {
    ingress = [tcp [80, 443] from internet "the web", tcp 22 from web]
    routes  = [internet via igw]
    nat     = auto
  }
  metanetwork application_servers { ingress = [tcp 8080 from web], routes = [internet via nat web] }
  zone public { domain = "${env.name}.sample.example" }
}
env ci      : box { cidr = auto /20 in 10.128.0.0/9 }
env staging : box { cidr = 10.102.0.0/16, protect = true, account = main }

hostclass front {
  network          = application_servers
  instance_profile = "a-role-for-the-instances-of-this-hostclass"
  user_data        = { greeting = "a value that is longer than a line of a narrow screen is wide, so it wraps" }
  lb { public = true, network = web, listeners = [http 80 -> http 8080] }
}
pipeline everything {
  stage { run front { desired = [1 at "0 20 * * *", 3 at "0 6 * * mon-fri"], min = 1, max = 20, desired@staging = 2 } }
}

expect box { internet cannot reach application_servers }
"#;

const COMMANDS: &[&str] = &[
    "check --report",
    "env list",
    "reach",
    "reach internet staging/web",
    "reach internet application_servers",
    "explain staging.front",
    "explain staging/hostclass/front/launch-template",
    "explain staging/web/security-group/ingress",
    "explain staging.public.domain",
    "explain unknown-network",
    "docs state",
    "docs nothing_of_the_kind",
    "state list",
    "adopt",
];

/// The transcript at a width, in which only what is quoted from a program may be wider.
fn transcript(width: usize, commands: &[&str]) -> String {
    let folder = Folder::new(&[("infra.asq", PROGRAM)]);
    let columns = width.to_string();
    let said: Vec<String> = commands.iter().map(|line| folder.run(line, &[("COLUMNS", &columns)])).collect();
    for line in said.iter().flat_map(|said| said.lines()) {
        let is_error = line.starts_with("stderr: error:");
        let length = line.trim_start_matches("stderr: ").chars().count();
        assert!(length <= width || is_error || line.starts_with("$ "), "{length} of {width}: {line}");
    }
    unnumbered(&said.join("\n"))
}

/// Text without the numbers of lines in the library, which change with its documentation.
fn unnumbered(text: &str) -> String {
    let mut parts = text.split("std/");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(':').unwrap();
        let rest = rest.trim_start_matches(|sign: char| sign.is_ascii_digit());
        let _ = write!(plain, "std/{name}:N{rest}");
    }
    plain
}

#[test]
fn output_fits_60_columns() {
    assert_snapshot!(transcript(60, COMMANDS));
}

#[test]
fn output_fits_80_columns() {
    assert_snapshot!(transcript(80, COMMANDS));
}

#[test]
fn output_fits_100_columns() {
    assert_snapshot!(transcript(100, COMMANDS));
}

/// Lists of IAM actions and of diagnostic codes: long, and of one form.
#[test]
fn long_lists_fit_every_width() {
    for width in [60, 80, 100] {
        let lists: &[&str] = if cfg!(feature = "aws") {
            &["explain --list", "permissions --format text", "permissions --format text --for destroy"]
        } else {
            &["explain --list"]
        };
        let said = transcript(width, lists);
        assert!(said.lines().count() > 100, "{said}");
    }
}
