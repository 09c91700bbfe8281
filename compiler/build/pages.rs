//! The catalogue of diagnostics.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The pages in `folder` as a slice of `Page`, in order of code.
pub(crate) fn table(folder: &Path) -> io::Result<String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    let mut table = "&[\n".to_owned();
    for path in &pages {
        let code = path.file_stem().unwrap_or_default().to_string_lossy();
        let path = path.to_string_lossy();
        let _ = writeln!(table, "    Page {{ code: {code:?}, text: include_str!({path:?}) }},");
    }
    table.push_str("]\n");
    Ok(table)
}
