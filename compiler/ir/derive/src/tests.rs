use syn::{DeriveInput, parse_quote};

use crate::expand::{element, resource_kind};

/// Generated code, one item, statement or field a line.
fn text(tokens: &proc_macro2::TokenStream) -> String {
    let text = tokens.to_string();
    let lines =
        text.replace(" ; ", " ;\n").replace(" { ", " {\n").replace(" , ", " ,\n").replace(" } ", " }\n");
    lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn error(input: &DeriveInput) -> String {
    resource_kind(input).unwrap_err().to_string()
}

#[test]
fn a_struct_declares_its_kind() {
    let input: DeriveInput = parse_quote! {
        #[resource(deletion = DataLoss, delete_after(NatGateway), hides_tags, summary(name, members))]
        pub struct ServerPool {
            #[resource(replace = "AWS cannot rename a pool", exclusive)]
            pub name: String,
            #[serde(rename = "type")]
            #[resource(in_place = Disruptive)]
            pub pool_type: String,
            #[resource(elements(removed = Disruptive), min = self.size(), in_use, initial = BTreeSet::new())]
            pub members: BTreeSet<Ref>,
            pub comment: String,
        }
    };
    insta::assert_snapshot!(text(&resource_kind(&input).unwrap()));
}

#[test]
fn an_element_is_identified_by_its_keys() {
    let input: DeriveInput = parse_quote! {
        pub struct Route {
            #[element(key)]
            pub destination: Ipv4Net,
            pub target: Ref,
        }
    };
    insta::assert_snapshot!(text(&element(&input).unwrap()));
}

#[test]
fn mistakes_are_errors() {
    assert_eq!(
        error(&parse_quote! { struct Pool { #[resource(exlusive)] name: String } }),
        "not an attribute of a field"
    );
    assert_eq!(
        error(&parse_quote! { #[resource(deletes = Safe)] struct Pool { name: String } }),
        "not an attribute of a resource"
    );
    assert_eq!(
        error(&parse_quote! { #[resource(summary(title))] struct Pool { name: String } }),
        "the resource has no such field"
    );
    assert_eq!(
        error(&parse_quote! { struct Pool { #[resource(create_only, in_place = Safe)] name: String } }),
        "a field changes in one way"
    );
    assert_eq!(error(&parse_quote! { enum Pool { Big } }), "only a struct can be derived");
}
