//! Replaces files atomically: a reader sees the old text or the new text.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

/// The beginning of the names of temporary files; six letters and digits follow.
const TEMPORARY: &str = ".asiaq-";

/// No write takes as long as this.
const LEFT_OVER: Duration = Duration::from_hours(1);

/// Replaces `before`, the text of the existing file at `path`, with `text`. Its permissions are kept, and a link stays
/// a link. A file with another text by now is left as it is: an editor has saved it in the meantime.
pub(crate) fn replace(path: &Path, before: &str, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "it is read-only"));
    }
    let mut new = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder_of(&path))?;
    new.write_all(text.as_bytes())?;
    new.as_file().set_permissions(permissions)?;
    new.as_file().sync_all()?;
    // Last of all, so that as little time as possible passes until the file is replaced.
    if fs::read(&path)? != before.as_bytes() {
        return Err(io::Error::other("it has changed in the meantime; run the command again"));
    }
    new.persist(&path)?;
    Ok(())
}

/// Deletes the temporary files beside `files` that a killed command left behind.
pub(crate) fn sweep<'a>(files: impl Iterator<Item = &'a Path>) {
    let folders: BTreeSet<&Path> = files.map(folder_of).collect();
    for entry in folders.into_iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten() {
        let name = entry.file_name();
        let is_temporary =
            name.to_str().and_then(|name| name.strip_prefix(TEMPORARY)).is_some_and(|random| {
                random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        let is_old = |file: &fs::Metadata| {
            file.is_file()
                && file.modified().is_ok_and(|then| then.elapsed().is_ok_and(|age| age > LEFT_OVER))
        };
        if is_temporary && entry.metadata().is_ok_and(|file| is_old(&file)) {
            // The next command tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes `bytes` to `path`, readable by its owner only. A file that is there is replaced in one step. A link is
/// refused: what is at its end is another file. A pipe or a device is written to as it is.
#[cfg(feature = "aws")]
pub(crate) fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|end| !end.is_file() && !end.is_dir()) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    if fs::symlink_metadata(path).is_ok_and(|file| file.is_symlink()) {
        return Err(io::Error::other("it is a link: name the file itself"));
    }
    let mut new = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder_of(path))?;
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(unix, feature = "aws"))]
    #[test]
    fn a_private_file_is_replaced_in_one_step_and_no_link_is_followed() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan");
        fs::write(&path, "an old one that is longer").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        create_private(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        std::os::unix::fs::symlink(&target, &link).unwrap();
        for exists in [false, true] {
            if exists {
                fs::write(&target, "").unwrap();
            }
            assert!(create_private(&link, b"new").unwrap_err().to_string().contains("a link"));
            assert_eq!(target.exists(), exists);
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "");
        create_private(Path::new("/dev/null"), b"new").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left behind");
    }

    #[test]
    fn what_a_killed_command_left_is_swept_up() {
        let folder = tempfile::tempdir().unwrap();
        let old = std::time::SystemTime::now() - 2 * LEFT_OVER;
        for (name, is_old) in [
            (".asiaq-aB3xyz", true),
            (".asiaq-new123", false),
            (".asiaq-notes", true),
            (".asiaq-a.asq", true),
        ] {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            if is_old {
                file.set_modified(old).unwrap();
            }
        }
        sweep(
            [folder.path().join("a.asq"), folder.path().join("b.asq")]
                .iter()
                .map(std::path::PathBuf::as_path),
        );
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [".asiaq-a.asq", ".asiaq-new123", ".asiaq-notes"]);
    }

    #[test]
    fn what_was_saved_in_the_meantime_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.asq");
        fs::write(&path, "saved").unwrap();
        let error = replace(&path, "read", "written").unwrap_err();
        assert!(error.to_string().contains("changed in the meantime"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "saved");
        replace(&path, "saved", "written").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "written");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
