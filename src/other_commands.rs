//! Commands of other tools, with what does the same here.

/// The commands, by the words for them.
const OTHERS: [(&[&str], &str); 14] = [
    (&["init", "create", "scaffold"], "there is nothing to set up; `asiaq new project` starts a project"),
    (
        &["validate", "lint", "test", "verify"],
        "`asiaq check` finds every error that can be found without AWS",
    ),
    (&["format"], "`asiaq fmt` formats files"),
    (&["preview", "diff", "changes"], "`asiaq plan` shows what an apply would change"),
    (&["deploy", "update", "sync", "up-all"], "`asiaq apply` changes AWS to match the program"),
    (&["delete", "remove", "teardown", "rm"], "`asiaq destroy` deletes what the project owns"),
    (&["refresh", "drift"], "`asiaq plan --drift-only` shows what was changed outside of asiaq"),
    (
        &["state", "backend"],
        "there is no state file: AWS is the state, and tags say what belongs to the project",
    ),
    (
        &["import", "adopt"],
        "no command takes over what exists yet; `asiaq docs terraform` says what can be done",
    ),
    (&["workspace", "workspaces", "envs", "environments"], "`asiaq env list` lists the environments"),
    (&["force-unlock"], "`asiaq unlock --env NAME` breaks the lease of a run that died"),
    (
        &["output", "outputs"],
        "no command prints the ids in AWS yet; `asiaq ir` prints the resources of the program",
    ),
    (&["providers", "get", "login", "modules"], "there are no plugins and nothing to download"),
    (&["instances", "machines", "ps"], "`asiaq hosts` lists the running instances"),
];

/// What to use in place of a command that asiaq does not have.
pub(crate) fn instead(command: &str) -> Option<&'static str> {
    OTHERS.iter().find(|(words, _)| words.contains(&command)).map(|(_, instead)| *instead)
}
