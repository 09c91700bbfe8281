//! Commands and options of other tools, with what does the same here.

/// The commands, by the words for them.
const COMMANDS: [(&[&str], &str); 24] = [
    (
        &["init", "bootstrap", "configure", "create", "scaffold", "setup"],
        "there is nothing to set up; `asiaq new project` starts a project",
    ),
    (
        &["validate", "build", "compile", "lint", "verify"],
        "`asiaq check` finds every error that can be found without AWS",
    ),
    (
        &["test", "tests"],
        "`asiaq check` proves the `expect` blocks of a program; `asiaq docs emulator` says how to test an apply",
    ),
    (&["format"], "`asiaq fmt` formats files"),
    (
        &["preview", "changes", "diff", "dry-run", "synth", "whatif"],
        "`asiaq plan` shows what an apply would change",
    ),
    (
        &["deploy", "install", "run", "sync", "up-all", "update"],
        "`asiaq apply` changes AWS to match the program",
    ),
    (&["delete", "remove", "rm", "teardown"], "`asiaq destroy` deletes what the project owns"),
    (&["refresh", "drift"], "`asiaq plan --drift-only` shows what was changed outside of asiaq"),
    (
        &["state", "backend"],
        "there is no state file: AWS is the state, and tags say what belongs to the project",
    ),
    (
        &["workspace", "envs", "environment", "environments", "list", "ls", "stack", "stacks", "workspaces"],
        "`asiaq env list` lists the environments",
    ),
    (&["force-unlock"], "`asiaq unlock --env NAME` breaks the lease of a run that died"),
    (
        &["output", "outputs", "id", "ids", "inventory", "nameservers"],
        "`asiaq show` prints the ids, addresses and names in AWS, also as shell or Terraform variables",
    ),
    (&["providers", "get", "modules", "plugin", "plugins"], "there are no plugins and nothing to download"),
    (&["login", "logout"], "asiaq takes credentials from where the AWS CLI does, as with `--profile`"),
    (
        &["accounts", "adduser", "edituser", "hashpassword", "listusers"],
        "`operator` in a program declares accounts on machines, and `asiaq operator` shows them and sets passwords",
    ),
    (&["instances", "listhosts", "machines", "ps"], "`asiaq hosts` lists the running instances"),
    (
        &["logs"],
        "`asiaq tail` prints the log events of a hostclass; `asiaq timeline FILE` draws a recorded run",
    ),
    (&["remote", "run-command"], "`asiaq exec` runs a command on instances"),
    (
        &["eval", "get-value", "inspect", "repl"],
        "`asiaq explain ENV.NAME.FIELD` prints a value and the lines that set it, `asiaq ir` all resources",
    ),
    (
        &["taint", "recreate", "replace", "untaint"],
        "no command marks a resource for replacement; what is deleted in AWS is created by the next apply",
    ),
    (&["rollback", "revert", "undo"], "revert the commit and run `asiaq apply`; see `asiaq docs undo`"),
    (&["history", "log"], "`asiaq apply --events FILE` records a run, and `asiaq timeline FILE` draws it"),
    (&["cost", "costs", "price"], "asiaq does not know what AWS charges"),
    (&["version"], "`asiaq --version` prints the version"),
];

/// The options, without dashes, by the words for them.
const OPTIONS: [(&[&str], &str); 18] = [
    (&["auto-approve"], "`--yes` applies without asking"),
    (&["backend-config", "migrate-state", "reconfigure", "upgrade"], "there is nothing to set up"),
    (&["chdir"], "the file or folder of a project is an argument, as in `asiaq plan PATH`"),
    (&["destroy"], "`asiaq destroy` deletes what the project owns; `--dry-run` only shows it"),
    (&["detailed-exitcode"], "`asiaq plan` always ends with 10 if there are changes"),
    (&["help"], "`--help` prints the help of a command"),
    (&["input"], "without a terminal asiaq asks nothing, and changes nothing without `--yes`"),
    (&["json"], "`--format json` prints JSON"),
    (&["lock-timeout"], "`--lock-timeout 10m` waits for another run"),
    (&["no-color", "no-colour"], "`--color never` prints no colours"),
    (&["out"], "`asiaq plan -o FILE` saves the plan"),
    (&["parallelism"], "asiaq starts with few calls at once and calls as fast as AWS accepts"),
    (&["recursive"], "a folder that is named is formatted with all its `.asq` files"),
    (
        &["refresh", "refresh-only"],
        "asiaq always reads AWS; `asiaq plan --drift-only` shows what others changed",
    ),
    (
        &["replace", "taint"],
        "no option replaces a resource; what is deleted in AWS is created by the next apply",
    ),
    (&["target"], "`--env NAME` selects environments, and `asiaq up PIPELINE --env NAME` a pipeline"),
    (&["var", "var-file"], "no value comes from outside of a program; write it there, as in `field@ENV = …`"),
    (&["version"], "`--version` prints the version"),
];

/// What to use in place of a command that asiaq does not have.
pub(crate) fn instead(command: &str) -> Option<&'static str> {
    found(&COMMANDS, command)
}

/// What to use in place of an option that asiaq does not have, as in `--auto-approve`.
pub(crate) fn instead_of_option(option: &str) -> Option<&'static str> {
    let word = option.strip_prefix("--").or_else(|| option.strip_prefix('-'))?;
    found(&OPTIONS, word.split('=').next().unwrap_or(word))
}

/// The first of `arguments` that is an option of another tool with a single dash, as in `-out=FILE`. Read as options
/// of one letter, such a word may even mean something here.
pub(crate) fn single_dashed(arguments: impl IntoIterator<Item = String>) -> Option<String> {
    let options = arguments.into_iter().take_while(|word| word != "--");
    let mut single = options.filter(|word| word.len() > 2 && !word.starts_with("--"));
    single.find(|word| instead_of_option(word).is_some())
}

fn found(table: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(words, _)| words.contains(&word)).map(|(_, instead)| *instead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_with_one_dash_are_told_from_letters() {
        let first = |words: &[&str]| single_dashed(words.iter().map(|word| (*word).to_owned()));
        assert_eq!(first(&["asiaq", "plan", "-out=plan.json"]).as_deref(), Some("-out=plan.json"));
        assert_eq!(first(&["asiaq", "apply", "-auto-approve"]).as_deref(), Some("-auto-approve"));
        assert_eq!(first(&["asiaq", "plan", "-o", "plan.json", "-oplan.json", "--yes"]), None);
        assert_eq!(first(&["asiaq", "explain", "--", "-out"]), None);
    }
}
