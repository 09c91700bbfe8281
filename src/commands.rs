//! The command line: one file per command.

use clap::CommandFactory as _;

use crate::exit::{Exit, Result};
use crate::ui::ColorChoice;

/// Checks, plans and builds AWS environments that are declared in `.asq` files.
#[derive(clap::Parser, Debug)]
#[command(name = "asiaq", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// When to use colour; `NO_COLOR` in the environment also turns it off
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done (`plan`: nothing to do), 1 the program has errors, 2 usage or environment: credentials, network, \
files, 3 an apply stopped part-way or an account could not be used, 10 there are changes to make (`plan`, `--dry-run`; `show ADDRESS`: not all of it is in AWS; `unmanaged`: something is nobody's), 130 interrupted.";

/// Declares the commands, in the order of `--help`: a module of `src/commands`, and the types in it that are commands.
/// Parentheses hold what `run` takes.
macro_rules! commands {
    ($(#[$when:meta] {
        $($module:ident: $($(#[$attribute:meta])* $name:ident $(($argument:expr))?),+;)+
    })+) => {
        $($(#[$when] mod $module;)+)+

        #[derive(clap::Subcommand, Debug)]
        #[allow(clippy::large_enum_variant, reason = "there is one")]
        pub(crate) enum Command {
            $($($(#[$when] $(#[$attribute])* $name($module::$name),)+)+)+
        }

        impl Command {
            pub(crate) fn run(self) -> Result<Exit> {
                match self {
                    $($($(#[$when] Self::$name(command) => command.run($($argument)?),)+)+)+
                }
            }
        }
    };
}

commands! {
    #[cfg(true)] {
        check: Check;
        new: #[command(subcommand)] New;
        import: Import;
    }
    #[cfg(feature = "aws")] {
        plan: Plan;
        apply: Apply;
        destroy: Destroy;
        adopt: Adopt;
        unmanaged: Unmanaged;
        pipeline: Up, Down;
        sandbox: Sandbox;
        show: Show;
        status: Status;
        hosts: Hosts;
        ssh: Ssh;
        exec: Exec;
        tail: Tail;
        ready: Ready;
        console: Console;
        instances: Stop, Terminate, Tag;
        limits: Limits;
        scale: Scale;
        chaos: Chaos;
        permissions: Permissions;
        timeline: Timeline;
        unlock: Unlock;
        whoami: Whoami;
        decode: Decode;
        bake: Bake;
        deploy: Deploy, Test;
        cache: #[command(subcommand)] Cache;
        database: #[command(subcommand)] Database;
        image: #[command(subcommand)] Image;
        document: #[command(subcommand)] Document;
        keys: #[command(subcommand)] Keys;
        operator: #[command(subcommand)] Operator;
        iam: #[command(subcommand)] Iam;
        search: #[command(subcommand)] Search;
        secret: #[command(subcommand)] Secret;
        config: #[command(subcommand)] Config;
        keypair: #[command(subcommand)] Keypair;
        snapshot: #[command(subcommand)] Snapshot;
        table: #[command(subcommand)] Table;
    }
    #[cfg(true)] {
        docs: Docs(Arguments::command());
        explain: Explain;
        fmt: Fmt;
        reach: Reach;
        can: Can;
        graph: Graph;
        ir: Ir;
        rsyslog: #[command(subcommand)] Rsyslog;
        lsp: Lsp;
        env: #[command(subcommand)] Env;
        completions: Completions(Arguments::command());
        man: Man(Arguments::command());
    }
}
