//! What holds for every node.

use asiaq_ir::{Facts, Ir, Node, Resource};

use crate::{Files, Workspace, check};

struct Examples;

impl Files for Examples {
    fn read(&self, path: &str) -> Result<String, String> {
        let text = match path {
            "first.asq" => include_str!("../../../examples/first/infra.asq"),
            "alarms.asq" => include_str!("../../../examples/classic/alarms.asq"),
            "data.asq" => include_str!("../../../examples/classic/data.asq"),
            "hostclasses.asq" => include_str!("../../../examples/classic/hostclasses.asq"),
            "infra.asq" => include_str!("../../../examples/classic/infra.asq"),
            "networks.asq" => include_str!("../../../examples/classic/networks.asq"),
            "pipelines.asq" => include_str!("../../../examples/classic/pipelines.asq"),
            _ => return Err(format!("no file {path}")),
        };
        Ok(text.to_owned())
    }
}

fn lowered(files: &[&str]) -> Ir {
    let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
    check(Workspace::load(&files, &Examples).unwrap()).lower(&Facts::default()).ir
}

/// Whether a key of provenance is a field of the resource, or an element of one of its sets.
fn is_place(key: &str, node: &Node) -> bool {
    let kind = node.resource.kind();
    let (field, element) = key.split_once('/').map_or((key, None), |(field, element)| (field, Some(element)));
    let has_element = |element: &str| {
        let elements = node.resource.field(field);
        let mut keys =
            elements.as_array().into_iter().flatten().map(|one| Resource::element_key(kind, field, one));
        keys.any(|key| key == element)
    };
    kind.fields().contains(&field) && element.is_none_or(has_element)
}

#[test]
fn provenance_names_fields_and_elements_of_the_resource() {
    let classic = ["alarms.asq", "data.asq", "hostclasses.asq", "infra.asq", "networks.asq", "pipelines.asq"];
    for ir in [lowered(&["first.asq"]), lowered(&classic)] {
        assert!(!ir.resources.is_empty());
        for (address, node) in &ir.resources {
            for key in node.provenance.keys() {
                assert!(is_place(key, node), "{address} has no `{key}`");
            }
        }
    }
}
