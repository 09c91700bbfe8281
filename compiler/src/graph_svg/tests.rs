//! Pictures of small and of large environments.

use std::fmt::Write as _;

use asiaq_ir::{Facts, Ir};

use super::canvas::Frame;
use super::draw;
use super::layout::{Layout, width};
use super::scene::{Entry, Scene};
use super::svg::LEGEND;
use crate::fixture;

fn ir_of(text: &str) -> Ir {
    let checked = fixture::check(&format!("project p {{ region = us-east-1 }}\n{text}"));
    assert!(!checked.has_errors(), "{:#?}", checked.diagnostics);
    checked.lower(&Facts::default()).ir
}

const SMALL: &str = "
env demo {
  cidr  = 10.0.0.0/20
  zones = 2
  metanetwork web { ingress = [tcp [80, 443] from internet, tcp 22 from 172.16.0.0/16], routes = [internet via igw, 172.16.0.0/16 via vgw], nat = auto }
  metanetwork app { ingress = [tcp 8080 from web], routes = [internet via nat web] }
  endpoint s3 {}
}
";

/// Many metanetworks with long names, in many zones, all of which have something to do with each other.
fn large(networks: usize, zones: usize) -> String {
    let name = |at: usize| format!("metanetwork-with-a-rather-long-name-{at}");
    let mut text =
        format!("env an-environment-with-a-rather-long-name {{\n  cidr = 10.0.0.0/16\n  zones = {zones}\n");
    for at in 0..networks {
        let from: Vec<String> = (0..networks)
            .map(|from| format!("tcp [22, {}..{}] from {}", 1000 * from, 1000 * from + 99, name(from)))
            .collect();
        let _ = write!(
            text,
            "  metanetwork {} {{ routes = [internet via igw], nat = auto, ingress = [\n{}\ntcp {at} from internet, udp 53 from all, tcp 1 from 203.0.113.{at}/32] }}\n",
            name(at),
            from.join("\n")
        );
    }
    text + "}\n"
}

fn overlap(a: &Frame, b: &Frame) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

fn contains(outer: &Frame, inner: &Frame) -> bool {
    outer.x <= inner.x
        && outer.y <= inner.y
        && inner.right() <= outer.right()
        && inner.bottom() <= outer.bottom()
}

fn apart(frames: &[Frame]) {
    for (at, one) in frames.iter().enumerate() {
        for other in &frames[at + 1..] {
            assert!(!overlap(one, other), "{one:?} {other:?}");
        }
    }
}

fn fits(text: &str, frame: &Frame) {
    assert!(width(text) <= frame.w, "{text} in {frame:?}");
}

fn entries_fit(entries: &[Entry], frames: &[Frame], outer: &Frame) {
    assert_eq!(entries.len(), frames.len());
    for (entry, frame) in entries.iter().zip(frames) {
        assert!(contains(outer, frame), "{entry:?}");
        entry.lines.iter().for_each(|line| fits(line, frame));
    }
}

fn is_legible(ir: &Ir, env: &str) {
    let scene = Scene::of(ir, env).unwrap();
    let layout = Layout::of(&scene, LEGEND);
    let page = Frame { x: 0.0, y: 0.0, w: layout.size.0, h: layout.size.1 };
    assert!(contains(&page, &layout.vpc));
    let rows: Vec<Frame> = layout.rows.iter().map(|row| row.frame).collect();
    apart(&rows);
    apart(&[layout.zones.clone(), rows.clone()].concat());
    apart(&[layout.zones.clone(), layout.gateways.clone()].concat());
    let outside: Vec<Frame> = layout.outside.iter().map(|outside| outside.frame).collect();
    apart(&[outside.clone(), vec![layout.vpc]].concat());
    for (name, frame) in scene.gateways.iter().zip(&layout.gateways) {
        fits(name, frame);
        assert!(frame.right() <= layout.vpc.right());
    }
    for (row, placed) in scene.rows.iter().zip(&layout.rows) {
        assert!(contains(&layout.vpc, &placed.frame));
        apart(&[placed.cells.clone(), placed.entries.clone()].concat());
        let until = placed.cells[0].x - placed.frame.x - 30.0;
        assert!(width(&row.name) <= until, "{} in {until}", row.name);
        for (cell, frame) in row.cells.iter().zip(&placed.cells) {
            assert!(contains(&placed.frame, frame));
            fits(&cell.as_ref().unwrap().block, frame);
        }
        entries_fit(&row.entries, &placed.entries, &placed.frame);
    }
    for (outside, placed) in scene.outside.iter().zip(&layout.outside) {
        assert!(contains(&page, &placed.frame));
        fits(&outside.name, &placed.frame);
        entries_fit(&outside.entries, &placed.entries, &placed.frame);
    }
    let lanes: Vec<f64> = layout.lanes.iter().copied().flatten().collect();
    assert!(lanes.windows(2).all(|pair| pair[1] - pair[0] > 10.0));
    let right = layout.outside.first().map_or(page.w, |outside| outside.frame.x);
    assert!(lanes.iter().all(|lane| layout.vpc.right() < *lane && *lane < right));
}

#[test]
fn nothing_overlaps_however_much_there_is() {
    is_legible(&ir_of(SMALL), "demo");
    for networks in 1..=8 {
        for zones in [1, 3, 5] {
            is_legible(&ir_of(&large(networks, zones)), "an-environment-with-a-rather-long-name");
        }
    }
}

#[test]
fn the_picture_is_sound_xml_and_names_everything() {
    let svg = draw(&ir_of(&large(5, 5)), "an-environment-with-a-rather-long-name").unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    for name in (0..5).map(|at| format!("metanetwork-with-a-rather-long-name-{at}")) {
        assert!(texts.contains(&name.as_str()), "{name}");
    }
    for (address, node) in &ir_of(&large(5, 5)).resources {
        if let asiaq_ir::Resource::Subnet(subnet) = &node.resource {
            assert!(texts.contains(&subnet.cidr.to_string().as_str()), "{address}");
        }
    }
}

#[test]
fn an_environment_that_is_nowhere_has_no_picture() {
    assert_eq!(draw(&ir_of(SMALL), "dmeo"), None);
}

#[test]
fn a_small_environment_looks_like_this() {
    insta::assert_snapshot!(draw(&ir_of(SMALL), "demo").unwrap());
}
