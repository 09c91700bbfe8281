//! What of a program counts in an account.

use asiaq_aws::Aws;
use asiaq_compiler::vcpus;
use asiaq_ir::{Address, Ir};
use asiaq_runtime::{Accounts, Counted, Counts, Member, counts};

/// What the program can have in an account.
pub(super) fn declared(aws: &Accounts<Aws>, member: &Member<Aws>, ir: &Ir) -> Counts {
    let all: Vec<Counted<'_>> = Counted::wanted(ir).filter(|one| is_of(aws, member, one.address())).collect();
    counts(&all, &vcpus)
}

/// Whether a resource is in an account.
pub(super) fn is_of(aws: &Accounts<Aws>, member: &Member<Aws>, address: &Address) -> bool {
    aws.home_of(address).is_some_and(|home| home.account == member.account)
}
