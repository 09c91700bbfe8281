//! What the derives write to compare a value with what AWS accepts.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DataEnum, DeriveInput, Error, Fields, Ident, LitStr, Result, Variant};

use crate::attributes;
use crate::aws::Aws;

/// The implementation of `Measured` for a struct or an enum.
pub(crate) fn measured(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let owner = Aws::of_type(&input.attrs)?.words(name);
    let (measure, fields) = match &input.data {
        Data::Enum(data) => of_enum(data, &owner, &input.attrs)?,
        Data::Struct(_) | Data::Union(_) => of_struct(input, &owner)?,
    };
    Ok(quote! {
        #[automatically_derived]
        impl crate::Measured for #name {
            fn measure<'a>(&'a self, _: &'static crate::Sent, found: &mut crate::Breaches<'a>) {
                #measure
                let _ = found;
            }

            fn fields(path: &str, each: &mut dyn FnMut(&str, &'static crate::Sent)) {
                #fields
                let _ = (path, each);
            }
        }
    })
}

fn of_struct(input: &DeriveInput, owner: &str) -> Result<(TokenStream, TokenStream)> {
    let (mut measure, mut listed) = (TokenStream::new(), TokenStream::new());
    for attributes::Field { ident, ty, name, attrs, .. } in attributes::fields(input)? {
        let aws = Aws::of_field(&attrs, &ident)?;
        let sent = aws.sent(owner, &name);
        if aws.is_sent() {
            measure.extend(quote! {
                found.field(#name, |found| crate::Measured::measure(&self.#ident, #sent, found));
            });
        }
        listed.extend(entry(&name, &sent, &quote!(#ty)));
    }
    Ok((measure, listed))
}

fn of_enum(data: &DataEnum, owner: &str, attrs: &[Attribute]) -> Result<(TokenStream, TokenStream)> {
    let case = attributes::rename_all(attrs)?;
    let (mut arms, mut listed) = (TokenStream::new(), TokenStream::new());
    for variant in &data.variants {
        let (arm, entries) = of_variant(variant, owner, case.as_ref())?;
        arms.extend(arm);
        listed.extend(entries);
    }
    Ok((quote!(match self { #arms }), listed))
}

fn of_variant(
    Variant { ident, fields, attrs, .. }: &Variant,
    owner: &str,
    case: Option<&LitStr>,
) -> Result<(TokenStream, TokenStream)> {
    let name = serialized(ident, case);
    match fields {
        Fields::Unit => Ok((quote!(Self::#ident => {}), TokenStream::new())),
        Fields::Unnamed(unnamed) => {
            let mut unnamed = unnamed.unnamed.iter();
            let (Some(field), None) = (unnamed.next(), unnamed.next()) else {
                return Err(Error::new_spanned(ident, "a variant has one value, or fields with names"));
            };
            let aws = Aws::of_field(attrs, ident)?;
            let (sent, ty) = (aws.sent(owner, &name), &field.ty);
            let listed = entry(&name, &sent, &quote!(#ty));
            if !aws.is_sent() {
                return Ok((quote!(Self::#ident(_) => {}), listed));
            }
            Ok((quote!(Self::#ident(value) => crate::Measured::measure(value, #sent, found),), listed))
        }
        Fields::Named(named) => {
            let (mut measure, mut listed, mut bound) = (TokenStream::new(), TokenStream::new(), Vec::new());
            for field in &named.named {
                let Some(field_name) = &field.ident else { continue };
                let aws = Aws::of_field(&field.attrs, field_name)?;
                let (sent, ty) = (aws.sent(owner, &field_name.to_string()), &field.ty);
                listed.extend(entry(&format!("{name}/{field_name}"), &sent, &quote!(#ty)));
                if aws.is_sent() {
                    bound.push(field_name);
                    measure.extend(quote!(crate::Measured::measure(#field_name, #sent, found);));
                }
            }
            Ok((quote!(Self::#ident { #(#bound,)* .. } => { #measure }), listed))
        }
    }
}

/// Lists a field, and those inside it.
fn entry(name: &str, sent: &TokenStream, ty: &TokenStream) -> TokenStream {
    quote! {
        {
            let path = if path.is_empty() { #name.to_owned() } else { format!("{path}/{}", #name) };
            each(&path, #sent);
            <#ty as crate::Measured>::fields(&path, each);
        }
    }
}

/// A variant as serde writes it.
fn serialized(variant: &Ident, case: Option<&LitStr>) -> String {
    let name = variant.to_string();
    match case.map(LitStr::value).as_deref() {
        Some("lowercase") => name.to_lowercase(),
        Some("kebab-case") => crate::expand::kebab_case(&name),
        Some(_) | None => name,
    }
}
