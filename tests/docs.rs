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
        let ids: Vec<&str> = between(text, " id=\"", '"').collect();
        assert_eq!(ids.len(), anchors[path.as_str()].len(), "{path}: two headings have one anchor: {ids:?}");
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

/// Words of other tools, each with the page that it leads to first.
const WORDS: &[(&str, &str)] = &[
    ("alb", "kinds/lb"),
    ("asg", "kinds/run"),
    ("assert", "language"),
    ("autoscaling", "kinds/scaling"),
    ("backend", "terraform"),
    ("cloudwatch", "kinds/alarm"),
    ("console", "show"),
    ("count", "terraform"),
    ("data", "terraform"),
    ("depends_on", "terraform"),
    ("drift", "terraform"),
    ("dynamic", "terraform"),
    ("ebs", "kinds/disk"),
    ("ec2", "kinds/hostclass"),
    ("for_each", "terraform"),
    ("github", "ci"),
    ("gitlab", "ci"),
    ("iam", "identity"),
    ("iam role", "identity"),
    ("least privilege", "permissions"),
    ("import", "terraform"),
    ("install", "start"),
    ("lifecycle", "kinds/lifecycle"),
    ("locals", "language"),
    ("localstack", "emulator"),
    ("lock", "leases"),
    ("module", "language"),
    ("moved", "terraform"),
    ("nat gateway", "language"),
    ("name servers", "show"),
    ("output", "show"),
    ("outputs", "show"),
    ("public ip", "show"),
    ("password", "secrets"),
    ("prevent_destroy", "language"),
    ("provider", "terraform"),
    ("provisioner", "terraform"),
    ("redirect", "kinds/redirect"),
    ("refresh", "terraform"),
    ("rollback", "undo"),
    ("route53", "kinds/zone"),
    ("schedule", "language"),
    ("secret", "kinds/secret"),
    ("security group", "kinds/metanetwork"),
    ("sns", "kinds/topic"),
    ("ssl", "kinds/lb"),
    ("state", "terraform"),
    ("subnet", "kinds/metanetwork"),
    ("taint", "terraform"),
    ("target", "terraform"),
    ("terraform", "terraform"),
    ("test", "kinds/test"),
    ("tfvars", "language"),
    ("upgrade", "upgrade"),
    ("user_data", "kinds/hostclass"),
    ("variable", "language"),
    ("version", "upgrade"),
    ("vpc", "kinds/env"),
    ("workspace", "terraform"),
];

#[test]
fn a_word_of_another_tool_is_answered_with_pages() {
    for (word, page) in WORDS {
        let output = asiaq(&["docs", word]);
        let name = page.rsplit('/').next().unwrap();
        let said = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
        let is_page = word == &name && output.status.success();
        assert!(is_page || said.contains(&format!("`asiaq docs {name}`")), "{word}: {said}");
    }
}

/// What headless Chromium shows of a page of the site, or nothing where it is missing.
fn chromium(folder: &Path, page: &str, arguments: &[&str]) -> Option<String> {
    if Command::new("chromium").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "chromium is missing: `make tools` installs it");
        return None;
    }
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--hide-scrollbars", "--window-size=1280,900", "--allow-file-access-from-files"])
        .args(["--virtual-time-budget=600000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}/{page}", folder.display()))
        .output()
        .unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What a script says that runs in the site, with `said` as its result.
fn run_in_site(folder: &Path, script: &str) -> Option<serde_json::Value> {
    let page = format!(
        "<!doctype html><body data-root=\"\"><input id=\"search\"><ol id=\"results\"></ol>
<script src=\"search.js\"></script>
<script>
const show_said = (said) => {{
  const text = document.createElement(\"pre\");
  text.id = \"said\";
  text.textContent = JSON.stringify(said);
  document.body.append(text);
}};
(async () => {{ {script} }})().then(show_said, (error) => show_said(String(error)));
</script></body>"
    );
    std::fs::write(folder.join("script.html"), page).unwrap();
    let dom = chromium(folder, "script.html", &["--dump-dom"])?;
    let said = between(&dom, "<pre id=\"said\">", '<').next().unwrap_or_else(|| panic!("{dom}"));
    let said = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    Some(serde_json::from_str(&said).unwrap())
}

#[test]
fn the_search_of_the_site_knows_the_words_of_other_tools() {
    let folder = site();
    let words = serde_json::to_string(&WORDS.iter().map(|(word, _)| word).collect::<Vec<_>>()).unwrap();
    let script = format!("return {words}.map((word) => search(word).map((entry) => entry.url));");
    let Some(found) = run_in_site(folder.path(), &script) else { return };
    let mut wrong = Vec::new();
    for (at, (word, page)) in WORDS.iter().enumerate() {
        let first = found[at][0].as_str().unwrap_or_default();
        if first.split('#').next() != Some(&format!("{page}.html")) {
            wrong.push(format!("{word}: {}", found[at]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let asked =
        |query: &str| run_in_site(folder.path(), &format!("return search(\"{query}\")[0]?.url ?? null;"));
    assert_eq!(asked("dhcp name servers").unwrap(), "kinds/dhcp.html#dns");
    assert_eq!(asked("workspa").unwrap(), "terraform.html#fifteen-questions");
    assert_eq!(asked("xyzzy").unwrap(), serde_json::Value::Null);
}

#[test]
fn a_search_is_shown_as_links() {
    let folder = site();
    let Some(dom) = chromium(folder.path(), "index.html?q=dhcp+name+servers", &["--dump-dom"]) else {
        return;
    };
    let results = between(&dom, "<ol id=\"results\">", '\u{0}').next().expect("results are shown");
    assert_eq!(between(results, "<b>", '<').next(), Some("dhcp › dns"));
    assert!(results.contains("href=\"kinds/dhcp.html#dns\""), "{results}");
}

/// On a phone and on a desk: a page begins with its title, and nothing but programs and tables is wider than the screen.
#[test]
fn every_page_fits_the_screen() {
    let folder = site();
    let all: Vec<String> = files(folder.path(), ".html").into_keys().collect();
    // Pages of diagnostics have one form; a few are enough.
    let is_diagnostic = |path: &&String| path.starts_with("diagnostics/");
    let pages: Vec<&String> = all.iter().filter(|path| !is_diagnostic(path)).collect();
    let pages: Vec<&String> = pages.into_iter().chain(all.iter().filter(is_diagnostic).take(5)).collect();
    assert!(pages.len() > 50, "{pages:?}");
    let script = format!(
        "const said = [];
for (const page of {})
  for (const width of [420, 1280]) {{
    const frame = document.createElement(\"iframe\");
    frame.style = `width: ${{width}}px; height: 800px; border: 0`;
    const loaded = new Promise((done) => {{ frame.onload = done; }});
    frame.src = page;
    document.body.append(frame);
    await loaded;
    const inside = frame.contentDocument;
    const top = inside.querySelector(\"h1\").getBoundingClientRect().top;
    const wide = [...inside.querySelectorAll(\"body *\")]
      .filter((part) => !part.parentElement.closest(\"pre, table\") && part.getBoundingClientRect().right > width + 1);
    if (top > 160) said.push(`${{page}} at ${{width}}: the title is at ${{top}}`);
    if (wide.length > 0) said.push(`${{page}} at ${{width}}: ${{wide.length}} parts are too wide: ${{wide[0].outerHTML.slice(0, 90)}}`);
    frame.remove();
  }}
return said;",
        serde_json::to_string(&pages).unwrap()
    );
    let Some(said) = run_in_site(folder.path(), &script) else { return };
    assert_eq!(said, serde_json::json!([]));
}

#[test]
fn a_page_of_a_kind_begins_with_a_small_example_and_ends_with_a_whole_one() {
    let folder = site();
    for (path, text) in files(folder.path(), ".md") {
        if !path.starts_with("kinds/") {
            continue;
        }
        let programs: Vec<usize> = text.match_indices("```asq\n").map(|(at, _)| at).collect();
        let heading = text.find("\n## ").unwrap();
        assert!(programs[0] < heading, "{path}: no example before the fields");
        let last = text.rfind("\n## ").unwrap();
        let title = text[last..].lines().nth(1).unwrap();
        assert!(title.ends_with("example") || title.ends_with("example with every field"), "{path}: {title}");
        assert!(*programs.last().unwrap() > last, "{path}: no example at the end");
    }
}
