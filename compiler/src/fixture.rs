//! Projects of one file, for unit tests.

use crate::{Checked, Files, Workspace};

/// The same text at every path.
pub(crate) struct OneFile<'t>(pub(crate) &'t str);

impl Files for OneFile<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}

/// A workspace whose only file is `infra.asq` with this text.
pub(crate) fn workspace(text: &str) -> Workspace {
    Workspace::load(&["infra.asq".to_owned()], &OneFile(text)).unwrap()
}

/// Checks a project whose only file is `infra.asq` with this text.
pub(crate) fn check(text: &str) -> Checked {
    crate::check(workspace(text))
}
