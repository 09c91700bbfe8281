//! An environment as a picture: its VPC, metanetworks in rows and zones in columns, and who reaches whom.
//!
//! [`scene`] says what is in the picture, [`layout`] where, and [`svg`] writes it down. Who begins has a line
//! of its own at the right of the VPC; where it gets in, the line has an arrow, and the ports stand beside it.

mod canvas;
mod layout;
mod scene;
mod svg;
#[cfg(test)]
mod tests;

use asiaq_ir::Ir;

pub use canvas::{Canvas, Escaped, Frame};

/// Environment `env` of `ir` as SVG, light or dark as whoever looks at it prefers; nothing where it has no
/// VPC.
pub fn draw(ir: &Ir, env: &str) -> Option<String> {
    let scene = scene::Scene::of(ir, env)?;
    Some(svg::write(&scene, &layout::Layout::of(&scene)))
}
