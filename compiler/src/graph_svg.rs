//! Draws an environment as SVG: its VPC, metanetworks in rows, zones in columns, and which network reaches which.
//!
//! [`scene`] collects the contents, [`layout`] places them, and [`svg`] writes the elements. Each source of traffic
//! has a vertical line to the right of the VPC; an arrow leads from it to each network it reaches, with the ports
//! beside it.

mod canvas;
mod layout;
mod scene;
mod svg;
#[cfg(test)]
mod tests;

use asiaq_ir::Ir;

pub use canvas::{Canvas, Escaped, Frame};

/// Draws environment `env` of `ir` as SVG, in the light or dark colours that the viewer prefers; nothing if it has
/// no VPC.
pub fn draw(ir: &Ir, env: &str) -> Option<String> {
    let scene = scene::Scene::of(ir, env)?;
    Some(svg::write(&scene, &layout::Layout::of(&scene, svg::LEGEND)))
}
