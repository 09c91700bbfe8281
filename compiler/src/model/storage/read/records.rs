//! Trails and documents.

use asiaq_ir::document_content;

use super::{Part, Reader, in_camel_case};
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::fields::{DocumentFields, TrailFields};
use crate::library::kinds;
use crate::model::storage::{Document, Trail, checks};
use crate::value::TextFile;

impl<'a> Reader<'_, 'a, '_> {
    pub(super) fn trail(&mut self, part: &Part<'a>) -> Option<Trail> {
        let title = part.title.clone();
        let of = TrailFields::of(&part.fields, title.span);
        let log_role = match (of.log_role, of.log_role_arn) {
            (None, None) => None,
            (declared, named) => self.role(declared, named, title.span),
        };
        let bucket = of.bucket?;
        for (name, span) in std::iter::once((&bucket.value, bucket.span()))
            .chain(of.objects.value.iter().map(|bucket| (&bucket.value, bucket.span)))
        {
            self.exists(kinds::BUCKET, name, span);
        }
        Some(Trail {
            title,
            bucket,
            prefix: of.prefix,
            multi_region: of.multi_region,
            global_events: of.global_events,
            organization: of.organization,
            validation: of.validation,
            kms_key: of.kms_key,
            log_group: of.log_group,
            log_role,
            topic: of.topic,
            record: of.record,
            objects: of.objects,
            logging: of.logging,
        })
    }

    pub(super) fn document(&mut self, part: &Part<'a>) -> Option<Document> {
        let title = part.title.clone();
        let of = DocumentFields::of(&part.fields, title.span);
        let content: Resolved<TextFile> = of.content?;
        let is_yaml = content.value.file.as_ref().is_some_and(|(_, path)| {
            [".yaml", ".yml"].iter().any(|ending| path.to_ascii_lowercase().ends_with(ending))
        });
        let usual = if is_yaml { "YAML" } else { "JSON" };
        let format = of.format.map_or_else(
            || Resolved { value: usual.to_owned(), chain: content.chain.clone() },
            |format| format.map(|word| word.to_ascii_uppercase()),
        );
        if format.value == "JSON"
            && let Err(why) = checks::document(&of.r#type.value, &content.value.text)
        {
            self.diagnostics.push(errors::broken_document(content.span(), &title.name, &why));
        }
        let text = document_content(&format.value, &content.value.text);
        Some(Document {
            title,
            of: of.r#type.map(|word| in_camel_case(&word)),
            format,
            content: content.map(|_| text),
            target: of.target,
        })
    }
}
