//! How AMIs are made: the bakery of the project, its images, and the bakes of its hostclasses.

use std::collections::BTreeMap;

use asiaq_lang::{Diagnostic, Span};

use super::Image;
use crate::block::Block;
use crate::evaluate::{Evaluator, Fields, Resolved};
use crate::library::fields::{
    AmiFields, BakeFields, BakeryFields, HostclassFields, ImageFields, StageRolesFields,
};
use crate::library::{self, kinds};
use crate::names::{Names, name_span};
use crate::schema::Schemas;
use crate::typing::Variables;
use crate::value::{Script, Spanned};

/// The metanetwork of a bakery that names none.
const NETWORK: &str = "tunnel";

/// How AMIs are made in a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bakes {
    /// Where; absent where the project has no bakery, or a broken one.
    pub(crate) bakery: Option<Bakery>,
    /// Whether the project has a broken one.
    pub(crate) has_broken_bakery: bool,
    /// Stages of AMIs.
    pub(crate) stages: StageRoles,
    /// Images, then bakes of hostclasses, each in order of name.
    pub(crate) recipes: Vec<Recipe>,
}

/// The block `bakery` of a project.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bakery {
    pub(crate) span: Span,
    pub(crate) env: Resolved<String>,
    pub(crate) network: Option<Resolved<String>>,
    pub(crate) instance_type: Option<Resolved<String>>,
    pub(crate) key: Option<Resolved<String>>,
    pub(crate) instance_profile: Option<Resolved<String>>,
    pub(crate) repo: Option<Resolved<String>>,
    pub(crate) sources: Option<Resolved<String>>,
    pub(crate) destination: Resolved<String>,
    pub(crate) root: Resolved<String>,
    pub(crate) clean: Resolved<bool>,
    /// Seconds.
    pub(crate) limit: Resolved<u64>,
}

/// The block `stage_roles` of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StageRoles {
    pub(crate) new: String,
    pub(crate) good: String,
    pub(crate) bad: String,
}

/// An AMI that can be made.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Recipe {
    /// What it is named after.
    pub(crate) name: String,
    /// Its declaration.
    pub(crate) span: Span,
    /// Whether it is the AMI of a hostclass.
    pub(crate) is_of_hostclass: bool,
    /// The hostclass and those that it inherits from, the nearest first.
    pub(crate) hostclasses: Vec<String>,
    /// Image that it starts from.
    pub(crate) image: Option<Resolved<String>>,
    /// AMI that it starts from.
    pub(crate) ami: Option<Image>,
    /// Whether what it starts from is broken.
    pub(crate) has_broken_base: bool,
    pub(crate) scripts: Vec<Spanned<Script>>,
    pub(crate) files: Option<Resolved<String>>,
    pub(crate) user: Option<Resolved<String>>,
    pub(crate) instance_type: Option<Resolved<String>>,
    pub(crate) instance_profile: Option<Resolved<String>>,
    pub(crate) product_line: Option<Resolved<String>>,
    pub(crate) tags: Option<Resolved<BTreeMap<String, Spanned<String>>>>,
    /// Whether instances of the AMI have to use a token for their metadata.
    pub(crate) metadata_tokens: bool,
    /// Whether the AMI is for enhanced networking.
    pub(crate) enhanced_networking: bool,
}

impl Bakery {
    /// The metanetwork of its instances.
    pub(crate) fn network(&self) -> &str {
        self.network.as_ref().map_or(NETWORK, |network| &network.value)
    }
}

impl Bakes {
    /// The recipe of an image.
    pub(crate) fn image(&self, name: &str) -> Option<&Recipe> {
        self.recipes.iter().find(|recipe| !recipe.is_of_hostclass && recipe.name == name)
    }

    /// The user that the base AMI of a recipe lets in.
    pub(crate) fn user<'b>(&'b self, recipe: &'b Recipe) -> &'b str {
        if let Some(user) = &recipe.user {
            return &user.value;
        }
        let image = recipe.image.as_ref().and_then(|image| self.image(&image.value));
        match image {
            // An image has no image, so this ends.
            Some(image) if image.image.is_none() => self.user(image),
            _ => {
                let owner = recipe.ami.as_ref().and_then(|ami| ami.owner.as_ref());
                owner.map_or(library::USUAL_USER, |owner| library::login_user(&owner.value))
            }
        }
    }
}

/// What evaluates declarations for images, in the environment of the project's bakery; `variables` are the project's.
pub(super) fn evaluator<'a, 'b>(
    schemas: &'b Schemas,
    names: &'b Names<'a>,
    variables: &Variables,
) -> Evaluator<'a, 'b> {
    let mut evaluator = Evaluator { schemas, names, lineage: Vec::new(), variables: variables.clone() };
    let Some(project) = names.project() else { return evaluator };
    let block = Block::of_chain(&[project]);
    let mut ignored = Vec::new();
    let env = part(&evaluator, &block, kinds::BAKERY, &mut ignored)
        .and_then(|(fields, span)| BakeryFields::of(&fields, span).env);
    let declared = env.as_ref().and_then(|env| names.get(kinds::ENV, &env.value)?.name.as_ref());
    if let Some(env) = declared {
        evaluator.lineage = names.lineage(&env.text);
        evaluator.variables.insert("env.name", env.text.clone());
        let envtype = evaluator.lineage.get(1).copied().unwrap_or_default();
        evaluator.variables.insert("env.type", envtype.to_owned());
    }
    evaluator
}

/// Evaluates what a project says of bakes.
pub(super) fn of_project(evaluator: &Evaluator<'_, '_>, diagnostics: &mut Vec<Diagnostic>) -> Bakes {
    let names = evaluator.names;
    let Some(project) = names.project() else { return Bakes::default() };
    let block = Block::of_chain(&[project]);
    let found = part(evaluator, &block, kinds::BAKERY, diagnostics);
    let is_declared = found.is_some();
    let bakery = found.and_then(|(fields, span)| bakery(&fields, span));
    let (fields, span) = part(evaluator, &block, kinds::STAGE_ROLES, diagnostics).unwrap_or_else(|| {
        let span = name_span(project);
        (evaluator.fields(kinds::STAGE_ROLES, &Block::default(), span, diagnostics), span)
    });
    let StageRolesFields { new, good, bad } = StageRolesFields::of(&fields, span);
    let stages = StageRoles { new: new.value, good: good.value, bad: bad.value };
    let mut recipes: Vec<Recipe> =
        names.of_kind(kinds::IMAGE).filter_map(|name| image(evaluator, name, diagnostics)).collect();
    recipes.extend(names.of_kind(kinds::HOSTCLASS).filter_map(|name| bake(evaluator, name, diagnostics)));
    Bakes { has_broken_bakery: is_declared && bakery.is_none(), bakery, stages, recipes }
}

/// The fields of a block without a name, and where it is declared.
pub(super) fn part(
    evaluator: &Evaluator<'_, '_>,
    block: &Block<'_>,
    kind: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Fields, Span)> {
    let lineage = evaluator.lineage.as_slice();
    let span = name_span(block.child_decls(kind, None, lineage).last()?);
    let part = block.child(kind, None, lineage)?;
    Some((evaluator.fields(kind, &part, span, diagnostics), span))
}

fn bakery(fields: &Fields, span: Span) -> Option<Bakery> {
    let of = BakeryFields::of(fields, span);
    Some(Bakery {
        span,
        env: of.env?,
        network: of.network.or_else(|| fields.broken(BakeryFields::NETWORK, String::new())),
        instance_type: of.r#type,
        key: of.key,
        instance_profile: of.instance_profile,
        repo: of.repo,
        sources: of.sources,
        destination: of.destination,
        root: of.root,
        clean: of.clean,
        limit: of.limit,
    })
}

/// The block `ami` of an image or a bake.
fn ami(
    evaluator: &Evaluator<'_, '_>,
    block: &Block<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Image, bool)> {
    let (fields, span) = part(evaluator, block, kinds::AMI, diagnostics)?;
    let AmiFields { id, newest, owner, parameter, stages, product_line } = AmiFields::of(&fields, span);
    Some((Image { id, newest, owner, parameter, stages, product_line }, fields.has_broken()))
}

fn image(evaluator: &Evaluator<'_, '_>, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Recipe> {
    let decl = evaluator.names.get(kinds::IMAGE, name)?;
    let span = name_span(decl);
    let block = Block::of_chain(&evaluator.names.whole_chain(decl)?);
    let fields = evaluator.fields(kinds::IMAGE, &block, span, diagnostics);
    let of = ImageFields::of(&fields, span);
    let (ami, has_broken_base) = ami(evaluator, &block, diagnostics).unzip();
    let hostclass = of.hostclass.map_or_else(|| name.to_owned(), |hostclass| hostclass.value);
    Some(Recipe {
        name: name.to_owned(),
        span,
        is_of_hostclass: false,
        hostclasses: vec![hostclass],
        image: None,
        ami,
        has_broken_base: has_broken_base.unwrap_or_default(),
        scripts: of.script.map(|script| script.value).unwrap_or_default(),
        files: of.files,
        user: of.user,
        instance_type: of.r#type,
        instance_profile: of.instance_profile,
        product_line: of.product_line,
        tags: of.tags,
        metadata_tokens: true,
        enhanced_networking: false,
    })
}

fn bake(evaluator: &Evaluator<'_, '_>, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Recipe> {
    let decl = evaluator.names.get(kinds::HOSTCLASS, name)?;
    let chain = evaluator.names.whole_chain(decl)?;
    let hostclass = Block::of_chain(&chain);
    let lineage = evaluator.lineage.as_slice();
    let block = hostclass.child(kinds::BAKE, None, lineage)?;
    let (fields, span) = part(evaluator, &hostclass, kinds::BAKE, diagnostics)?;
    let of = BakeFields::of(&fields, span);
    let (ami, has_broken_ami) = ami(evaluator, &block, diagnostics).unzip();
    // Mistakes in the fields of the hostclass itself are reported for its environments.
    let own = evaluator.fields(kinds::HOSTCLASS, &hostclass, span, &mut Vec::new());
    let own = HostclassFields::of(&own, span);
    let names = chain.iter().filter_map(|decl| Some(decl.name.as_ref()?.text.clone()));
    Some(Recipe {
        name: name.to_owned(),
        span,
        is_of_hostclass: true,
        hostclasses: names.collect(),
        has_broken_base: has_broken_ami.unwrap_or_default() || fields.is_broken(BakeFields::IMAGE),
        image: of.image,
        ami,
        scripts: of.script.map(|script| script.value).unwrap_or_default(),
        files: of.files,
        user: of.user,
        instance_type: of.r#type,
        instance_profile: of.instance_profile,
        product_line: own.product_line,
        tags: of.tags,
        metadata_tokens: own.metadata_tokens.value,
        enhanced_networking: own.enhanced_networking.value,
    })
}
