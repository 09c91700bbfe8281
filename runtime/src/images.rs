//! Images of hostclasses: what is known of each, and which of them a clean-up deletes.

use std::collections::{BTreeMap, BTreeSet};

use asiaq_ir::image_name;
use serde::Serialize;

/// An AMI of a hostclass, as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostclassImage {
    /// AWS id.
    pub id: String,
    /// Name: the hostclass, a space and the second since 1970 in which its creation began.
    pub name: String,
    /// The hostclass in its name.
    pub hostclass: String,
    /// Account that owns it: twelve digits.
    pub account: String,
    /// Region.
    pub region: String,
    /// Tag `stage`.
    pub stage: Option<String>,
    /// Tag `productline`.
    pub product_line: Option<String>,
    /// Tag `is_private`: no environment uses it by itself.
    pub is_private: bool,
    /// State, such as `available`.
    pub state: String,
    /// Second since 1970 of its creation; that of its name where AWS says none.
    pub created: i64,
    /// Ids of the snapshots of its disks.
    pub snapshots: Vec<String>,
    /// Its last promotion: time, stages and caller.
    pub promoted: Option<String>,
    /// Whether a sharing of it after a deploy has not come to its end.
    #[serde(skip)]
    pub is_half_shared: bool,
    /// What uses it, in words.
    pub used_by: Vec<String>,
}

impl HostclassImage {
    /// Whether AWS has finished it.
    pub fn is_available(&self) -> bool {
        self.state == "available"
    }

    fn made(&self) -> (i64, &str) {
        let named = image_name(&self.name).and_then(|(_, made)| i64::try_from(made).ok());
        (named.unwrap_or(self.created), &self.id)
    }
}

/// The newest image of a hostclass that is available: of the first of `stages` that has one, of any if there are none.
pub fn newest<'i>(
    images: &'i [HostclassImage],
    hostclass: &str,
    stages: &[String],
) -> Option<&'i HostclassImage> {
    let of_hostclass = || images.iter().filter(|one| one.hostclass == hostclass && one.is_available());
    let newest = |stage: Option<&String>| {
        let fits = of_hostclass().filter(|one| stage.is_none() || one.stage.as_ref() == stage);
        fits.max_by_key(|one| one.made())
    };
    if stages.is_empty() { newest(None) } else { stages.iter().find_map(|stage| newest(Some(stage))) }
}

/// Which images a clean-up deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageExpiry {
    /// Only images in this stage.
    pub stage: String,
    /// Only images of this product line.
    pub product_line: Option<String>,
    /// The newest of each hostclass that stay.
    pub keep: usize,
    /// Only images that were created before this second since 1970.
    pub before: i64,
    /// Ids of images that stay, and that do not count for `keep`.
    pub except: BTreeSet<String>,
}

impl ImageExpiry {
    /// The images to look at, ordered by hostclass, the oldest first: what [`ImageExpiry::before`] and
    /// [`ImageExpiry::keep`] say of those of each account and region. What AWS has not finished stays. Whether something
    /// uses them is not looked at.
    pub fn expired<'i>(&self, images: &'i [HostclassImage]) -> Vec<&'i HostclassImage> {
        let mut of: BTreeMap<(&str, &str, &str), Vec<&HostclassImage>> = BTreeMap::new();
        for one in images {
            let is_meant = one.stage.as_ref() == Some(&self.stage)
                && (self.product_line.is_none() || one.product_line == self.product_line)
                && !self.except.contains(&one.id)
                && one.is_available();
            if is_meant {
                of.entry((&one.hostclass, &one.account, &one.region)).or_default().push(one);
            }
        }
        let mut expired = Vec::new();
        for mut group in of.into_values() {
            group.sort_by_key(|one| std::cmp::Reverse(one.made()));
            let old = group.into_iter().skip(self.keep).rev();
            expired.extend(old.filter(|one| one.created < self.before && one.made().0 < self.before));
        }
        expired
    }
}

/// A hostclass whose newest good image is old.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Straggler {
    /// Hostclass.
    pub hostclass: String,
    /// Account in which it is looked for: twelve digits.
    pub account: String,
    /// Region in which it is looked for.
    pub region: String,
    /// Its newest image in the stage; absent if it has none.
    pub newest: Option<HostclassImage>,
    /// Its newest image that is newer, in whatever stage.
    pub candidate: Option<HostclassImage>,
}

/// Those of `hostclasses` whose newest image in one of `stages` was created before a second since 1970, or that have none,
/// with the images that could take its place. `images` are those of one account and region, the `place`.
pub fn stragglers(
    images: &[HostclassImage],
    place: (&str, &str),
    hostclasses: &BTreeSet<String>,
    stages: &[String],
    before: i64,
) -> Vec<Straggler> {
    let (account, region) = place;
    let late = |hostclass: &String| {
        let good = newest(images, hostclass, stages);
        if good.is_some_and(|one| one.created >= before) {
            return None;
        }
        let latest = newest(images, hostclass, &[]);
        let candidate = latest.filter(|latest| good.is_none_or(|good| good.made() < latest.made()));
        Some(Straggler {
            hostclass: hostclass.clone(),
            account: account.to_owned(),
            region: region.to_owned(),
            newest: good.cloned(),
            candidate: candidate.cloned(),
        })
    };
    hostclasses.iter().filter_map(late).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn image(hostclass: &str, made: i64, stage: &str) -> HostclassImage {
        HostclassImage {
            id: format!("ami-{hostclass}{made}"),
            name: format!("{hostclass} {made}"),
            hostclass: hostclass.to_owned(),
            account: "123456789012".to_owned(),
            region: "us-west-2".to_owned(),
            stage: (!stage.is_empty()).then(|| stage.to_owned()),
            product_line: None,
            is_private: false,
            state: "available".to_owned(),
            created: made,
            snapshots: Vec::new(),
            promoted: None,
            is_half_shared: false,
            used_by: Vec::new(),
        }
    }

    fn expiry(keep: usize, before: i64) -> ImageExpiry {
        let except = BTreeSet::new();
        ImageExpiry { stage: "tested".to_owned(), product_line: None, keep, before, except }
    }

    fn ids<'i>(found: impl IntoIterator<Item = &'i HostclassImage>) -> Vec<&'i str> {
        found.into_iter().map(|one| one.id.as_str()).collect()
    }

    #[test]
    fn old_images_beyond_the_newest_expire() {
        let mut all: Vec<_> = [100, 200, 300, 400].map(|made| image("foo", made, "tested")).into();
        all.push(image("foo-bar", 100, "tested"));
        all.push(image("foo", 50, "untested"));
        all.push(HostclassImage { state: "pending".to_owned(), ..image("foo", 10, "tested") });
        assert_eq!(ids(expiry(3, 1000).expired(&all)), ["ami-foo100"]);
        assert_eq!(ids(expiry(1, 250).expired(&all)), ["ami-foo100", "ami-foo200"]);
        assert_eq!(ids(expiry(0, 150).expired(&all)), ["ami-foo100", "ami-foo-bar100"]);
        assert_eq!(ids(expiry(0, 100).expired(&all)), [""; 0]);
        let except = ["ami-foo400".to_owned()].into();
        let spared = ImageExpiry { except, ..expiry(1, 1000) };
        assert_eq!(ids(spared.expired(&all)), ["ami-foo100", "ami-foo200"]);
        let other = ImageExpiry { product_line: Some("shop".to_owned()), ..expiry(0, 1000) };
        assert_eq!(ids(other.expired(&all)), [""; 0]);
    }

    #[test]
    fn the_newest_is_of_the_first_stage_that_has_one() {
        let all = [image("foo", 100, "tested"), image("foo", 200, "untested"), image("bar", 300, "")];
        let of = |stages: &[&str]| {
            let stages: Vec<String> = stages.iter().map(|stage| (*stage).to_owned()).collect();
            newest(&all, "foo", &stages).map(|one| one.id.as_str())
        };
        assert_eq!(of(&[]), Some("ami-foo200"));
        assert_eq!(of(&["tested", "untested"]), Some("ami-foo100"));
        assert_eq!(of(&["failed", "untested"]), Some("ami-foo200"));
        assert_eq!(of(&["failed"]), None);
    }

    #[test]
    fn a_straggler_has_an_old_image_or_none() {
        let all = [
            image("foo", 100, "tested"),
            image("foo", 200, "untested"),
            image("bar", 900, "tested"),
            image("old", 100, "tested"),
        ];
        let hostclasses = ["foo", "bar", "old", "none"].map(ToOwned::to_owned).into();
        let late = stragglers(&all, ("123456789012", "us-west-2"), &hostclasses, &["tested".to_owned()], 500);
        let said: Vec<_> = late
            .iter()
            .map(|one| {
                let id = |image: &Option<HostclassImage>| image.as_ref().map(|image| image.id.clone());
                (one.hostclass.as_str(), id(&one.newest), id(&one.candidate))
            })
            .collect();
        let some = |id: &str| Some(id.to_owned());
        assert_eq!(
            said,
            [
                ("foo", some("ami-foo100"), some("ami-foo200")),
                ("none", None, None),
                ("old", some("ami-old100"), None)
            ]
        );
    }

    proptest! {
        /// Written down naively: an image goes if it is old, and so many newer ones of its kind stay.
        #[test]
        fn no_newer_image_than_keep_expires(
            made in proptest::collection::vec((0_u8..3, 0_i64..40, any::<bool>()), 0..30),
            keep in 0_usize..4,
            before in 0_i64..40,
        ) {
            let all: BTreeMap<String, HostclassImage> = made
                .iter()
                .map(|(of, made, good)| image(&format!("h{of}"), *made, if *good { "tested" } else { "new" }))
                .map(|one| (one.id.clone(), one))
                .collect();
            let all: Vec<HostclassImage> = all.into_values().collect();
            let rule = expiry(keep, before);
            let expired: BTreeSet<&str> = ids(rule.expired(&all)).into_iter().collect();
            for one in &all {
                let is_newer = |other: &&HostclassImage| {
                    other.hostclass == one.hostclass && other.stage == one.stage && other.created > one.created
                };
                let newer = all.iter().filter(is_newer).count();
                let is_old = one.stage.as_deref() == Some("tested") && one.created < before;
                prop_assert_eq!(expired.contains(one.id.as_str()), is_old && newer >= keep, "{:?}", one);
            }
        }
    }
}
