use asiaq_ir::Need;

/// Actions, as IAM names them: `ec2:CreateVpc`. That is not always the name of the call.
type Actions = &'static [&'static str];

/// What IAM has to allow for the calls of a kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rights {
    /// For listings and looks. Each is needed for every plan, whether the kind is declared or not.
    pub(crate) look: Actions,
    /// For what a program needs to know of the account.
    pub(crate) facts: &'static [(Need, &'static str)],
    /// To make and to change it, and to wait for it.
    pub(crate) make: Actions,
    /// To set and to take off its tags.
    pub(crate) tags: Actions,
    /// To take it away, and for changes to it when something else is taken away.
    pub(crate) delete: Actions,
}

impl Rights {
    /// Nothing at all, for what has no tags of its own.
    pub(crate) const NONE: Self = Self { look: &[], facts: &[], make: &[], tags: &[], delete: &[] };

    /// The tags of what is EC2's.
    pub(crate) const EC2: Self = Self { tags: &["ec2:CreateTags", "ec2:DeleteTags"], ..Self::NONE };
}
