//! How a command ends.

use std::process::ExitCode;

/// The exit codes, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; of a plan, nothing to do.
    Done = 0,
    /// The program has errors.
    Program = 1,
    /// The command line, the files, the credentials or the network are not as they have to be.
    External = 2,
    /// An apply stopped part-way.
    #[cfg(feature = "aws")]
    Partial = 3,
    /// A plan found changes.
    #[cfg(feature = "aws")]
    Changes = 10,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command cannot go on.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The program has errors, which have been shown.
    Program,
    /// Somebody asked to stop before anything was changed.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "only the engine takes long enough"))]
    Interrupted,
    /// The command line, the files, the credentials or the network are not as they have to be.
    External(anyhow::Error),
}

impl From<anyhow::Error> for Halt {
    fn from(error: anyhow::Error) -> Self {
        Self::External(error)
    }
}

/// What a step of a command gives.
pub(crate) type Result<T> = std::result::Result<T, Halt>;
