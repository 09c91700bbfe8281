//! The reference that `asiaq docs` writes: whole, linked, and searched in a real browser.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// The site, in a folder of its own.
fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let written = asiaq(&["docs", "--output", folder.path().to_str().unwrap()]);
    assert!(written.status.success(), "{written:?}");
    folder
}

fn asiaq(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_asiaq")).args(arguments).output().unwrap()
}

/// Every file below `folder` whose name ends in `ending`, by its path within.
fn files(folder: &Path, ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for path in std::fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// What stands in `text` between `start` and the next `end`, each time.
fn between<'t>(text: &'t str, start: &'t str, end: char) -> impl Iterator<Item = &'t str> {
    text.split(start).skip(1).filter_map(move |rest| rest.split(end).next())
}

#[test]
fn every_link_of_the_site_leads_somewhere() {
    let folder = site();
    let pages = files(folder.path(), ".html");
    let anchors: BTreeMap<&str, BTreeSet<&str>> =
        pages.iter().map(|(path, text)| (path.as_str(), between(text, " id=\"", '"').collect())).collect();
    let mut links = 0;
    for (path, text) in &pages {
        for link in between(text, "href=\"", '"').filter(|link| !link.contains("://")) {
            let (target, anchor) = link.split_once('#').unwrap_or((link, ""));
            let page = if target.is_empty() { path.clone() } else { joined(path, target) };
            if target.trim_start_matches("../") == "style.css" {
                assert!(folder.path().join(page).exists(), "{path}: {link}");
                continue;
            }
            let anchors = anchors.get(page.as_str()).unwrap_or_else(|| panic!("{path}: no page {link}"));
            assert!(anchor.is_empty() || anchors.contains(anchor), "{path}: no heading {link}");
            links += 1;
        }
    }
    assert!(links > 400, "{links}");
}

/// The page that `link` in page `base` means.
fn joined(base: &str, link: &str) -> String {
    let mut parts: Vec<&str> = base.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[test]
fn every_page_is_there_as_markdown_too() {
    let folder = site();
    let html = files(folder.path(), ".html");
    let markdown = files(folder.path(), ".md");
    let stems = |files: &BTreeMap<String, String>, ending| {
        files.keys().map(|path| path.trim_end_matches(ending).to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(stems(&html, ".html"), stems(&markdown, ".md"));
    let of_docs = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs"), ".md");
    let of_docs = of_docs.keys().map(|path| path.trim_end_matches(".md"));
    let generated = ["index", "commands", "kinds/metanetwork", "library/classic"];
    for name in generated.into_iter().chain(of_docs) {
        assert!(stems(&html, ".html").contains(name), "{name}");
    }
}

#[test]
fn a_page_is_printed_by_its_name() {
    let page = String::from_utf8(asiaq(&["docs", "endpoint"]).stdout).unwrap();
    insta::assert_snapshot!(page);
}

#[test]
fn a_page_that_does_not_exist_is_asked_about() {
    for (name, way_out) in [
        ("metanetwrok", "did you mean `metanetwork`?"),
        ("rollback", "read `asiaq docs undo`"),
        ("aws_vpc", "read `asiaq docs env`"),
        ("idle_timeout", "`idle_timeout` is a field: read `asiaq docs elb` and `asiaq docs lb`"),
        ("aws_kinesis_stream", "queues and streams are not known to asiaq yet"),
        ("xyzzy", "`asiaq docs index` lists all pages"),
    ] {
        let output = asiaq(&["docs", name]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, format!("error: the reference has no page `{name}`; {way_out}\n"));
    }
}

/// Runs headless Chromium on a page of the site.
fn chromium(profile: &Path, arguments: &[&str]) -> Output {
    Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--hide-scrollbars", "--window-size=1280,900"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_site_is_searched_in_a_browser() {
    if Command::new("chromium").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "chromium is missing: `make tools` installs it");
        return;
    }
    let folder = site();
    let profile = tempfile::tempdir().unwrap();
    let url = format!("file://{}/index.html?q=dhcp+name+servers", folder.path().display());
    let dom = String::from_utf8(chromium(profile.path(), &["--dump-dom", &url]).stdout).unwrap();
    let results = between(&dom, "<ol id=\"results\">", '\u{0}').next().expect("results are shown");
    let first = between(results, "<b>", '<').next().expect("something is found");
    assert_eq!(first, "dhcp › dns");
    assert!(results.contains("href=\"kinds/dhcp.html#dns\""), "{results}");

    // Words of other tools lead to the page about what they mean here.
    for (word, page) in [
        ("state", "terraform"),
        ("import", "terraform"),
        ("module", "language"),
        ("variable", "language"),
        ("secret", "secrets"),
        ("workspace", "terraform"),
        ("rollback", "undo"),
        ("ssl", "kinds/lb"),
        ("redirect", "kinds/lb"),
        ("upgrade", "upgrade"),
        ("schedule", "kinds/run"),
        ("vpc", "kinds/env"),
    ] {
        let url = format!("file://{}/index.html?q={word}", folder.path().display());
        let dom = String::from_utf8(chromium(profile.path(), &["--dump-dom", &url]).stdout).unwrap();
        let results = between(&dom, "<ol id=\"results\">", '\u{0}').next().expect("results are shown");
        let first: Vec<&str> = between(results, "href=\"", '"').take(3).collect();
        assert!(first.contains(&format!("{page}.html").as_str()), "{word}: {first:?}");
    }

    let picture = folder.path().join("site.png");
    chromium(profile.path(), &[&format!("--screenshot={}", picture.display()), &url]);
    let size = std::fs::metadata(&picture).unwrap().len();
    assert!(size > 20_000, "an empty page makes a smaller picture: {size} bytes");
}
