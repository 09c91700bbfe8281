//! What the derives write.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, Error, Ident, LitStr, Result};

use crate::attributes::{self, Field, Outage, StructAttributes};
use crate::aws::Aws;
use crate::measured::measured;

pub(crate) fn resource_kind(input: &DeriveInput) -> Result<TokenStream> {
    let kind = &input.ident;
    let attributes = StructAttributes::read(&input.attrs)?;
    let fields = attributes::fields(input)?;
    let constants = constants(input, &fields);
    let (mark, lies_in) = ownership(kind, &attributes)?;
    let summary = summary(&attributes, &fields)?;
    let outputs = outputs(kind, &attributes, &fields)?;
    let own_name = own_name(mark);
    let renamed = renamed(kind, &attributes)?;
    let schema = schema(kind, &attributes, renamed, &fields)?;
    let names = fields.iter().map(|field| &field.name);
    let initial = fields.iter().filter_map(|Field { ident, initial, .. }| {
        let value = initial.as_ref()?;
        Some(quote!(initial.#ident = #value;))
    });
    let initial = quote!(#(#initial)*);
    let binding = if initial.is_empty() { quote!(let) } else { quote!(let mut) };
    let min = fields.iter().filter_map(|Field { name, min, .. }| {
        let min = min.as_ref()?;
        Some(quote!(#name => #min,))
    });
    let in_use = fields.iter().filter(|field| field.is("in_use")).map(|field| &field.ident);
    let tags = Aws::of_type(&input.attrs)?.tag_shapes(kind)?;
    let measured = measured(input)?;
    Ok(quote! {
        #constants

        #measured

        #[automatically_derived]
        impl crate::ResourceKind for #kind {
            const SCHEMA: &'static crate::Schema = &#schema;
            const FIELDS: &'static [&'static str] = &[#(#names),*];
            const TAGS: Option<&'static crate::TagShapes> = #tags;
            const MARK: crate::Mark = crate::Mark::#mark;
            const OUTPUTS: &'static crate::Outputs = &#outputs;

            fn initial(&self) -> Self {
                #binding initial = self.clone();
                #initial
                initial
            }

            fn min_elements(&self, field: &str) -> usize {
                match field {
                    #(#min)*
                    _ => 0,
                }
            }

            fn references_in_use(&self) -> Vec<&crate::Ref> {
                let fields: &[&dyn crate::declare::InUse] = &[#(&self.#in_use),*];
                fields.iter().flat_map(|field| field.in_use()).collect()
            }

            fn own_name(&self) -> Option<&str> {
                #own_name
            }

            fn lies_in(&self) -> Vec<&crate::Ref> {
                let fields: &[&dyn crate::declare::InUse] = &[#(&self.#lies_in),*];
                fields.iter().flat_map(|field| field.in_use()).collect()
            }

            fn summary(&self) -> Vec<crate::Summary<'_>> {
                vec![#(#summary),*]
            }
        }
    })
}

pub(crate) fn element(input: &DeriveInput) -> Result<TokenStream> {
    let ident = &input.ident;
    let fields = attributes::fields(input)?;
    let keys = fields.iter().filter(|field| field.is_key).map(|field| &field.name);
    let measured = measured(input)?;
    Ok(quote! {
        #measured

        #[automatically_derived]
        impl crate::declare::Element for #ident {
            const KEY: &'static [&'static str] = &[#(#keys),*];
        }
    })
}

/// What tells the resource from a copy, and the fields that say where it lies; an error unless the kind says both.
fn ownership<'a>(kind: &Ident, attributes: &'a StructAttributes) -> Result<(&'a Ident, &'a [Ident])> {
    match (&attributes.mark, &attributes.lies_in) {
        (Some(mark), Some(lies_in)) => Ok((mark, lies_in)),
        _ => Err(Error::new(
            kind.span(),
            "a kind says what tells its resources from copies that have their tags, `#[resource(mark = …)]`, and \
             in which other resources they lie, `#[resource(lies_in(…))]`",
        )),
    }
}

/// What stays when a declaration is renamed; an error unless the kind says it.
fn renamed<'a>(kind: &Ident, attributes: &'a StructAttributes) -> Result<&'a Ident> {
    attributes.renamed.as_ref().ok_or_else(|| {
        Error::new(
            kind.span(),
            "a kind says what stays of its resources when their declaration is renamed, `#[resource(renamed = …)]`",
        )
    })
}

/// What a mark names, where a field has it.
fn own_name(mark: &Ident) -> TokenStream {
    match mark.to_string().as_str() {
        "Name" | "NameInVpc" => quote!(Some(self.name.as_str())),
        "Zone" => quote!(self.zone.id()),
        _ => quote!(None),
    }
}

/// A typed constant for each field: `Vpc::CIDR`.
fn constants(input: &DeriveInput, fields: &[Field]) -> TokenStream {
    let (vis, kind) = (&input.vis, &input.ident);
    let constants = fields.iter().map(|Field { ident, ty, name, .. }| {
        let constant = Ident::new(&ident.to_string().to_uppercase(), ident.span());
        let doc = format!("Field `{name}`.");
        quote!(#[doc = #doc] #vis const #constant: crate::Field<Self, #ty> = crate::Field::new(#name);)
    });
    quote!(impl #kind { #(#constants)* })
}

fn schema(
    kind: &Ident,
    attributes: &StructAttributes,
    renamed: &Ident,
    fields: &[Field],
) -> Result<TokenStream> {
    let name = kebab_case(&kind.to_string());
    let outage = match &attributes.outage {
        Some(Outage::None) => quote!(None),
        Some(Outage::Some(outage)) => quote!(Some(#outage)),
        None => {
            return Err(Error::new(
                kind.span(),
                "a kind says what stops while one of its resources is deleted before the next one exists, \
                 `#[resource(outage(seconds = …, what = …))]`, or `#[resource(outage(none))]`",
            ));
        }
    };
    let changes = fields.iter().filter_map(|Field { name, change, .. }| {
        let change = change.as_ref()?;
        Some(quote!((#name, crate::Change::#change)))
    });
    let ident = |ident: &Option<Ident>, default: &str| {
        ident.clone().unwrap_or_else(|| Ident::new(default, Span::call_site()))
    };
    let home = ident(&attributes.home, "Region");
    let scope = ident(&attributes.scope, "Environment");
    let deletion = ident(&attributes.deletion, "Disruptive");
    let replacement = ident(&attributes.replacement, "CreateFirst");
    let StructAttributes {
        delete_after,
        outlives,
        retain_on_destroy,
        hides_tags,
        is_setting,
        handed_over,
        ..
    } = attributes;
    let flagged =
        |flag: &'static str| fields.iter().filter(move |field| field.is(flag)).map(|field| &field.name);
    let exclusive = flagged("exclusive");
    let auto_detached = flagged("auto_detached");
    let deleted_after_user = flagged("deleted_after_user");
    let detach_before_delete = flagged("detach_before_delete");
    let only = |flag| flagged(flag).next().map_or_else(|| quote!(None), |field| quote!(Some(#field)));
    let (vpc_bound_by, data_in) = (only("vpc_bound_by"), only("data_in"));
    let serving = flagged("serving");
    let identity = flagged("identity");
    let released_last = flagged("released_last");
    let windowed = flagged("windowed");
    let (chosen_name, derived_name) = (only("chosen_name"), only("derived_name"));
    let mut for_good = fields.iter().filter_map(|Field { name, empty_for_good, .. }| {
        let why = empty_for_good.as_ref()?;
        Some(quote!(Some((#name, #why))))
    });
    let for_good = for_good.next().unwrap_or_else(|| quote!(None));
    let mut reopened = fields.iter().filter_map(|Field { name, reopened, .. }| {
        let (unless, outage) = reopened.as_ref()?;
        let unless = unless.iter().map(Ident::to_string);
        Some(quote!(Some((#name, &[#(#unless),*], #outage))))
    });
    let reopened = reopened.next().unwrap_or_else(|| quote!(None));
    let mut replaced_with = fields.iter().filter_map(|Field { name, replaced_with, .. }| {
        let why = replaced_with.as_ref()?;
        Some(quote!(Some((#name, #why))))
    });
    let replaced_with = replaced_with.next().unwrap_or_else(|| quote!(None));
    let never_empty = fields.iter().filter(|field| field.min.is_some()).map(|field| &field.name);
    Ok(quote! {
        crate::Schema {
            name: #name,
            home: crate::Home::#home,
            scope: crate::ScopeKind::#scope,
            fields: &[#(#changes),*],
            deletion: crate::Risk::#deletion,
            is_setting: #is_setting,
            data_in: #data_in,
            serving: &[#(#serving),*],
            replacement: crate::Replacement::#replacement,
            exclusive: &[#(#exclusive),*],
            delete_after_kinds: &[#(crate::Kind::#delete_after),*],
            outlives_kinds: &[#(crate::Kind::#outlives),*],
            replaced_with: #replaced_with,
            never_empty: &[#(#never_empty),*],
            auto_detached: &[#(#auto_detached),*],
            deleted_after_user: &[#(#deleted_after_user),*],
            detach_before_delete: &[#(#detach_before_delete),*],
            empty_for_good: #for_good,
            vpc_bound_by: #vpc_bound_by,
            retain_on_destroy: #retain_on_destroy,
            hides_tags: #hides_tags,
            identity: &[#(#identity),*],
            released_last: &[#(#released_last),*],
            chosen_name: #chosen_name,
            derived_name: #derived_name,
            renamed: crate::Renamed::#renamed,
            handed_over: #handed_over,
            outage: #outage,
            reopened: #reopened,
            windowed: &[#(#windowed),*],
        }
    })
}

/// The parts of the summary. A set is counted by the singular of its field's name.
fn summary(attributes: &StructAttributes, fields: &[Field]) -> Result<Vec<TokenStream>> {
    let part = |ident: &Ident| {
        if !fields.iter().any(|field| field.ident == *ident) {
            return Err(Error::new_spanned(ident, "the resource has no such field"));
        }
        let name = ident.to_string();
        let noun = name.strip_suffix('s').unwrap_or(&name).replace('_', " ");
        Ok(quote!(crate::declare::Summarize::summarize(&self.#ident, #noun)))
    };
    attributes.summary.iter().map(part).collect()
}

/// What is said of a live resource; an error unless the kind says it.
fn outputs(kind: &Ident, attributes: &StructAttributes, fields: &[Field]) -> Result<TokenStream> {
    let Some(outputs) = &attributes.outputs else {
        let why = "a kind says what `asiaq show` says of its resources, `#[resource(outputs(…))]`";
        return Err(Error::new(kind.span(), why));
    };
    let name = |ident: &Ident| {
        let field = fields.iter().find(|field| field.ident == *ident);
        let missing = || Error::new_spanned(ident, "the resource has no such field");
        field.map(|field| &field.name).ok_or_else(missing)
    };
    let shown: Vec<&String> = outputs.fields.iter().map(name).collect::<Result<_>>()?;
    let pattern =
        |text: &Option<LitStr>| if let Some(text) = text { quote!(Some(#text)) } else { quote!(None) };
    let (arn, console, assigned) = (pattern(&outputs.arn), pattern(&outputs.console), &outputs.assigned);
    Ok(quote! {
        crate::Outputs {
            arn: #arn,
            console: #console,
            fields: &[#(#shown),*],
            assigned: &[#(crate::Assigned::#assigned),*],
        }
    })
}

/// `LoadBalancer` as `load-balancer`, as serde writes it.
pub(crate) fn kebab_case(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}
