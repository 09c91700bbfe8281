//! Trails and documents.

use asiaq_ir::document_content;
use asiaq_lang::Span;

use super::{Part, Reader, in_camel_case};
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::fields::{DocumentFields, TrailFields};
use crate::library::kinds;
use crate::model::storage::checks::{self, Flaw};
use crate::model::storage::{Document, Trail};
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
        let is_calendar = of.r#type.value == "change_calendar";
        let usual = match content.value.is_yaml() {
            _ if is_calendar => "TEXT",
            true => "YAML",
            false => "JSON",
        };
        let format = of.format.map_or_else(
            || Resolved { value: usual.to_owned(), chain: content.chain.clone() },
            |format| format.map(|word| word.to_ascii_uppercase()),
        );
        if is_calendar != (format.value == "TEXT") {
            let (setting, needed) = if is_calendar {
                ("type = change_calendar", "format = text")
            } else {
                ("format = text", "type = change_calendar")
            };
            self.diagnostics.push(errors::setting_needs(format.place(title.span), setting, needed));
        } else if !is_calendar {
            let flaws = checks::content(&of.r#type.value, &format.value, &content.value.text);
            let source = self.evaluator.source_of(&content.value);
            for Flaw { why, at } in flaws {
                let place = source.zip(at).map(|(file, at)| Span::new(file, at.start, at.end));
                let place = place.unwrap_or_else(|| content.span());
                self.diagnostics.push(errors::broken_document(place, &title.name, &why));
            }
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
