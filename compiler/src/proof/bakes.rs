//! How AMIs are made: where, from what, and that it can be run.

use asiaq_lang::Diagnostic;

use super::machines::images;
use crate::errors;
use crate::evaluate::Resolved;
use crate::library::fields::BakeryFields;
use crate::library::kinds;
use crate::model::{Bakery, Bakes, Image, Model, Recipe};

/// Longest name of an AMI before its blank and seconds (EC2 API reference, `CreateImage`: 128 characters).
const LONGEST_NAME: usize = 117;

pub(super) fn prove(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    let Bakes { bakery, has_broken_bakery, recipes, .. } = &model.bakes;
    if let Some(bakery) = bakery {
        check_bakery(model, bakery, diagnostics);
    } else if !has_broken_bakery {
        // A broken bakery has been reported.
        diagnostics.extend(recipes.first().map(|recipe| errors::bake_without_bakery(recipe.span)));
    }
    for recipe in recipes {
        check_recipe(recipe, diagnostics);
        let twin = recipes.iter().find(|other| other.name == recipe.name && other.is_of_hostclass);
        if let Some(twin) = twin.filter(|_| !recipe.is_of_hostclass) {
            diagnostics.push(errors::image_named_like_hostclass(recipe.span, &recipe.name, twin.span));
        }
    }
}

fn check_bakery(model: &Model, bakery: &Bakery, diagnostics: &mut Vec<Diagnostic>) {
    for (field, path) in
        [(BakeryFields::DESTINATION, &bakery.destination), (BakeryFields::ROOT, &bakery.root)]
    {
        if !path.value.starts_with('/')
            || path.value.contains(['\n', '\0'])
            || path.value.split('/').any(|part| part == "..")
        {
            diagnostics.push(errors::not_an_absolute_path(path.place(bakery.span), field, &path.value));
        }
    }
    if bakery.destination.value.trim_end_matches('/').is_empty() {
        diagnostics.push(errors::destination_is_root(bakery.destination.place(bakery.span)));
    }
    // An unknown environment has been reported.
    let Some(env) = model.environment(&bakery.env.value) else { return };
    let network = bakery.network();
    if env.network(network).is_some() || network.is_empty() {
        return;
    }
    let known = env.network_names();
    diagnostics.push(match &bakery.network {
        // The place is the whole field, which a fix would replace.
        Some(named) => errors::without_fix(errors::unknown_network(named.span(), network, &env.name, &known)),
        None => errors::bakery_without_network(bakery.span, network, &env.name, &known),
    });
}

fn check_recipe(recipe: &Recipe, diagnostics: &mut Vec<Diagnostic>) {
    let what = if recipe.is_of_hostclass { kinds::BAKE } else { kinds::IMAGE };
    if recipe.name.len() > LONGEST_NAME {
        diagnostics.push(errors::image_name_too_long(recipe.span, &recipe.name, LONGEST_NAME));
    }
    match (&recipe.image, &recipe.ami) {
        (Some(image), Some(_)) => diagnostics.push(errors::bake_from_two(image.span())),
        (None, None) if !recipe.has_broken_base => {
            diagnostics.push(errors::bake_from_nothing(recipe.span, what));
        }
        (None, Some(ami)) => check_ami(recipe, ami, what, diagnostics),
        _ => {}
    }
    if let Some(user) = &recipe.user
        && !is_user(&user.value)
    {
        diagnostics.push(errors::not_a_login_user(user.span(), &user.value));
    }
}

fn check_ami(recipe: &Recipe, ami: &Image, what: &str, diagnostics: &mut Vec<Diagnostic>) {
    let found = diagnostics.len();
    images::of_hostclass(ami, diagnostics);
    if diagnostics.len() > found || recipe.has_broken_base {
        return;
    }
    let is_chosen = ami.id.is_some() || ami.newest.is_some() || ami.parameter.is_some();
    if !is_chosen {
        diagnostics.push(errors::bake_from_nothing(recipe.span, what));
        return;
    }
    let set = [
        ("stages", ami.stages.as_ref().map(Resolved::span)),
        ("product_line", ami.product_line.as_ref().map(Resolved::span)),
    ];
    for (field, span) in set.into_iter().filter_map(|(field, span)| Some((field, span?))) {
        diagnostics.push(errors::base_setting(span, field, what));
    }
    if let (Some(instance_type), Some(name)) =
        (&recipe.instance_type, ami.newest.as_ref().or(ami.parameter.as_ref()))
    {
        images::fits(name, instance_type, recipe.span, diagnostics);
    }
}

/// Whether a text can be a user of Linux (useradd(8)).
fn is_user(name: &str) -> bool {
    let is_first = |c: char| c.is_ascii_lowercase() || c == '_';
    let is_more = |c: char| is_first(c) || c.is_ascii_digit() || matches!(c, '-' | '.');
    name.len() <= 32 && name.starts_with(is_first) && name.chars().all(is_more)
}
