//! How long policies may be: "IAM and AWS STS quotas" of the IAM user guide, "Bucket policies" of the S3 user guide.

use super::{Document, print};

/// What a policy belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A managed policy.
    Managed,
    /// A user, for all its inline policies together.
    User,
    /// A group, for all its inline policies together.
    Group,
    /// A role, for all its inline policies together.
    Role,
    /// The trust policy of a role.
    Trust,
    /// A session.
    Session,
    /// A bucket.
    Bucket,
}

impl Holder {
    /// The most characters.
    pub fn most(self) -> usize {
        match self {
            Self::Managed => 6_144,
            Self::User | Self::Session => 2_048,
            Self::Trust => 4_096,
            Self::Group => 5_120,
            Self::Role => 10_240,
            Self::Bucket => 20_480,
        }
    }

    /// The most characters as long as nobody asks AWS for more.
    pub fn quota(self) -> usize {
        match self {
            Self::Trust => 2_048,
            Self::Managed | Self::User | Self::Group | Self::Role | Self::Session | Self::Bucket => {
                self.most()
            }
        }
    }

    /// Whether the limit is one for all policies together.
    pub fn is_sum(self) -> bool {
        matches!(self, Self::User | Self::Group | Self::Role)
    }
}

/// The characters of a policy as asiaq sends it. AWS does not count white space, of which there is none between the
/// parts; what is within a text is counted, to be safe.
pub fn size<P>(document: &Document<P>) -> usize {
    print(document).chars().count()
}
