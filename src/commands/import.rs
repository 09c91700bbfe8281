use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use asiaq_import::{Import as Imported, Verified, Wish};

use super::check::{Report, root_in_repository};
use crate::exit::{Exit, Result};
use crate::ui::{self, code_host, diagnostics, json, verification};
use crate::{atomic_write, project};

/// Translates the configuration of the original Asiaq, and finds what is wrong with it
///
/// Reads the files `disco_*.ini`, the CSV files of pipelines, the JSON of tables, and the folders `rds`, `iam`, `ssm` and
/// `sandboxes` below DIR. What is wrong or doubtful in them is shown at its place there. What the program cannot say is a comment in it. Without `--output`, nothing is written. Exit code 1 if
/// something in the old files is an error; the program is written all the same, and `asiaq check` accepts it.
#[derive(clap::Args, Debug)]
pub(crate) struct Import {
    /// The folder with the old files
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The folder to write the program to; it is created if needed. Default: writes nothing
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Replaces files of the program that are there
    #[arg(long, requires = "output")]
    overwrite: bool,
    /// An environment with its type; can be repeated. Default: what the files tell
    #[arg(long, value_name = "NAME=TYPE", value_parser = pair)]
    env: Vec<(String, String)>,
    /// An environment with the file of its pipeline, relative to DIR; can be repeated. Default: that of a sandbox
    #[arg(long, value_name = "ENV=FILE", value_parser = pair)]
    pipeline: Vec<(String, String)>,
    /// An environment with the file that defines a table of it, relative to DIR; can be repeated. Default: all environments
    /// have the table
    #[arg(long, value_name = "ENV=FILE", value_parser = pair)]
    table: Vec<(String, String)>,
    /// An account with its id; can be repeated. Default: what is in accounts is a comment
    #[arg(long, value_name = "NAME=ID", value_parser = pair)]
    account: Vec<(String, String)>,
    /// AWS region of the environments, which is in none of the files. Default: `AWS_REGION`, or else us-west-2
    #[arg(long)]
    region: Option<String>,
    /// Compares what the original does in each environment, worked out a second time, with what the program says; exit code 1
    /// if a value differs for no reason
    #[arg(long)]
    verify: bool,
    /// Output format of the findings
    #[arg(long, value_enum, default_value_t)]
    format: Report,
}

fn pair(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// Files that are read at most.
const MOST_FILES: usize = 20_000;

/// Bytes of the largest file that is read.
const LARGEST: u64 = 16 << 20;

impl Import {
    pub(crate) fn run(&self) -> Result<Exit> {
        let tree = self.tree()?;
        let from_surroundings = || std::env::var("AWS_REGION").ok().filter(|region| !region.is_empty());
        let wish = Wish {
            environments: self.env.clone(),
            pipelines: self.files(&self.pipeline, &tree)?,
            tables: self.files(&self.table, &tree)?,
            accounts: self.account.clone(),
            region: self.region.clone().or_else(from_surroundings),
        };
        let imported = asiaq_import::import(&tree, &wish);
        let is_known = |name: &str| imported.environments.iter().any(|(known, ..)| known == name);
        if let Some((name, envtype)) = self.env.iter().find(|(name, _)| !is_known(name)) {
            return Err(anyhow!("`{name}` cannot be of the type `{envtype}`: `disco_vpc.ini` has no section `[envtype:{envtype}]`").into());
        }
        if let Some((name, _)) = self.pipeline.iter().chain(&self.table).find(|(name, _)| !is_known(name)) {
            return Err(anyhow!(
                "the type of the environment `{name}` is not known: add `--env {name}=TYPE`"
            )
            .into());
        }
        if let Some(output) = &self.output {
            self.refuse_existing(output, &imported)?;
        }
        let verified = self.verify.then(|| asiaq_import::verify(&imported));
        self.show(&imported, verified.as_ref());
        if let Some(output) = &self.output {
            write(output, &imported)?;
        }
        if let Some(verified) = verified {
            let is_equal = verified.differences.iter().all(|difference| difference.reason.is_some());
            return Ok(if is_equal { Exit::Done } else { Exit::Program });
        }
        let is_sound = !imported.findings.iter().any(asiaq_lang::Diagnostic::is_error);
        Ok(if is_sound { Exit::Done } else { Exit::Program })
    }

    /// Shows the findings, and what differs. What differs with a reason is a finding.
    fn show(&self, imported: &Imported, verified: Option<&Verified>) {
        let folder = self.folder.to_string_lossy();
        let (sources, found) = (imported.sources_below(&folder), imported.findings.as_slice());
        match self.format {
            Report::Json => {
                json::print(&json::report(&sources, found).with_verification(&sources, verified));
                return;
            }
            Report::Github => ui::out(&code_host::github(&sources, found, &root_in_repository())),
            Report::Sarif => json::print(&code_host::sarif(&sources, found, &root_in_repository())),
            Report::Text => {
                ui::out(&diagnostics::draw(&sources, found));
                ui::out(&diagnostics::verdict_of_import(found));
            }
        }
        if let Some(verified) = verified {
            ui::say(&verification::shown(&sources, verified));
        }
    }

    /// The files below the folder that the original reads.
    fn tree(&self) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
        let mut tree = BTreeMap::new();
        let mut waiting = vec![self.folder.clone()];
        while let Some(folder) = waiting.pop() {
            let cannot = || format!("cannot read the folder `{}`", folder.display());
            for entry in fs::read_dir(&folder).with_context(cannot)? {
                let path = entry.with_context(cannot)?.path();
                let Some(name) = path.strip_prefix(&self.folder).ok().and_then(Path::to_str) else {
                    continue;
                };
                let name = name.replace(std::path::MAIN_SEPARATOR, "/");
                // A link to a folder may lead back to one above it.
                if path.is_dir() && !path.is_symlink() && !is_hidden(&path) {
                    waiting.push(path);
                } else if asiaq_import::is_read(&name) && path.is_file() {
                    match read(&path) {
                        Ok(bytes) => {
                            tree.insert(name, bytes);
                        }
                        // JSON of somebody else's.
                        Err(_) if is_json(&name) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            if tree.len() > MOST_FILES {
                bail!(
                    "there are more than {MOST_FILES} files below `{}`: name the folder with `disco_aws.ini`",
                    self.folder.display()
                );
            }
        }
        if !tree.keys().any(|name| name.starts_with("disco_") && !name.contains('/')) {
            bail!(
                "there is no `disco_aws.ini` or `disco_vpc.ini` in `{}`: name the folder that has them",
                self.folder.display()
            );
        }
        Ok(tree)
    }

    /// Environments with files, which must be there.
    fn files(
        &self,
        said: &[(String, String)],
        tree: &BTreeMap<String, Vec<u8>>,
    ) -> anyhow::Result<Vec<(String, String)>> {
        let tidy = |(name, file): &(String, String)| {
            let file = file.trim_start_matches("./").to_owned();
            if tree.contains_key(&file) {
                return Ok((name.clone(), file));
            }
            let known: Vec<&str> =
                tree.keys().map(String::as_str).filter(|path| !path.starts_with("disco_")).collect();
            match asiaq_compiler::did_you_mean(&file, &known) {
                Some(near) => {
                    bail!("there is no file `{file}` in `{}`; did you mean `{near}`?", self.folder.display())
                }
                None => bail!(
                    "there is no file `{file}` in `{}`: name it as seen from there",
                    self.folder.display()
                ),
            }
        };
        said.iter().map(tidy).collect()
    }

    /// Refuses to replace files, and a folder with files that the program would then have in addition.
    fn refuse_existing(&self, output: &Path, imported: &Imported) -> anyhow::Result<()> {
        if self.overwrite {
            return Ok(());
        }
        let existing =
            written(imported).map(|(name, _)| name).map(|name| output.join(name)).find(|path| path.exists());
        if let Some(path) = existing {
            bail!("`{}` exists: name another folder, or replace it with `--overwrite`", path.display());
        }
        if project::listing(output).is_ok_and(|found| !found.is_empty()) {
            bail!(
                "`{}` has a program already: name another folder, or add to it with `--overwrite`",
                output.display()
            );
        }
        Ok(())
    }
}

fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read `{}`", path.display());
    if fs::metadata(path).with_context(cannot)?.len() > LARGEST {
        bail!("`{}` is larger than 16 MB", path.display());
    }
    fs::read(path).with_context(cannot)
}

/// The files of the program, and those beside it.
fn written(imported: &Imported) -> impl Iterator<Item = (&String, &String)> {
    imported.files.iter().chain(&imported.beside)
}

/// Writes the program. A file that is there is replaced in one step.
fn write(output: &Path, imported: &Imported) -> anyhow::Result<()> {
    for (name, text) in written(imported) {
        let path = output.join(name);
        let cannot = || format!("cannot write `{}`", path.display());
        let parent = path.parent().unwrap_or(output);
        fs::create_dir_all(parent)
            .with_context(|| format!("cannot create the folder `{}`", parent.display()))?;
        if path.exists() {
            let before = fs::read_to_string(&path).with_context(cannot)?;
            atomic_write::replace(&path, &before, text).with_context(cannot)?;
        } else {
            let mut file = fs::File::create_new(&path).with_context(cannot)?;
            file.write_all(text.as_bytes()).with_context(cannot)?;
        }
        ui::say(&format!("{}\n", path.display()));
    }
    let shown = output.display();
    ui::say(&format!("`asiaq check {shown}` checks the program\n"));
    Ok(())
}
