//! What of a program counts in an account.

use asiaq_aws::Aws;
use asiaq_compiler::vcpus;
use asiaq_ir::{Address, Ir};
use asiaq_runtime::{Accounts, Counted, Counts, Member, Size, counts};

/// What of a program is in an account, with groups of this size.
pub(super) fn declared(aws: &Accounts<Aws>, member: &Member<Aws>, ir: &Ir, size: Size) -> Counts {
    let all: Vec<Counted<'_>> = Counted::wanted(ir).filter(|one| is_of(aws, member, one.address())).collect();
    counts(&all, size, &vcpus)
}

/// Whether a resource is in an account.
pub(super) fn is_of(aws: &Accounts<Aws>, member: &Member<Aws>, address: &Address) -> bool {
    aws.home_of(address).is_some_and(|home| home.account == member.account)
}
