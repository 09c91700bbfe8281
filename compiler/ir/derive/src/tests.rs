use syn::{DeriveInput, parse_quote};

use crate::expand::{element, resource_kind};
use crate::measured::measured;

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
        #[aws(tags = "pools:CreatePool.Tags", own_tags = 1)]
        #[resource(deletion = DataLoss, delete_after(NatGateway), hides_tags, summary(name, members))]
        #[resource(mark = Name, lies_in(members), renamed = Kept)]
        #[resource(outputs(arn = "pools:{region}:pool/{id}", fields(name, pool_type), assigned(DnsName)))]
        #[resource(outage(seconds = 60, what = "no server answers"))]
        pub struct ServerPool {
            #[resource(replace = "AWS cannot rename a pool", exclusive)]
            #[aws("pools:CreatePool.Name", plus = 3)]
            pub name: String,
            #[serde(rename = "type")]
            #[resource(in_place = Disruptive)]
            #[aws("pools:CreatePool.Type", "pools:Pool.Type", shown = "type")]
            pub pool_type: String,
            #[resource(elements(removed = Disruptive), min = self.size(), in_use, initial = BTreeSet::new())]
            #[resource(reopened(seconds = 5, what = "{key} is away", unless(weight)))]
            #[aws("pools:AddMembers.Members", if_set)]
            pub members: BTreeSet<Ref>,
            #[aws(not_sent = "for people only")]
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
            #[aws("ec2:CreateRoute.DestinationCidrBlock")]
            pub destination: Ipv4Net,
            #[aws("ec2:CreateRoute.GatewayId")]
            pub target: Ref,
        }
    };
    insta::assert_snapshot!(text(&element(&input).unwrap()));
}

#[test]
fn a_variant_with_a_value_says_how_it_is_sent() {
    let input: DeriveInput = parse_quote! {
        #[serde(rename_all = "kebab-case")]
        pub enum PoolTarget {
            Nothing,
            #[aws("pools:CreatePool.Alias")]
            ByAlias(Ref),
            Values {
                #[aws("pools:CreatePool.Values")]
                values: Vec<String>,
                #[aws(not_sent = "asiaq counts")]
                count: u32,
            },
        }
    };
    insta::assert_snapshot!(text(&measured(&input).unwrap()));
}

#[test]
fn a_field_is_sent_or_says_why_not() {
    let of_struct = |input: &DeriveInput| element(input).unwrap_err().to_string();
    let of_enum = |input: &DeriveInput| measured(input).unwrap_err().to_string();
    let neither = "a field says either which member of a request it is sent as, as in `#[aws(\"sns:CreateTopic.Name\")]`, or \
                   why it is not sent, `#[aws(not_sent = \"…\")]`";
    assert_eq!(of_struct(&parse_quote! { struct Pool { name: String } }), neither);
    assert_eq!(of_enum(&parse_quote! { enum Pool { Named(String) } }), neither);
    assert_eq!(of_enum(&parse_quote! { enum Pool { Named { name: String } } }), neither);
    assert_eq!(
        of_struct(
            &parse_quote! { struct Pool { #[aws("sns:CreateTopic.Name", not_sent = "no")] name: String } }
        ),
        neither
    );
    assert_eq!(
        of_struct(&parse_quote! { struct Pool { #[aws(unsent = "no")] name: String } }),
        "not an attribute `aws`"
    );
    let unsent = error(
        &parse_quote! { #[resource(mark = Birth, lies_in(), renamed = Kept, outage(none), outputs(fields()))] struct Pool {} },
    );
    assert!(unsent.starts_with("a kind says either"), "{unsent}");
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
        error(&parse_quote! {
            #[resource(mark = Birth, lies_in(), outage(none), summary(title))]
            struct Pool { name: String }
        }),
        "the resource has no such field"
    );
    assert_eq!(
        error(
            &parse_quote! { struct Pool { #[resource(create_only = "AWS keeps it", in_place = Safe)] name: String } }
        ),
        "a field changes in one way"
    );
    assert_eq!(error(&parse_quote! { enum Pool { Big } }), "only a struct can be derived");
}

#[test]
fn a_kind_says_what_tells_it_from_a_copy() {
    let neither = "a kind says what tells its resources from copies that have their tags, `#[resource(mark = …)]`, \
                   and in which other resources they lie, `#[resource(lies_in(…))]`";
    assert_eq!(error(&parse_quote! { struct Pool {} }), neither);
    assert_eq!(error(&parse_quote! { #[resource(mark = Name)] struct Pool { name: String } }), neither);
    assert_eq!(error(&parse_quote! { #[resource(lies_in())] struct Pool {} }), neither);
}

#[test]
fn a_kind_says_what_is_shown_of_it() {
    assert_eq!(
        error(&parse_quote! { #[resource(mark = Name, lies_in())] struct Pool { name: String } }),
        "a kind says what `asiaq show` says of its resources, `#[resource(outputs(…))]`"
    );
    assert_eq!(
        error(&parse_quote! {
            #[resource(mark = Name, lies_in(), outputs(fields(title)))]
            struct Pool { name: String }
        }),
        "the resource has no such field"
    );
    assert_eq!(
        error(&parse_quote! {
            #[resource(mark = Name, lies_in(), outputs(field(name)))]
            struct Pool { name: String }
        }),
        "expected `arn`, `console`, `fields` or `assigned`"
    );
}

#[test]
fn a_kind_says_what_stops_while_it_is_replaced() {
    let neither = "a kind says what stops while one of its resources is deleted before the next one exists, \
                   `#[resource(outage(seconds = …, what = …))]`, or `#[resource(outage(none))]`";
    assert_eq!(
        error(
            &parse_quote! { #[resource(mark = Birth, lies_in(), renamed = Kept, outputs(fields()))] struct Pool {} }
        ),
        neither
    );
    let half = "an outage is `none`, or has `seconds` and `what`";
    assert_eq!(
        error(&parse_quote! { #[resource(mark = Birth, lies_in(), outage(seconds = 5))] struct Pool {} }),
        half
    );
    assert_eq!(
        error(&parse_quote! {
            #[resource(mark = Birth, lies_in(), outage(none, seconds = 5, what = "it is away"))]
            struct Pool {}
        }),
        half
    );
    assert_eq!(
        error(
            &parse_quote! { #[resource(mark = Birth, lies_in(), outage(why = "it is away"))] struct Pool {} }
        ),
        "not a part of an outage"
    );
}

#[test]
fn a_kind_says_what_stays_when_it_is_renamed() {
    let nothing =
        error(&parse_quote! { #[resource(mark = Birth, lies_in(), outputs(fields()))] struct Pool {} });
    assert!(nothing.starts_with("a kind says what stays"), "{nothing}");
}
