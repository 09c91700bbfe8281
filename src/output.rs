//! The files that commands write. A file of another kind is never overwritten, so that a mistyped name does not
//! destroy a program.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::{Context, bail};

use crate::ui;

/// The start of an SVG file.
const SVG: &str = "<svg ";

/// Creates an empty file at `path`. An existing file is only replaced if it is empty or starts with `begins`, as `what`
/// does.
pub(crate) fn create(path: &Path, begins: &str, what: &str) -> anyhow::Result<File> {
    let shown = path.display();
    if path.is_file() {
        let mut head = Vec::new();
        let length = u64::try_from(begins.len()).unwrap_or(u64::MAX);
        let old = File::open(path).and_then(|file| file.take(length).read_to_end(&mut head));
        old.with_context(|| format!("cannot write `{shown}`"))?;
        if !head.is_empty() && head != begins.as_bytes() {
            bail!("`{shown}` exists and is not {what}: name another file");
        }
    }
    File::create(path).with_context(|| format!("cannot write `{shown}`"))
}

/// Creates an empty file for an SVG.
pub(crate) fn picture(path: &Path) -> anyhow::Result<File> {
    create(path, SVG, "an SVG file")
}

/// Writes an SVG to `path`, or prints it if that is `-`.
pub(crate) fn write_picture(path: &Path, svg: &str) -> anyhow::Result<()> {
    if path.as_os_str() == "-" {
        ui::out(svg);
        return Ok(());
    }
    let shown = path.display();
    picture(path)?.write_all(svg.as_bytes()).with_context(|| format!("cannot write the SVG to `{shown}`"))
}
