//! Where a program is from: the Git remote of its folder, and the path of the folder in the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use asiaq_runtime::{Coverage, Observed, check_origin, check_tag_integrity, tag_value};

/// Refuses resources whose tags contradict each other, and environments that were applied from another place unless they are
/// taken over. Gives the place of the program at a path.
pub(super) fn checked(
    project: &str,
    observed: &Observed,
    scope: &Coverage,
    (path, take_over): (Option<&Path>, bool),
) -> anyhow::Result<Option<String>> {
    check_tag_integrity(project, observed, scope)?;
    let origin = of(path);
    if !take_over {
        check_origin(project, observed, scope, origin.as_deref())?;
    }
    Ok(origin)
}

/// The origin of the program in `project`, as the value of a tag; absent for a folder in no repository with a remote.
/// It is the same in all clones.
pub(super) fn of(project: Option<&Path>) -> Option<String> {
    let path = fs::canonicalize(project.unwrap_or_else(|| Path::new("."))).ok()?;
    let folder = if path.is_dir() { path.as_path() } else { path.parent()? };
    let tree = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    let remote = remote(&fs::read_to_string(config(&tree.join(".git"))?).ok()?)?;
    let parts = folder.strip_prefix(tree).ok()?.components();
    let parts: Vec<String> = parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let separator = if parts.is_empty() { "" } else { "//" };
    Some(tag_value(&format!("{}{separator}{}", place(&remote), parts.join("/"))))
}

/// The configuration of a repository, whose `.git` is a file in a further work tree.
fn config(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.join("config"));
    }
    let folder = git.parent()?.join(fs::read_to_string(git).ok()?.strip_prefix("gitdir:")?.trim());
    let common = fs::read_to_string(folder.join("commondir"));
    Some(common.map_or_else(|_| folder.clone(), |common| folder.join(common.trim())).join("config"))
}

/// The URL of the remote `origin`, or of the only one.
fn remote(config: &str) -> Option<String> {
    let mut remotes: BTreeMap<&str, &str> = BTreeMap::new();
    let mut current = None;
    for line in config.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let name = section.strip_suffix(']').and_then(|section| section.strip_prefix("remote "));
            current = name.map(|name| name.trim().trim_matches('"'));
        } else if let (Some(name), Some((key, url))) = (current, line.split_once('='))
            && key.trim().eq_ignore_ascii_case("url")
        {
            remotes.entry(name).or_insert(url.trim().trim_matches('"'));
        }
    }
    let only = (remotes.len() == 1).then(|| remotes.values().next()).flatten();
    remotes.get("origin").or(only).map(|url| (*url).to_owned())
}

/// Host and path of a URL, the same for all protocols, and without a user or a password.
fn place(url: &str) -> String {
    let (host, path) = match url.split_once("://") {
        Some(("file", path)) => ("", path),
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        None => match url.split_once(':') {
            // The short form of SSH; one letter is a drive of Windows.
            Some((host, path)) if !host.contains('/') && host.len() > 1 => (host, path),
            Some(_) | None => ("", url),
        },
    };
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let host = host.rsplit('@').next().and_then(|host| host.split(':').next()).unwrap_or_default();
    if host.is_empty() {
        return path.to_owned();
    }
    format!("{}/{}", host.to_lowercase(), path.trim_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_repository_have_one_origin() {
        for url in [
            "git@github.com:acme/infra.git",
            "https://github.com/acme/infra",
            "https://github.com/acme/infra.git/",
            "https://ci-token:s3cret@GitHub.com/acme/infra.git",
            "ssh://git@github.com:22/acme/infra.git",
        ] {
            assert_eq!(place(url), "github.com/acme/infra", "{url}");
        }
        assert_eq!(place("/srv/git/infra.git"), "/srv/git/infra");
        assert_eq!(place("file:///srv/git/infra.git"), "/srv/git/infra");
    }

    #[test]
    fn the_remote_is_that_of_the_configuration() {
        let config =
            "[core]\n\tbare = false\n[remote \"upstream\"]\n\turl = git@a:b\n[branch \"main\"]\n\turl = x\n";
        assert_eq!(remote(config).as_deref(), Some("git@a:b"));
        let both = format!("{config}[remote \"origin\"]\n\tfetch = +refs\n\tURL = https://c/d\n");
        assert_eq!(remote(&both).as_deref(), Some("https://c/d"));
        let neither = both.replace("\"origin\"", "\"other\"");
        assert_eq!(remote(&neither), None);
    }

    #[test]
    fn the_path_in_the_repository_is_part_of_the_origin() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("envs/shop");
        fs::create_dir_all(&project).unwrap();
        fs::write(project.join("infra.asq"), "").unwrap();
        assert_eq!(of(Some(&project)), None);
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(of(Some(&project)), None);
        fs::write(folder.path().join(".git/config"), "[remote \"origin\"]\nurl = git@h:a/b.git\n").unwrap();
        assert_eq!(of(Some(&project)).as_deref(), Some("h/a/b//envs/shop"));
        assert_eq!(of(Some(&project.join("infra.asq"))).as_deref(), Some("h/a/b//envs/shop"));
        assert_eq!(of(Some(folder.path())).as_deref(), Some("h/a/b"));

        // A further work tree of the same repository.
        let tree = folder.path().join("tree");
        fs::create_dir_all(folder.path().join(".git/worktrees/tree")).unwrap();
        fs::create_dir_all(tree.join("envs/shop")).unwrap();
        fs::write(folder.path().join(".git/worktrees/tree/commondir"), "../..\n").unwrap();
        fs::write(tree.join(".git"), "gitdir: ../.git/worktrees/tree\n").unwrap();
        assert_eq!(of(Some(&tree.join("envs/shop"))).as_deref(), Some("h/a/b//envs/shop"));
    }
}
