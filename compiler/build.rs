//! Collects the pages of the diagnostics: a page is in the catalogue by lying in `docs/diagnostics`.

#![allow(clippy::disallowed_methods, reason = "a build script reads the files it embeds")]
#![allow(clippy::print_stdout, reason = "which is how cargo is told")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = here.join("../docs/diagnostics");
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
    let folder = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&folder).join("pages.rs"), table)
}
