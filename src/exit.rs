//! Exit codes.

use std::process::ExitCode;

/// The exit codes, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Success; for a plan, no changes.
    Done = 0,
    /// The program has errors.
    Program = 1,
    /// Usage or environment: credentials, network, files.
    External = 2,
    /// An apply stopped part-way, or an account could not be used.
    #[cfg(feature = "aws")]
    Partial = 3,
    /// A plan has changes.
    #[cfg(feature = "aws")]
    Changes = 10,
    /// Interrupted.
    Interrupted = 130,
}

#[cfg(feature = "aws")]
impl Exit {
    /// That of a command that only reads, by whether an account could not be used.
    pub(crate) fn of(is_partial: bool) -> Self {
        if is_partial { Self::Partial } else { Self::Done }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command stops.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The program has errors, which have been shown.
    Program,
    /// Interrupted before anything was changed.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "only the engine takes long enough"))]
    Interrupted,
    /// Usage or environment: credentials, network, files.
    External(anyhow::Error),
}

impl From<anyhow::Error> for Halt {
    fn from(error: anyhow::Error) -> Self {
        Self::External(error)
    }
}

/// Result of a step of a command.
pub(crate) type Result<T> = std::result::Result<T, Halt>;
