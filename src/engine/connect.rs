//! The connection to the accounts of a program.

use asiaq_compiler::Checked;

use super::accounts::{Asked, Connected, Ways, reach};
use super::scope::Choice;
use super::{Connection, Interrupts, Log};
use crate::exit::Result;
use crate::ui;

/// Connects to the accounts of what is asked for, and says what is skipped because it is in others.
pub(super) async fn connect_to(
    checked: &Checked,
    asked: Asked<'_>,
    connection: &Connection,
    log: &Log,
    interrupts: &Interrupts,
) -> Result<Connected> {
    let ways = Ways { connection, usual: checked.usual_region(), log, interrupts };
    let connected = Box::pin(reach(checked.declared(), checked.region(), asked, &ways)).await?;
    if let Some(left_alone) = Choice::new(&connected.reached, asked.scopes())?.left_alone() {
        ui::say(&left_alone);
    }
    Ok(connected)
}

/// The same for a command that is only about what the program declares: refuses other names.
pub(super) async fn connect_to_declared(
    checked: &Checked,
    asked: Asked<'_>,
    connection: &Connection,
    interrupts: &Interrupts,
) -> Result<Connected> {
    let connected = connect_to(checked, asked, connection, &Log::none(), interrupts).await?;
    Choice::new(&connected.reached, asked.scopes())?.declared()?;
    Ok(connected)
}
