//! What AWS accepts for each value that goes into a call.
//!
//! A field names the members of requests that it is sent as in its attribute `aws`. What AWS accepts for a member is in a
//! table, which the build script makes from the service models and from a list of what the manuals say.

mod breach;
mod characters;
mod measured;
mod shape;

pub use breach::{Breach, Breaches, Problem, TagBreach};
pub use characters::Characters;
pub use measured::Measured;
pub use shape::{Range, Sent, Shape, TagShapes};

pub(crate) use characters::Class;
pub(crate) use shape::shape;

#[cfg(test)]
mod tests;
