//! `ssm/documents`: documents of Systems Manager, which all accounts have.

use asiaq_lang::Diagnostic;

use crate::account::named;
use crate::codes;
use crate::draft::{Draft, Node};
use crate::files::TextFile;
use crate::old::Old;
use crate::words::quoted;

/// The declarations. Their texts become files beside the program.
pub(crate) fn all(old: &mut Old, files: &[TextFile], draft: &mut Draft) -> Vec<Node> {
    let mut nodes = Vec::new();
    for file in files {
        let Some(name) = file.name_in("ssm/documents", "ssm") else { continue };
        if name.starts_with("AWS-") {
            let message = format!("the original passes over `{name}`: the name is one of AWS");
            old.find(Diagnostic::new(codes::UNREAD_FILE, file.start(), message));
            continue;
        }
        let path = format!("ssm/{name}.json");
        let field = Node::field(format!("content = file {}", quoted(&path)), file.start());
        let node = named("document", name, file.start(), vec![field]);
        match crate::json::read(file.file, &file.text) {
            Ok(_) => {
                draft.beside.insert(path, file.text.clone());
                nodes.push(node);
            }
            Err(found) => {
                old.find(*found);
                nodes.push(Node { refused: Some("its content is not JSON".to_owned()), ..node });
            }
        }
    }
    nodes
}
