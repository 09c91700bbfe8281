//! What `check` prints for other programs.

use insta::assert_snapshot;
use serde_json::Value;

use super::Folder;

/// A mistake in one place, one in two files, one over several lines, and a warning.
fn folder() -> Folder {
    Folder::new(&[
        (
            "infra, old.asq",
            "use \"networks\"
project p { region = us-west-2 }
env ci : box { cidr = 10.1.0.0/20, protect = yes }
env box { cidr = 10.2.0.0/20 }
env hub {
  cidr  = 10.4.0.0/20
  zones = 1
  metanetwork web {
    routes = [internet via igw]
    nat    = [
      198.51.100.1
      198.51.100.2
    ]
  }
}
env qa { cidr = 10.3.0.0/20, zones = 1, metanetwork web { routes = [10.3.0.0/19 via vgw] } }
",
        ),
        ("networks.asq", "envtype box { zones = 1, metanetwork web {} }\n"),
    ])
}

fn report(folder: &Folder, format: &str, environment: &[(&str, &str)]) -> String {
    let mut command = folder.command();
    let arguments = ["check", "infra, old.asq", "--format", format];
    let output = command.args(arguments).envs(environment.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stderr, b"");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn github_annotates_the_lines() {
    let folder = folder();
    let commands = report(&folder, "github", &[]);
    assert_snapshot!(commands);
    assert!(commands.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")));
}

#[test]
fn github_finds_files_from_the_root_of_its_repository() {
    let folder = folder();
    let repository = folder.0.path().parent().unwrap().to_str().unwrap();
    let name = folder.0.path().file_name().unwrap().to_str().unwrap();
    let commands = report(&folder, "github", &[("GITHUB_WORKSPACE", repository)]);
    assert!(commands.contains(&format!(" file={name}/infra%2C old.asq,line=3,")), "{commands}");
    let sarif = report(&folder, "sarif", &[("GITHUB_WORKSPACE", repository)]);
    assert!(sarif.contains(&format!("\"uri\": \"{name}/infra%2C%20old.asq\"")), "{sarif}");
}

#[test]
fn sarif_has_what_the_standard_asks_for() {
    let log: Value = serde_json::from_str(&report(&folder(), "sarif", &[])).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "asiaq");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 4, "{results:#?}");
    for rule in rules {
        assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# "), "{rule:#}");
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty(), "{rule:#}");
    }
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(rule["defaultConfiguration"]["level"], result["level"]);
        assert!(["error", "warning"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
        assert!(related.iter().all(|related| related["message"]["text"].is_string()), "{result:#}");
        let locations = result["locations"].as_array().unwrap().iter().chain(&related);
        let places = locations.map(|location| &location["physicalLocation"]);
        let changes = result["fixes"][0]["artifactChanges"].as_array().cloned().unwrap_or_default();
        for place in places {
            is_a_place(&place["artifactLocation"], &place["region"]);
        }
        for change in &changes {
            for replacement in change["replacements"].as_array().unwrap() {
                is_a_place(&change["artifactLocation"], &replacement["deletedRegion"]);
                assert!(replacement["insertedContent"]["text"].is_string());
            }
        }
    }
    assert!(results.iter().any(|result| result["fixes"].is_array()));
    assert!(results.iter().any(|result| result["relatedLocations"].is_array()));
}

/// Numbers from 1, the end not before the start, and a reference without blanks.
fn is_a_place(artifact: &Value, region: &Value) {
    let uri = artifact["uri"].as_str().unwrap();
    assert!(uri == "infra%2C%20old.asq" || uri == "networks.asq", "{uri}");
    let number = |name: &str| region[name].as_u64().unwrap();
    assert!(number("startLine") >= 1 && number("startColumn") >= 1);
    let (start, end) = ("startLine", "endLine");
    assert!((number(start), number("startColumn")) <= (number(end), number("endColumn")));
}
