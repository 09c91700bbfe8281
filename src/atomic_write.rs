//! Replaces files atomically: a reader sees the old text or the new text.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Replaces `before`, the text of the existing file at `path`, with `text`. Its permissions are kept, and a link stays
/// a link. A file with another text by now is left as it is: an editor has saved it in the meantime.
pub(crate) fn replace(path: &Path, before: &str, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(ErrorKind::PermissionDenied, "it is read-only"));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new().prefix(".asiaq-").tempfile_in(folder)?;
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

#[cfg(test)]
mod tests {
    use super::*;

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
