//! Accounts, and how a run gets there.

use asiaq_ir::{Account as IrAccount, Origin};

use crate::evaluate::Resolved;
use crate::model::Account;

pub(super) fn lower(account: &Account, origin: Origin) -> IrAccount {
    let text = |set: &Option<Resolved<String>>| set.as_ref().map(|set| set.value.clone());
    IrAccount {
        id: account.id.value.clone(),
        region: account.region.clone(),
        profile: text(&account.profile),
        role: text(&account.role),
        external_id: text(&account.external_id),
        mfa_serial: text(&account.mfa_serial),
        session: account.session.as_ref().map(|set| set.value),
        protect: account.protect.value,
        prune: account.prune.value,
        origin,
    }
}
