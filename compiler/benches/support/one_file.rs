//! A project of one file.

use asiaq_compiler::Files;

/// The same text at every path.
pub(crate) struct OneFile<'t>(pub(crate) &'t str);

impl Files for OneFile<'_> {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.to_owned())
    }
}
