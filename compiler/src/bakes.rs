//! How the AMIs of a project are made, for commands.

use std::collections::BTreeMap;
use std::sync::Arc;

use asiaq_ir::ImageQuery;

use crate::Checked;
use crate::evaluate::Resolved;
use crate::model::{self, Image};

/// Where AMIs are made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bakery {
    /// Environment in which bakes run.
    pub env: String,
    /// AWS region.
    pub region: String,
    /// Metanetwork of the instances.
    pub network: String,
    /// Instance type, where the project sets one.
    pub instance_type: Option<String>,
    /// EC2 key pair whose private key `ssh` finds; a new one for each run where absent.
    pub key: Option<String>,
    /// IAM instance profile.
    pub instance_profile: Option<String>,
    /// Hostclass whose instance has the packages.
    pub repo: Option<String>,
    /// Folder that is copied to `destination`.
    pub sources: Option<String>,
    /// Folder of the instance in which scripts run.
    pub destination: String,
    /// Folder of the instance to which overlay files go.
    pub root: String,
    /// Whether the instance is cleaned before its AMI is made.
    pub clean: bool,
    /// Seconds after which an instance stops itself.
    pub limit: u64,
    /// Stage of a new AMI.
    pub new_stage: String,
    /// Stage of images that bakes start from.
    pub good_stage: String,
    /// Stage of an AMI that failed.
    pub bad_stage: String,
    /// Further accounts whose AMIs are accepted.
    pub trusted_accounts: Vec<String>,
}

/// An AMI that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// What it is named after: an image or a hostclass.
    pub name: String,
    /// Whether it is the AMI of a hostclass.
    pub is_of_hostclass: bool,
    /// The hostclasses whose overlay files it gets, the first preferred. The first is the tag `hostclass`.
    pub hostclasses: Vec<String>,
    /// What it starts from.
    pub base: Base,
    /// Scripts that run on the instance, in order: the name of each and its text.
    pub scripts: Vec<(String, Arc<str>)>,
    /// Folder with overlay files.
    pub files: Option<String>,
    /// User that the base AMI lets in over SSH.
    pub user: String,
    /// Instance type, where it has its own.
    pub instance_type: Option<String>,
    /// IAM instance profile, where it has its own.
    pub instance_profile: Option<String>,
    /// Tag `productline`.
    pub product_line: Option<String>,
    /// Further tags of the AMI.
    pub tags: BTreeMap<String, String>,
    /// Whether instances of the AMI have to use a token for their metadata.
    pub metadata_tokens: bool,
    /// Whether enhanced networking is switched on for the AMI where its base has none.
    pub enhanced_networking: bool,
}

/// What a bake starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The newest AMI of this image in the good stage.
    Image(String),
    /// Another AMI.
    Ami(ImageQuery),
}

/// With whom the AMIs of an account are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSharing {
    /// Id of the account that owns the AMIs.
    pub account: String,
    /// Names and ids of the others.
    pub to: Vec<(String, String)>,
    /// Values of the tag `baker` of AMIs that may be shared.
    pub bakers: Vec<String>,
    /// Whether tags are written there too.
    pub tags: bool,
}

impl Checked {
    /// With whom the AMIs of accounts are shared, in order of account name.
    pub fn image_shares(&self) -> Vec<ImageSharing> {
        let id = |name: &String| Some(self.model.account(name)?.id.value.clone());
        let of = |account: &model::Account| {
            let share = account.image_share.as_ref()?;
            let names = share.to.value.iter().map(|name| name.value.clone());
            Some(ImageSharing {
                account: account.id.value.clone(),
                to: names.filter_map(|name| Some((name.clone(), id(&name)?))).collect(),
                bakers: share.bakers.value.iter().map(|baker| baker.value.clone()).collect(),
                tags: share.tags.value,
            })
        };
        self.model.accounts.iter().filter_map(of).collect()
    }

    /// Whether instances that bake have an instance profile.
    pub(crate) fn bakes_with_profile(&self) -> bool {
        let bakes = &self.model.bakes;
        let of_bakery = bakes.bakery.iter().any(|bakery| bakery.instance_profile.is_some());
        of_bakery || bakes.recipes.iter().any(|recipe| recipe.instance_profile.is_some())
    }

    /// Where the AMIs of the project are made.
    pub fn bakery(&self) -> Option<Bakery> {
        let bakes = &self.model.bakes;
        let bakery = bakes.bakery.as_ref()?;
        let env = self.model.environment(&bakery.env.value)?;
        Some(Bakery {
            env: env.name.clone(),
            region: env.region.value.clone(),
            network: bakery.network().to_owned(),
            instance_type: text(bakery.instance_type.as_ref()),
            key: text(bakery.key.as_ref()),
            instance_profile: text(bakery.instance_profile.as_ref()),
            repo: text(bakery.repo.as_ref()),
            sources: text(bakery.sources.as_ref()),
            destination: bakery.destination.value.trim_end_matches('/').to_owned(),
            root: bakery.root.value.clone(),
            clean: bakery.clean.value,
            limit: bakery.limit.value,
            new_stage: bakes.stages.new.clone(),
            good_stage: bakes.stages.good.clone(),
            bad_stage: bakes.stages.bad.clone(),
            trusted_accounts: env
                .common
                .trusted_accounts
                .iter()
                .map(|account| account.value.clone())
                .collect(),
        })
    }

    /// The AMIs that can be made: the images, then the hostclasses, each in order of name.
    pub fn recipes(&self) -> Vec<Recipe> {
        let bakes = &self.model.bakes;
        bakes.recipes.iter().filter_map(|recipe| summary(bakes, recipe)).collect()
    }
}

fn summary(bakes: &model::Bakes, recipe: &model::Recipe) -> Option<Recipe> {
    let base = match (&recipe.image, &recipe.ami) {
        (Some(image), _) => Base::Image(image.value.clone()),
        (None, Some(ami)) => Base::Ami(query(ami)?),
        (None, None) => return None,
    };
    let scripts = recipe.scripts.iter().zip(1..).map(|(script, number)| {
        let name = script.value.file.clone().unwrap_or_else(|| format!("script-{number}"));
        (name, Arc::clone(&script.value.text))
    });
    let tags = recipe.tags.iter().flat_map(|tags| &tags.value);
    Some(Recipe {
        name: recipe.name.clone(),
        is_of_hostclass: recipe.is_of_hostclass,
        hostclasses: recipe.hostclasses.clone(),
        base,
        scripts: scripts.collect(),
        files: text(recipe.files.as_ref()),
        user: bakes.user(recipe).to_owned(),
        instance_type: text(recipe.instance_type.as_ref()),
        instance_profile: text(recipe.instance_profile.as_ref()),
        product_line: text(recipe.product_line.as_ref()),
        tags: tags.map(|(key, value)| (key.clone(), value.value.clone())).collect(),
        metadata_tokens: recipe.metadata_tokens,
        enhanced_networking: recipe.enhanced_networking,
    })
}

fn query(ami: &Image) -> Option<ImageQuery> {
    let named =
        || Some(ImageQuery::Named { owner: text(ami.owner.as_ref())?, pattern: text(ami.newest.as_ref())? });
    text(ami.id.as_ref())
        .map(ImageQuery::Id)
        .or_else(named)
        .or_else(|| text(ami.parameter.as_ref()).map(ImageQuery::Parameter))
}

fn text(set: Option<&Resolved<String>>) -> Option<String> {
    set.map(|set| set.value.clone())
}
