//! Placeholders in overlay files, which instances replace by secrets when they boot.

use asiaq_compiler::Checked;
use asiaq_ir::is_secret_key_character;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::overlay::{Entry, Overlay};
use crate::ui;

/// What a placeholder begins with; `}` ends it.
const START: &str = "{s3cred://";

/// The keys of the secrets of each environment, by hostclass that the environment runs.
pub(super) type Known = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The secrets of the environments that run each hostclass.
pub(super) fn known(checked: &Checked) -> Known {
    let mut known = Known::new();
    let secrets = checked.secrets();
    for env in checked.environments() {
        let of = secrets.iter().find(|one| one.env == env.name);
        let declared = of.iter().flat_map(|of| of.declared.iter().map(|one| one.key.clone()));
        let keys: BTreeSet<String> =
            declared.chain(of.iter().flat_map(|of| of.used.iter().cloned())).collect();
        for hostclass in env.pipeline.iter().flat_map(|pipeline| pipeline.stages.iter().flatten()) {
            known.entry(hostclass.clone()).or_default().insert(env.name.clone(), keys.clone());
        }
    }
    known
}

/// What is wrong with the placeholders in the overlay files of a hostclass, by line: keys that are none, and keys that an
/// environment which runs it does not declare.
pub(super) fn problems(overlay: &Overlay, hostclass: &str, known: &Known) -> Vec<String> {
    let environments = known.get(hostclass);
    let mut found = Vec::new();
    for entry in overlay.entries.values() {
        let Entry::File(path, _) = entry else { continue };
        // What cannot be read is reported when it is copied; what is no text has no placeholders.
        let Ok(text) = fs::read_to_string(path) else { continue };
        for (key, line) in keys(&text) {
            let place = format!("{}:{line}", path.display());
            let Some(key) = key else {
                found.push(format!(
                    "{place}: `{START}` without a key of letters, digits, `-`, `_`, `.` and `/`, and `}}`"
                ));
                continue;
            };
            let lacking = environments.into_iter().flatten().filter(|(_, keys)| !keys.contains(key));
            let lacking: Vec<&str> = lacking.map(|(env, _)| env.as_str()).collect();
            if !lacking.is_empty() {
                let (envs, verb) =
                    (ui::listed(&lacking), if lacking.len() == 1 { "declares" } else { "declare" });
                found.push(format!("{place}: {envs} {verb} no secret with the key `{key}`"));
            }
        }
    }
    found
}

/// The placeholders in a text: the key, if it is one, and the number of the line.
fn keys(text: &str) -> Vec<(Option<&str>, usize)> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for rest in line.split(START).skip(1) {
            let key = rest.split_once('}').map(|(key, _)| key);
            found.push((
                key.filter(|key| !key.is_empty() && key.chars().all(is_secret_key_character)),
                number,
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn overlay_of(name: &str, text: &str, folder: &Path) -> Overlay {
        fs::write(folder.join(name), text).expect("a file");
        Overlay::read(folder, &["front".to_owned()], &["front"]).expect("an overlay")
    }

    #[test]
    fn keys_that_an_environment_lacks_are_named_with_their_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let text =
            "a\nuser={s3cred://app/user} pass={s3cred://app/password}\n{s3cred://a b}\n{s3cred://open\n";
        let overlay = overlay_of("settings.ini", text, folder.path());
        let keys = |keys: &[&str]| -> BTreeSet<String> { keys.iter().map(|key| (*key).to_owned()).collect() };
        let envs = BTreeMap::from([
            ("ci".to_owned(), keys(&["app/user"])),
            ("live".to_owned(), keys(&["app/user", "app/password"])),
            ("old".to_owned(), keys(&[])),
        ]);
        let known = Known::from([("front".to_owned(), envs)]);
        let found = problems(&overlay, "front", &known);
        let place = |line: usize| format!("{}:{line}: ", folder.path().join("settings.ini").display());
        assert_eq!(found.len(), 4, "{found:#?}");
        assert_eq!(found[0], format!("{}`old` declares no secret with the key `app/user`", place(2)));
        assert_eq!(
            found[1],
            format!("{}`ci` and `old` declare no secret with the key `app/password`", place(2))
        );
        assert!(found[2].starts_with(&place(3)) && found[3].starts_with(&place(4)), "{found:#?}");
        // What no environment runs needs no secret.
        assert_eq!(problems(&overlay, "front", &Known::new()).len(), 2);
    }
}
