//! Where a deploy goes, and why it does not come there.

use crate::exit::Halt;

/// Where a deploy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To its end.
    On,
    /// Back to the old AMI.
    Back,
    /// Only as far as the tests: the old instances stay.
    Test,
}

/// Why a phase did not come to its end.
pub(super) enum Failed {
    /// The AMI did not pass.
    Image(anyhow::Error),
    /// Something else.
    Other(Halt),
}

/// The end of a phase.
pub(super) type Outcome = std::result::Result<(), Failed>;

impl From<Halt> for Failed {
    fn from(halt: Halt) -> Self {
        Self::Other(halt)
    }
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error.into())
    }
}
