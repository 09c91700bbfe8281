//! Which AMI is deployed.

use anyhow::bail;
use asiaq_compiler::Deployable;
use asiaq_runtime::HostclassImage;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pick<'a> {
    /// The newest AMI that the environment accepts.
    Newest,
    /// The newest AMI that is not tested yet.
    Untested,
    /// An AMI.
    Image(&'a str),
}

/// The AMI to deploy; absent where there is none that is newer than `running`.
pub(super) fn choose<'i>(
    what: &Deployable,
    images: &'i [HostclassImage],
    running: &str,
    pick: Pick<'_>,
) -> anyhow::Result<Option<&'i HostclassImage>> {
    let Deployable { hostclass, env, region, .. } = what;
    if !what.is_by_name {
        bail!(
            "the program names the AMI of `{hostclass}` in `{env}` itself: change it there, and run `asiaq apply`"
        );
    }
    let of_hostclass = || images.iter().filter(|one| one.hostclass == *hostclass && one.region == *region);
    if let Pick::Image(id) = pick {
        let Some(image) = images.iter().find(|one| one.id == id) else {
            bail!("there is no AMI `{id}` of a hostclass: `asiaq image list` shows them");
        };
        if image.hostclass != *hostclass {
            bail!("{id} is an AMI of `{}`, not of `{hostclass}`", image.hostclass);
        }
        if image.region != *region {
            bail!("{id} is in {}, and `{env}` in {region}", image.region);
        }
        if !image.is_available() {
            bail!("{id} is {}, not available", image.state);
        }
        if image.is_private {
            bail!("{id} is private: `asiaq bake` without `--private` makes one that environments use");
        }
        if what.product_line.is_some() && image.product_line != what.product_line {
            bail!("{id} is not of the product line of `{hostclass}`");
        }
        return Ok(Some(image));
    }
    let fits = |one: &&HostclassImage| {
        one.is_available()
            && !one.is_private
            && (what.product_line.is_none() || one.product_line == what.product_line)
    };
    let stage_of = |one: &HostclassImage| one.stage.clone().unwrap_or_default();
    let made =
        |one: &&HostclassImage| (asiaq_ir::image_name(&one.name).map(|(_, made)| made), one.id.clone());
    let newest = |is_meant: &dyn Fn(&HostclassImage) -> bool| {
        of_hostclass().filter(fits).filter(|one| is_meant(one)).max_by_key(made)
    };
    let accepted = match (pick, what.stages.as_slice()) {
        (Pick::Untested, _) => {
            let good = newest(&|one| stage_of(one) == what.good_stage);
            let new = newest(&|one| stage_of(one) == what.new_stage);
            return Ok(new.filter(|new| good.is_none_or(|good| made(&good) < made(new))));
        }
        (_, []) => newest(&|one| stage_of(one) != what.bad_stage),
        (_, stages) => stages.iter().find_map(|stage| newest(&|one| stage_of(one) == *stage)),
    };
    let current = of_hostclass().find(|one| one.id == running);
    Ok(accepted.filter(|one| one.id != running && current.is_none_or(|current| made(&current) < made(one))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(id: &str, made: u64, stage: Option<&str>) -> HostclassImage {
        HostclassImage {
            id: id.to_owned(),
            name: format!("web {made}"),
            hostclass: "web".to_owned(),
            account: "123456789012".to_owned(),
            region: "us-west-2".to_owned(),
            stage: stage.map(str::to_owned),
            product_line: None,
            is_private: false,
            state: "available".to_owned(),
            created: 0,
            snapshots: Vec::new(),
            promoted: None,
            is_half_shared: false,
            used_by: Vec::new(),
        }
    }

    fn web(stages: &[&str]) -> Deployable {
        Deployable {
            env: "ci".to_owned(),
            region: "us-west-2".to_owned(),
            hostclass: "web".to_owned(),
            is_deployable: true,
            is_rolling: false,
            is_by_name: true,
            stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
            product_line: None,
            new_stage: "untested".to_owned(),
            good_stage: "tested".to_owned(),
            bad_stage: "failed".to_owned(),
            test: None,
            testing_mode: None,
        }
    }

    fn chosen(stages: &[&str], images: &[HostclassImage], running: &str, pick: Pick<'_>) -> Option<String> {
        choose(&web(stages), images, running, pick).unwrap().map(|one| one.id.clone())
    }

    #[test]
    fn the_newest_accepted_image_is_chosen_if_it_is_newer() {
        let images = [
            image("ami-1", 10, Some("tested")),
            image("ami-2", 20, Some("tested")),
            image("ami-3", 30, Some("untested")),
            image("ami-4", 40, Some("failed")),
            HostclassImage { is_private: true, ..image("ami-5", 50, Some("tested")) },
            HostclassImage { hostclass: "web2".to_owned(), ..image("ami-6", 60, Some("tested")) },
            HostclassImage { region: "eu-west-1".to_owned(), ..image("ami-7", 70, Some("tested")) },
        ];
        let newest = |stages: &[&str], running| chosen(stages, &images, running, Pick::Newest);
        assert_eq!(newest(&["tested"], "ami-1").as_deref(), Some("ami-2"));
        assert_eq!(newest(&["tested"], "ami-2"), None);
        assert_eq!(newest(&["tested"], "ami-3"), None);
        assert_eq!(newest(&[], "ami-1").as_deref(), Some("ami-3"));
        assert_eq!(newest(&["gold", "untested"], "ami-1").as_deref(), Some("ami-3"));
        assert_eq!(newest(&["gold"], "ami-1"), None);
        let untested = |images: &[HostclassImage]| chosen(&["tested"], images, "ami-1", Pick::Untested);
        assert_eq!(untested(&images).as_deref(), Some("ami-3"));
        assert_eq!(untested(&images[..2]), None);
        // An AMI that runs and is gone is older than any.
        assert_eq!(newest(&["tested"], "ami-9").as_deref(), Some("ami-2"));
    }

    #[test]
    fn an_image_that_is_named_has_to_fit() {
        let images = [
            image("ami-1", 10, Some("failed")),
            HostclassImage { is_private: true, ..image("ami-2", 20, None) },
            HostclassImage { state: "pending".to_owned(), ..image("ami-3", 30, None) },
            HostclassImage { hostclass: "db".to_owned(), ..image("ami-4", 40, None) },
            HostclassImage { region: "eu-west-1".to_owned(), ..image("ami-5", 50, None) },
        ];
        assert_eq!(chosen(&["tested"], &images, "ami-9", Pick::Image("ami-1")).as_deref(), Some("ami-1"));
        for (id, why) in [
            ("ami-2", "private"),
            ("ami-3", "is pending"),
            ("ami-4", "an AMI of `db`"),
            ("ami-5", "is in eu-west-1"),
            ("ami-6", "there is no AMI"),
        ] {
            let error = choose(&web(&[]), &images, "ami-9", Pick::Image(id)).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        let pinned = Deployable { is_by_name: false, ..web(&[]) };
        assert!(choose(&pinned, &images, "ami-9", Pick::Newest).is_err());
    }
}
