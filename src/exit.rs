//! Exit codes.

use std::process::ExitCode;

/// The exit codes, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Success; for a plan, no changes.
    Done,
    /// The program has errors.
    Program,
    /// Usage or environment: credentials, network, files.
    External,
    /// An apply stopped part-way, or an account could not be used.
    #[cfg(feature = "aws")]
    Partial,
    /// A plan has changes.
    #[cfg(feature = "aws")]
    Changes,
    /// That of a command on an instance, or of `ssh`.
    #[cfg(feature = "aws")]
    Command(u8),
    /// Interrupted.
    Interrupted,
}

#[cfg(feature = "aws")]
impl Exit {
    /// That of a command that only reads, by whether an account could not be used.
    pub(crate) fn of(is_partial: bool) -> Self {
        if is_partial { Self::Partial } else { Self::Done }
    }
}

impl Exit {
    /// Its number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Program => 1,
            Self::External => 2,
            #[cfg(feature = "aws")]
            Self::Partial => 3,
            #[cfg(feature = "aws")]
            Self::Changes => 10,
            #[cfg(feature = "aws")]
            Self::Command(code) => code,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
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
