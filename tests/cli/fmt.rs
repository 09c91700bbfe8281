//! `asiaq fmt`: what it writes, where, and what it says.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use insta::assert_snapshot;

use super::Folder;

const UGLY: &str = "env ci:box{zones=2 // two\n  cidr=10.0.0.0/20}\n\n\nlet a = 1\nlet long = 2";
const NEAT: &str =
    "env ci : box {\n  zones = 2 // two\n  cidr  = 10.0.0.0/20\n}\n\nlet a    = 1\nlet long = 2\n";
const BROKEN: &str = "env ci{zones=2\nprotect   =\n cidr=10.0.0.0/20}\n";

impl Folder {
    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// What comes out of `asiaq fmt -` for `text`.
    fn piped(&self, text: &str, more: &[&str]) -> String {
        let mut command = self.command();
        command.args(["fmt", "-"]).args(more);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        format!("{}[exit {}]\n", said.concat(), output.status.code().unwrap())
    }
}

#[test]
fn files_are_written_and_named_once() {
    let folder = Folder::new(&[("a.asq", UGLY), ("b.asq", NEAT), ("deep/c.asq", UGLY), ("notes.txt", UGLY)]);
    assert_snapshot!(folder.transcript(&["fmt", "fmt", "fmt deep/c.asq b.asq deep", "fmt nowhere.asq"]));
    assert_eq!([folder.text("a.asq"), folder.text("b.asq"), folder.text("deep/c.asq")], [NEAT; 3]);
    assert_eq!(folder.text("notes.txt"), UGLY);
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 4, "nothing is left behind");
}

#[test]
fn what_would_change_can_be_asked() {
    let folder = Folder::new(&[("a.asq", UGLY), ("b.asq", NEAT)]);
    assert_snapshot!(folder.transcript(&[
        "fmt --check",
        "fmt --diff",
        "fmt --check --diff a.asq",
        "fmt --check b.asq",
        "fmt --diff --format json",
        "fmt --format json a.asq",
    ]));
}

#[test]
fn a_mistake_stays_and_is_told_where_it_then_is() {
    let folder = Folder::new(&[("a.asq", BROKEN)]);
    assert_snapshot!(folder.transcript(&["fmt", "fmt --check", "fmt --format json"]));
    assert_eq!(folder.text("a.asq"), "env ci {\n  zones = 2\n  protect   =\n  cidr = 10.0.0.0/20\n}\n");
}

#[test]
fn text_that_comes_in_goes_out() {
    let folder = Folder::new(&[]);
    assert_eq!(folder.piped(UGLY, &[]), format!("{NEAT}[exit 0]\n"));
    assert_eq!(folder.piped(NEAT, &[]), format!("{NEAT}[exit 0]\n"));
    assert_eq!(folder.piped(UGLY, &["--check"]), "-\n[exit 1]\n");
    assert_eq!(folder.piped(NEAT, &["--check"]), "[exit 0]\n");
    assert!(folder.piped(BROKEN, &[]).starts_with("env ci {\n  zones = 2\n"));
    assert!(folder.piped(UGLY, &["--format", "json"]).contains(r#""text": "env ci : box {\n"#));
    assert_snapshot!(folder.transcript(&["fmt - a.asq"]));
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = Folder::new(&[("in/a.asq", UGLY), ("out/b.asq", UGLY), ("locked/c.asq", UGLY)]);
    let path = |name: &str| folder.0.path().join(name);
    let set = |name: &str, mode| {
        std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set("in/a.asq", 0o640);
    set("locked/c.asq", 0o400);
    symlink("../out/b.asq", path("in/b.asq")).unwrap();

    assert_snapshot!(folder.transcript(&["fmt in", "fmt in/b.asq"]));
    let mode = std::fs::metadata(path("in/a.asq")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(path("in/b.asq").is_symlink());
    assert_eq!(folder.text("out/b.asq"), NEAT);

    let refused = folder.run("fmt locked", &[]);
    assert!(refused.contains("it is read-only") && refused.ends_with("[exit 2]\n"), "{refused}");
    assert_eq!(folder.text("locked/c.asq"), UGLY);
}

#[test]
fn the_library_and_the_examples_are_laid_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = std::fs::read_dir(root.join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = examples.filter(|path| path.is_dir()).chain([root.join("stdlib")]).collect();
    let output = Folder::new(&[]).command().args(["fmt", "--check"]).args(folders).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    assert!(output.status.success());
}

#[test]
fn line_ends_of_windows_are_kept() {
    let windows = |text: &str| text.replace('\n', "\r\n");
    let folder = Folder::new(&[
        ("a.asq", &windows(UGLY)),
        ("b.asq", &windows(NEAT)),
        ("c.asq", "let a = 1\r\nlet b = 2\n"),
    ]);
    assert_snapshot!(folder.transcript(&[
        "fmt --check",
        "fmt --diff",
        "fmt --check b.asq",
        "fmt",
        "fmt --check"
    ]));
    assert_eq!(folder.text("a.asq"), windows(NEAT));
    assert_eq!(folder.text("b.asq"), windows(NEAT));
    assert_eq!(folder.text("c.asq"), "let a = 1\nlet b = 2\n");
}
