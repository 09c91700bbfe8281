//! AMIs and EBS snapshots that instances can be launched from, and key pairs to log in with.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::{ImageFact, ImageQuery, Need, Needs, RegionFacts, SnapshotFact};
use aws_sdk_ec2::types::{Image, ImageState, Snapshot, SnapshotState};
use aws_smithy_types::date_time::Format;
use futures::{future, try_join};

use crate::kinds::prelude::*;

ops! {
    ec2 {
        DESCRIBE_IMAGES = "DescribeImages", Fact(Images);
        DESCRIBE_KEY_PAIRS = "DescribeKeyPairs", Fact(KeyPairs);
        DESCRIBE_SNAPSHOTS = "DescribeSnapshots", Fact(Snapshots);
    }
    ssm {
        GET_PARAMETERS = "GetParameters", Fact(ImageParameters);
    }
}

/// The caller's account, as an owner or user in a request.
const SELF: &str = "self";

/// Maximum number of names in a call of `GetParameters`.
const NAMES: usize = 10;

/// The patterns of names that a program asks for, by owner as the program names it.
type Patterns<'n> = BTreeMap<&'n str, BTreeSet<&'n str>>;

/// The AMIs that a program needs. AMIs by id take no call of their own if they are among those of the account.
pub(crate) async fn facts(region: &Region<'_>, needs: &Needs) -> Result<RegionFacts> {
    let (mut ids, mut parameters, mut patterns) = (BTreeSet::new(), BTreeSet::new(), Patterns::new());
    for query in needs.images_in(region.name) {
        match query {
            ImageQuery::Id(id) => drop(ids.insert(id.clone())),
            ImageQuery::Parameter(name) => drop(parameters.insert(name.as_str())),
            ImageQuery::Named { owner, pattern } => drop(patterns.entry(owner).or_default().insert(pattern)),
        }
    }
    let of_hostclasses =
        async { if needs.contains(Need::HostclassImages) { images(region).await } else { Ok(Vec::new()) } };
    let (images, named_images, image_parameters) =
        try_join!(of_hostclasses, named(region, &patterns), values(region, &parameters))?;
    ids.extend(image_parameters.values().flatten().filter(|value| value.starts_with("ami-")).cloned());
    let image_ids = by_id(region, ids, &images).await?;
    Ok(RegionFacts { images, image_ids, named_images, image_parameters, ..RegionFacts::default() })
}

/// AMIs that this account owns, and AMIs that are shared with it explicitly. Public AMIs are omitted.
async fn images(region: &Region<'_>) -> Result<Vec<ImageFact>> {
    let request = || region.ec2().describe_images();
    let own = request().owners(SELF).into_paginator().items().send().collect();
    let shared = request().executable_users(SELF).into_paginator().items().send().collect();
    let (own, shared): (Vec<Image>, Vec<Image>) =
        try_join!(DESCRIBE_IMAGES.call(own), DESCRIBE_IMAGES.call(shared))?;
    let facts = own.iter().chain(&shared).filter_map(image);
    let by_id: BTreeMap<String, ImageFact> = facts.map(|fact| (fact.id.clone(), fact)).collect();
    Ok(by_id.into_values().collect())
}

/// AMIs by id; absent where there is none that this account may see.
async fn by_id(
    region: &Region<'_>,
    ids: BTreeSet<String>,
    known: &[ImageFact],
) -> Result<BTreeMap<String, Option<ImageFact>>> {
    let mut found: BTreeMap<String, Option<ImageFact>> = ids.into_iter().map(|id| (id, None)).collect();
    for image in known {
        if let Some(place) = found.get_mut(&image.id) {
            *place = Some(image.clone());
        }
    }
    let missing: Vec<String> =
        found.iter().filter(|(_, image)| image.is_none()).map(|(id, _)| id.clone()).collect();
    for ids in missing.chunks(tags::VALUES) {
        // A filter, because EC2 rejects a whole call for one id that does not exist.
        let wanted = tags::filter_any("image-id", ids);
        let request = region.ec2().describe_images().include_deprecated(true).filters(wanted);
        let images: Vec<Image> = DESCRIBE_IMAGES.all(request.into_paginator().items().send()).await?;
        for fact in images.iter().filter_map(image) {
            if let Some(place) = found.get_mut(&fact.id) {
                *place = Some(fact);
            }
        }
    }
    Ok(found)
}

/// Available AMIs by owner and by pattern of their names. Takes one call for each owner.
async fn named(
    region: &Region<'_>,
    patterns: &Patterns<'_>,
) -> Result<BTreeMap<String, BTreeMap<String, Vec<ImageFact>>>> {
    let of_owner = |owner: &str, patterns: &BTreeSet<&str>| {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let owner = owner.to_owned();
        async move {
            let mut images: Vec<Image> = Vec::new();
            for patterns in patterns.chunks(tags::VALUES) {
                let request = region.ec2().describe_images().owners(&owner);
                let request = request.filters(tags::filter_any("name", patterns));
                let request = request.filters(filter("state", "available"));
                images.extend(DESCRIBE_IMAGES.all(request.into_paginator().items().send()).await?);
            }
            let facts: Vec<ImageFact> = images.iter().filter_map(image).collect();
            let matching = |pattern: &String| {
                let images = facts.iter().filter(|image| image.is_available && matches(pattern, &image.name));
                (pattern.clone(), images.cloned().collect::<Vec<_>>())
            };
            Ok((owner, patterns.iter().map(matching).collect()))
        }
    };
    let calls = patterns.iter().map(|(owner, patterns)| of_owner(owner, patterns));
    Ok(future::try_join_all(calls).await?.into_iter().collect())
}

/// Values of Systems Manager parameters; absent where there is none of the name.
pub(crate) async fn values(
    region: &Region<'_>,
    names: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Option<String>>> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut values: BTreeMap<String, Option<String>> =
        names.iter().map(|name| (name.clone(), None)).collect();
    for names in names.chunks(NAMES) {
        let request = region.ssm().get_parameters().set_names(Some(names.to_vec()));
        let answer = GET_PARAMETERS.call(request.send()).await?;
        for parameter in answer.parameters.unwrap_or_default() {
            // The answer has the selector, `:1` or `:label`, beside the name.
            let name = parameter.name.unwrap_or_default() + &parameter.selector.unwrap_or_default();
            let by = [Some(name), parameter.arn].into_iter().flatten().find(|by| values.contains_key(by));
            if let Some(place) = by.and_then(|by| values.get_mut(&by)) {
                *place = parameter.value.map(|value| value.trim().to_owned());
            }
        }
    }
    Ok(values)
}

/// Whether a name matches a pattern of a filter: `*` is any text, `?` any character, `\` takes the meaning from the
/// character that follows (EC2 user guide, "Listing and filtering your resources").
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where the last `*` stands, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = name.get(read) {
        let step = match (pattern.get(at), pattern.get(at + 1)) {
            (Some('*'), _) => {
                star = Some((at, read));
                at += 1;
                continue;
            }
            (Some('?'), _) => Some(1),
            (Some('\\'), Some(escaped)) if escaped == character => Some(2),
            (Some('\\'), Some(_)) => None,
            (Some(plain), _) if plain == character => Some(1),
            _ => None,
        };
        match (step, star) {
            (Some(step), _) => {
                at += step;
                read += 1;
            }
            (None, Some((place, taken))) => {
                star = Some((place, taken + 1));
                at = place + 1;
                read = taken + 1;
            }
            (None, None) => return false,
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

/// Which of the key pairs exist that the program names.
pub(super) async fn key_pairs(region: &Region<'_>, needs: &Needs) -> Result<BTreeMap<String, bool>> {
    let names: Vec<String> = needs.key_pairs.get(region.name).into_iter().flatten().cloned().collect();
    let mut pairs: BTreeMap<String, bool> = names.iter().map(|name| (name.clone(), false)).collect();
    for names in names.chunks(tags::VALUES) {
        // A filter, because EC2 rejects a whole call for one name that does not exist.
        let request = region.ec2().describe_key_pairs().filters(filter_any("key-name", names));
        let answer = DESCRIBE_KEY_PAIRS.call(request.send()).await?;
        for name in answer.key_pairs.unwrap_or_default().into_iter().filter_map(|pair| pair.key_name) {
            if let Some(is_there) = pairs.get_mut(&name) {
                *is_there = true;
            }
        }
    }
    Ok(pairs)
}

/// EBS snapshots of this account that have a hostclass tag.
pub(super) async fn snapshots(region: &Region<'_>) -> Result<Vec<SnapshotFact>> {
    let request = region.ec2().describe_snapshots().owner_ids(SELF).filters(filter("tag-key", "hostclass"));
    let snapshots: Vec<Snapshot> = DESCRIBE_SNAPSHOTS.all(request.into_paginator().items().send()).await?;
    let mut facts: Vec<SnapshotFact> = snapshots.iter().filter_map(snapshot).collect();
    facts.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(facts)
}

fn image(image: &Image) -> Option<ImageFact> {
    let root_device = image.root_device_name.clone().unwrap_or_default();
    let mappings = image.block_device_mappings();
    let root = mappings.iter().find(|mapping| mapping.device_name() == Some(root_device.as_str()));
    let root_size = root.and_then(|mapping| mapping.ebs()?.volume_size());
    Some(ImageFact {
        id: image.image_id.clone()?,
        name: image.name.clone().unwrap_or_default(),
        owner: image.owner_id.clone().unwrap_or_default(),
        created: image.creation_date.clone().unwrap_or_default(),
        is_available: image.state() == Some(&ImageState::Available),
        tags: tags::map(image.tags()),
        root_size: root_size.and_then(|size| size.try_into().ok()),
        root_device,
        architecture: image.architecture().map(ToString::to_string).unwrap_or_default(),
    })
}

fn snapshot(snapshot: &Snapshot) -> Option<SnapshotFact> {
    let started = snapshot.start_time().and_then(|time| time.fmt(Format::DateTime).ok());
    Some(SnapshotFact {
        id: snapshot.snapshot_id.clone()?,
        started: started.unwrap_or_default(),
        is_completed: snapshot.state() == Some(&SnapshotState::Completed),
        size: snapshot.volume_size().and_then(|size| size.try_into().ok()).unwrap_or_default(),
        tags: tags::map(snapshot.tags()),
    })
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_pattern_matches_as_a_filter_of_ec2_does() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("", "", true),
            ("*", "", true),
            ("*", "anything", true),
            ("ubuntu/*24.04*", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251001", true),
            ("ubuntu/*24.04*", "ubuntu-pro/images/ubuntu-noble-24.04-amd64", false),
            ("a*b*c", "axxbyybzzc", true),
            ("a*b*c", "axxbyybzzcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*ab", "aab", true),
            ("a\\*c", "a*c", true),
            ("a\\*c", "abc", false),
            ("A*", "abc", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
