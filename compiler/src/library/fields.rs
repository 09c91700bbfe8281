//! The fields of each kind with their Rust types and defaults, generated from `stdlib/`.
//!
//! A field that no code reads is an error of rustc, and so is a kind whose fields no code reads.

#![deny(dead_code)]
#![allow(clippy::pedantic, reason = "most of it is generated, with the documentation of the library")]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use asiaq_lang::Span;

use crate::evaluate::{Fields, Resolved};
use crate::value::{self, Spanned, Value};

include!(concat!(env!("OUT_DIR"), "/fields.rs"));

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use asiaq_lang::{FileId, parse};

    use super::*;
    use crate::block::Block;
    use crate::evaluate::Evaluator;
    use crate::library::{self, kinds};
    use crate::names::NameTable;
    use crate::schema::Schemas;
    use crate::typing::Variables;

    #[test]
    fn a_default_is_the_value_that_its_schema_evaluates_to() {
        let files: Vec<_> =
            library::schemas().map(|(_, text)| Arc::new(parse(FileId(0), text).tree)).collect();
        let (schemas, table) = (Schemas::read(&files), NameTable::default());
        let names = table.names(&files);
        let evaluator = Evaluator {
            schemas: &schemas,
            names: &names,
            lineage: Vec::new(),
            variables: Variables::default(),
        };
        let site = Span::default();
        macro_rules! same {
            ($of:ident, $kind:expr, $($field:ident),+) => {
                let evaluated = evaluator.fields($kind, &Block::default(), site, &mut Vec::new());
                let (evaluated, generated) = ($of::of(&evaluated, site), $of::of(&Fields::default(), site));
                $(assert_eq!(evaluated.$field.value, generated.$field.value, stringify!($field));)+
            };
        }
        same!(EnvFields, kinds::ENV, zones, application, protect);
        same!(LogMetricFields, kinds::LOG_METRIC, value);
        same!(MetanetworkFields, kinds::METANETWORK, cidr, vgw_propagation);
        same!(RecordFields, kinds::RECORD, ttl);
        same!(RunFields, kinds::RUN, r#type, smoke_test, health, grace, deployable, strategy);
        same!(SmokeTestFields, kinds::SMOKE_TEST, check, timeout, terminates);
        same!(SpotFields, kinds::SPOT, reserve);
    }
}
