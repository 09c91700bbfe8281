//! Text with a cursor in, text out: the cursor is `$0`, a line `//- PATH` begins another file.

mod accounts;
mod arbitrary;
mod balancers;
mod claims;
mod completions;
mod hover;
mod identity;
mod literals;
mod machines;
mod names;
mod shown;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use asiaq_lang::{Edit, Span};

use super::{Analysis, Offset};
use crate::{Files, Workspace};

/// Files in memory.
pub(super) struct Memory(pub(super) BTreeMap<String, String>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| format!("there is no file `{path}`"))
    }
}

/// What most tests are about.
const SHOP: &str = "\
use std/classic

project shop { region = us-west-2 }

/// From where operators come.
let office = 198.51.100.0/28
let ops = [22, 2222]
let ssh = tcp ops from office \"operators\"

/// What all environments share.
envtype base : classic {
  zones = 2
  metanetwork tunnel { routes = [internet via igw], nat = auto }
  metanetwork dmz { cidr = auto /24 }
  /// Where the services are.
  metanetwork web {
    ingress = [ssh, tcp [80, 443] from all]
    routes  = [internet via nat tunnel]
  }
}
envtype sandbox : base { cidr = auto /20 in 10.128.0.0/9 }

env ci : sandbox {}
env qa : sandbox { zones = 3, metanetwork web { cidr = auto /22 } }
env live : base {
  cidr = 10.1.0.0/20
  dhcp { domain_name = \"${env.name}.${project.name}.internal\", ntp = [tunnel + 5] }
  metanetwork web { ingress += [tcp 8080 from ci/web] }
}

hostclass service { network = web }
hostclass front : service {
  ip       = +5
  eip@live = 203.0.113.9
  public_ip@[ci, qa] = true
}

peering builds = ci/web <-> live/web
";

/// Opens a project and gives the cursor's place, if it has one.
pub(super) fn open(text: &str) -> (Analysis, Option<Offset>) {
    let mut files: Vec<(String, String)> = vec![("infra.asq".to_owned(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("//- ") {
            Some(path) => files.push((path.trim().to_owned(), String::new())),
            None => files.last_mut().unwrap().1.push_str(line),
        }
    }
    let mut cursor = None;
    for (path, text) in &mut files {
        if let Some(at) = text.find("$0") {
            text.replace_range(at..at + 2, "");
            cursor = Some((path.clone(), at));
        }
    }
    let memory = Memory(files.into_iter().collect());
    let workspace = Workspace::load(&["infra.asq".to_owned()], &memory).unwrap();
    let analysis = Analysis::new(workspace);
    let offset = cursor.map(|(path, at)| Offset {
        file: analysis.file(&path).expect("the file is used"),
        at: u32::try_from(at).unwrap(),
    });
    (analysis, offset)
}

/// [`SHOP`] with `with` in place of `what`, opened at the cursor in it.
fn shop(what: &str, with: &str) -> (Analysis, Offset) {
    assert_eq!(SHOP.matches(what).count(), 1, "{what}");
    let (analysis, at) = open(&SHOP.replace(what, with));
    (analysis, at.expect("a cursor"))
}

/// [`SHOP`] with the cursor at `$0` in `what`.
fn shop_at(what: &str) -> (Analysis, Offset) {
    shop(&what.replace("$0", ""), what)
}

/// `path:line:column text`, for a list of places; of the library, which goes its own ways, without the numbers.
fn places(analysis: &Analysis, spans: &[Span]) -> String {
    let mut text = String::new();
    for span in spans {
        let at = analysis.sources().start(*span);
        let (path, found) = (analysis.sources().path(span.file), analysis.sources().slice(*span));
        if path.starts_with("std/") {
            writeln!(text, "{path} {found}").unwrap();
        } else {
            writeln!(text, "{path}:{}:{} {found}", at.line, at.column).unwrap();
        }
    }
    text
}

/// The text of a file after edits to it.
fn edited(analysis: &Analysis, path: &str, edits: &[Edit]) -> String {
    let file = analysis.file(path).unwrap();
    let mut text = analysis.sources().text(file).to_owned();
    let mut edits: Vec<&Edit> = edits.iter().filter(|edit| edit.span.file == file).collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}
