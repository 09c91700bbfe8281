//! The attributes of a struct and its fields, parsed.

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::parse::Parse as _;
use syn::{Attribute, Data, DeriveInput, Error, Expr, Ident, LitStr, Result, Token, Type};

/// `#[resource(…)]` of a struct.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute of its own")]
pub(crate) struct StructAttributes {
    pub(crate) home: Option<Ident>,
    pub(crate) scope: Option<Ident>,
    pub(crate) deletion: Option<Ident>,
    pub(crate) replacement: Option<Ident>,
    pub(crate) delete_after: Vec<Ident>,
    pub(crate) outlives: Vec<Ident>,
    pub(crate) retain_on_destroy: bool,
    pub(crate) hides_tags: bool,
    pub(crate) is_setting: bool,
    /// A `Mark`. Every kind says one.
    pub(crate) mark: Option<Ident>,
    /// The fields that say where it lies. Every kind says them, if only that there are none.
    pub(crate) lies_in: Option<Vec<Ident>>,
    /// A `Renamed`. Every kind says one.
    pub(crate) renamed: Option<Ident>,
    pub(crate) handed_over: bool,
    /// What stops while it is replaced, or that nothing does. Every kind says one.
    pub(crate) outage: Option<Outage>,
    pub(crate) summary: Vec<Ident>,
    /// What is said of a live resource. Every kind says it, if only that there is nothing.
    pub(crate) outputs: Option<OutputAttributes>,
}

/// `outputs(…)` in `#[resource(…)]` of a struct.
#[derive(Default)]
pub(crate) struct OutputAttributes {
    pub(crate) arn: Option<LitStr>,
    pub(crate) console: Option<LitStr>,
    pub(crate) fields: Vec<Ident>,
    /// Variants of `Assigned`.
    pub(crate) assigned: Vec<Ident>,
}

/// `outage(seconds = NUMBER, what = "…")`, or `outage(none)`.
pub(crate) enum Outage {
    None,
    Some(TokenStream),
}

/// A field with its attributes.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// Name in JSON.
    pub(crate) name: String,
    /// A `Change`; absent for the default.
    pub(crate) change: Option<TokenStream>,
    /// Properties without a value, as written.
    flags: Vec<Ident>,
    pub(crate) min: Option<Expr>,
    pub(crate) empty_for_good: Option<Expr>,
    pub(crate) initial: Option<Expr>,
    /// Why the resource is replaced with what the field references.
    pub(crate) replaced_with: Option<Expr>,
    /// What stops while an element is closed and opened again, and the fields for which it is not.
    pub(crate) reopened: Option<(Vec<Ident>, TokenStream)>,
    /// Whether it has `#[element(key)]`.
    pub(crate) is_key: bool,
    /// All its attributes.
    pub(crate) attrs: Vec<Attribute>,
}

/// Properties of a field without a value. All but `in_use` are slots of `Schema`.
const FLAGS: &[&str] = &[
    "exclusive",
    "in_use",
    "auto_detached",
    "deleted_after_user",
    "detach_before_delete",
    "vpc_bound_by",
    "data_in",
    "serving",
    "identity",
    "released_last",
    "chosen_name",
    "derived_name",
    "windowed",
];

impl StructAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        each(attributes, "resource", &mut |meta| {
            if meta.path.is_ident("home") {
                read.home = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("scope") {
                read.scope = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("deletion") {
                read.deletion = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("replacement") {
                read.replacement = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("delete_after") {
                read.delete_after = idents(meta)?;
            } else if meta.path.is_ident("outlives") {
                read.outlives = idents(meta)?;
            } else if meta.path.is_ident("mark") {
                read.mark = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("renamed") {
                read.renamed = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("lies_in") {
                read.lies_in = Some(idents(meta)?);
            } else if meta.path.is_ident("outage") {
                read.outage = Some(outage(meta, &mut |inner| Err(inner.error("not a part of an outage")))?);
            } else if meta.path.is_ident("summary") {
                read.summary = idents(meta)?;
            } else if meta.path.is_ident("outputs") {
                read.outputs = Some(OutputAttributes::read(meta)?);
            } else if meta.path.is_ident("retain_on_destroy") {
                read.retain_on_destroy = true;
            } else if meta.path.is_ident("hides_tags") {
                read.hides_tags = true;
            } else if meta.path.is_ident("is_setting") {
                read.is_setting = true;
            } else if meta.path.is_ident("handed_over") {
                read.handed_over = true;
            } else {
                return Err(meta.error("not an attribute of a resource"));
            }
            Ok(())
        })?;
        Ok(read)
    }
}

impl OutputAttributes {
    fn read(meta: &ParseNestedMeta<'_>) -> Result<Self> {
        let mut read = Self::default();
        meta.parse_nested_meta(|inner| {
            if inner.path.is_ident("arn") {
                read.arn = Some(inner.value()?.parse()?);
            } else if inner.path.is_ident("console") {
                read.console = Some(inner.value()?.parse()?);
            } else if inner.path.is_ident("fields") {
                read.fields = idents(&inner)?;
            } else if inner.path.is_ident("assigned") {
                read.assigned = idents(&inner)?;
            } else {
                return Err(inner.error("expected `arn`, `console`, `fields` or `assigned`"));
            }
            Ok(())
        })?;
        Ok(read)
    }
}

impl Field {
    /// Whether the field has property `flag`.
    pub(crate) fn is(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }

    fn read(field: &syn::Field) -> Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(Error::new_spanned(field, "a resource has named fields"));
        };
        let name = renamed(&field.attrs)?.unwrap_or_else(|| ident.to_string());
        let mut read = Self {
            ident,
            ty: field.ty.clone(),
            name,
            change: None,
            flags: Vec::new(),
            min: None,
            empty_for_good: None,
            initial: None,
            replaced_with: None,
            reopened: None,
            is_key: false,
            attrs: field.attrs.clone(),
        };
        each(&field.attrs, "element", &mut |meta| {
            read.is_key = meta.path.is_ident("key");
            if read.is_key { Ok(()) } else { Err(meta.error("not an attribute of an element")) }
        })?;
        each(&field.attrs, "resource", &mut |meta| {
            if let Some(change) = change(meta, &field.ty)? {
                if read.change.replace(change).is_some() {
                    return Err(meta.error("a field changes in one way"));
                }
            } else if meta.path.is_ident("min") {
                read.min = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("empty_for_good") {
                read.empty_for_good = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("initial") {
                read.initial = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("replaced_with") {
                read.replaced_with = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("reopened") {
                let mut unless = Vec::new();
                let outage = outage(meta, &mut |inner| {
                    if !inner.path.is_ident("unless") {
                        return Err(inner.error("not a part of an outage"));
                    }
                    unless = idents(inner)?;
                    Ok(())
                })?;
                if let Outage::Some(outage) = outage {
                    read.reopened = Some((unless, outage));
                }
            } else {
                let flag = meta.path.get_ident().filter(|flag| FLAGS.iter().any(|known| flag == known));
                read.flags.push(flag.cloned().ok_or_else(|| meta.error("not an attribute of a field"))?);
            }
            Ok(())
        })?;
        Ok(read)
    }
}

/// The fields of a struct.
pub(crate) fn fields(input: &DeriveInput) -> Result<Vec<Field>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "only a struct can be derived"));
    };
    data.fields.iter().map(Field::read).collect()
}

/// Calls `read` with each entry of the attributes called `name`.
fn each(
    attributes: &[Attribute],
    name: &str,
    read: &mut dyn FnMut(&ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(name))
        .try_for_each(|attribute| attribute.parse_nested_meta(|meta| read(&meta)))
}

/// The name of a field in JSON, where serde renames it.
fn renamed(attributes: &[Attribute]) -> Result<Option<String>> {
    let mut name = None;
    each(attributes, "serde", &mut |meta| {
        if meta.path.is_ident("rename") {
            name = Some(meta.value()?.parse::<LitStr>()?.value());
        } else if meta.input.peek(Token![=]) {
            meta.value()?.parse::<Expr>()?;
        }
        Ok(())
    })?;
    Ok(name)
}

/// The case that serde writes the variants of an enum in.
pub(crate) fn rename_all(attributes: &[Attribute]) -> Result<Option<LitStr>> {
    let mut case = None;
    each(attributes, "serde", &mut |meta| {
        if meta.path.is_ident("rename_all") {
            case = Some(meta.value()?.parse::<LitStr>()?);
        } else if meta.input.peek(Token![=]) {
            meta.value()?.parse::<Expr>()?;
        }
        Ok(())
    })?;
    Ok(case)
}

/// The parts of an outage. `other` reads those that are no part of every outage.
fn outage(
    meta: &ParseNestedMeta<'_>,
    other: &mut dyn FnMut(&ParseNestedMeta<'_>) -> Result<()>,
) -> Result<Outage> {
    let (mut seconds, mut what, mut is_none): (Option<Expr>, Option<Expr>, bool) = (None, None, false);
    meta.parse_nested_meta(|inner| {
        if inner.path.is_ident("none") {
            is_none = true;
        } else if inner.path.is_ident("seconds") {
            seconds = Some(inner.value()?.parse()?);
        } else if inner.path.is_ident("what") {
            what = Some(inner.value()?.parse()?);
        } else {
            return other(&inner);
        }
        Ok(())
    })?;
    match (seconds, what, is_none) {
        (None, None, true) => Ok(Outage::None),
        (Some(seconds), Some(what), false) => {
            Ok(Outage::Some(quote!(crate::Outage { seconds: #seconds, what: #what })))
        }
        _ => Err(meta.error("an outage is `none`, or has `seconds` and `what`")),
    }
}

/// `(A, B)` after the name of an attribute.
fn idents(meta: &ParseNestedMeta<'_>) -> Result<Vec<Ident>> {
    let inside;
    syn::parenthesized!(inside in meta.input);
    Ok(inside.parse_terminated(Ident::parse, Token![,])?.into_iter().collect())
}

/// The `Change` that an attribute states, if it states one.
fn change(meta: &ParseNestedMeta<'_>, ty: &Type) -> Result<Option<TokenStream>> {
    let risk = |meta: &ParseNestedMeta<'_>| meta.value()?.parse::<Ident>();
    let is = |name: &str| meta.path.is_ident(name);
    Ok(Some(if is("replace") {
        let why: Expr = meta.value()?.parse()?;
        quote!(Replace(#why))
    } else if is("in_place") {
        let risk = risk(meta)?;
        quote!(InPlace(crate::Risk::#risk))
    } else if is("if_set") {
        let risk = risk(meta)?;
        quote!(IfSet(crate::Risk::#risk))
    } else if is("decrease_risk") {
        let risk = risk(meta)?;
        quote!(DecreaseRisk(crate::Risk::#risk))
    } else if is("set_once") {
        let why: Expr = meta.value()?.parse()?;
        quote!(SetOnce(#why))
    } else if is("create_only") {
        // A name that the resource keeps needs no reason: it is no difference.
        let is_told = meta.input.peek(Token![=]);
        let why: Expr = if is_told { meta.value()?.parse()? } else { syn::parse_quote!("") };
        quote!(CreateOnly { why: #why, is_read: true })
    } else if is("create_only_unread") {
        let why: Expr = meta.value()?.parse()?;
        quote!(CreateOnly { why: #why, is_read: false })
    } else if is("elements") {
        let (mut changed, mut removed) = (quote!(Safe), quote!(Safe));
        if meta.input.peek(syn::token::Paren) {
            meta.parse_nested_meta(|inner| {
                let risk = risk(&inner)?;
                match inner.path.require_ident()?.to_string().as_str() {
                    "changed" => changed = quote!(#risk),
                    "removed" => removed = quote!(#risk),
                    _ => return Err(inner.error("expected `changed` or `removed`")),
                }
                Ok(())
            })?;
        }
        quote!(Elements {
            key: <#ty as crate::declare::Elements>::KEY,
            changed: crate::Risk::#changed,
            removed: crate::Risk::#removed,
        })
    } else {
        return Ok(None);
    }))
}
