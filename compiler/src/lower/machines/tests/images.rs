//! Which AMI a run gets.

use std::collections::BTreeMap;

use asiaq_ir::{Address, Facts, ImageFact, Lookup, Ref, RegionFacts};

use super::{checked, fresh, holding, image, run, template};

const UBUNTU: &str = "ami { newest = \"ubuntu/*24.04*\", owner = \"099720109477\" }";
const PARAMETER: &str = "ami { parameter = \"/aws/service/x\" }";

/// The image that is taken among `images`, or what is said in its place.
fn taken(foo: &str, images: &[ImageFact]) -> String {
    let lowered = run(foo, "desired = 1").lower(&holding(images.to_vec(), Vec::new()));
    match lowered.diagnostics.as_slice() {
        [] => template(&lowered).image.id().unwrap_or("nothing").to_owned(),
        [only] => format!("{}: {}: {}", only.code, only.message, only.help.clone().unwrap_or_default()),
        more => panic!("{more:?}"),
    }
}

#[test]
fn the_newest_image_of_the_name_is_taken() {
    let mut images = vec![
        image("1", "mhcfoo 1500000000", &[("stage", "tested")]),
        image("2", "mhcfoo 1700000000", &[("stage", "untested")]),
        image("3", "mhcfoo 1600000000", &[("stage", "tested")]),
        image("4", "mhcfoobar 1800000000", &[]),
        image("5", "mhcfoo 1900000000", &[("is_private", "True")]),
    ];
    assert_eq!(taken("", &images), "ami-2");
    assert_eq!(taken("ami { stages = [\"tested\", \"untested\"] }", &images), "ami-3");
    assert_eq!(taken("ami { stages = [\"gold\", \"untested\"] }", &images), "ami-2");
    images[1].is_available = false;
    assert_eq!(taken("", &images), "ami-3");
    images[2].owner = "222222222222".to_owned();
    assert_eq!(taken("", &images), "ami-1");
    images[0].tags.insert("productline".to_owned(), "shop".to_owned());
    assert_eq!(taken("product_line = \"shop\"", &images), "ami-1");
}

#[test]
fn an_image_that_is_missing_is_told_with_what_there_is() {
    let images = [image("1", "mhcfoo 1500000000", &[("stage", "untested")])];
    assert_eq!(
        taken("ami { stages = [\"tested\"] }", &images),
        "image-unknown: there is no AMI of `mhcfoo` for `ci` in us-west-2: the newest AMI of that name, ami-1, \
         is in stage `untested`, which is not one of `ami_stages`"
    );
    assert_eq!(
        taken("", &[]),
        "image-unknown: there is no AMI of `mhcfoo` for `ci` in us-west-2: create one named `mhcfoo \
         SECONDS`, or choose another in the hostclass: `ami { newest = \"…\", owner = \"…\" }`"
    );
}

#[test]
fn an_image_by_id_may_have_any_name() {
    let pin = "ami { id = \"ami-0123456789abcdef0\" }";
    assert_eq!(taken(pin, &[]), "ami-0123456789abcdef0");
    let named = |name: &str| [image("0123456789abcdef0", name, &[])];
    assert_eq!(taken(pin, &named("mhcfoo 1500000000")), "ami-0123456789abcdef0");
    assert_eq!(taken(pin, &named("al2023-ami-2023.5")), "ami-0123456789abcdef0");
    let lowered = run(pin, "desired = 1").lower(&holding(named("mhcbar 1500000000").to_vec(), Vec::new()));
    assert_eq!(template(&lowered).image.id(), Some("ami-0123456789abcdef0"));
    let [warning] = lowered.diagnostics.as_slice() else { panic!("{:#?}", lowered.diagnostics) };
    assert_eq!(warning.message, "ami-0123456789abcdef0 is an AMI of `mhcbar`, not of `mhcfoo`");
    assert!(!warning.is_error());
}

/// An AMI of Canonical, made on a day of January.
fn ubuntu(id: &str, day: u32, architecture: &str) -> ImageFact {
    ImageFact {
        owner: "099720109477".to_owned(),
        created: format!("2026-01-{day:02}T00:00:00.000Z"),
        architecture: architecture.to_owned(),
        ..image(id, &format!("ubuntu/images/ubuntu-24.04-{architecture}-{day}"), &[])
    }
}

/// What `foo` gets in a region with these facts.
fn with(foo: &str, run_body: &str, region: RegionFacts) -> String {
    let zones = vec!["us-west-2a".to_owned(), "us-west-2b".to_owned()];
    let regions = BTreeMap::from([("us-west-2".to_owned(), RegionFacts { zones, ..region })]);
    let facts = Facts { account: Some("111111111111".to_owned()), regions, ..Facts::default() };
    let lowered = run(foo, run_body).lower(&facts);
    match lowered.diagnostics.as_slice() {
        [] => template(&lowered).image.id().unwrap_or("nothing").to_owned(),
        [only] => format!("{}: {}", only.code, only.message),
        more => panic!("{more:?}"),
    }
}

fn named(images: &[ImageFact]) -> RegionFacts {
    let patterns = BTreeMap::from([("ubuntu/*24.04*".to_owned(), images.to_vec())]);
    let named_images = BTreeMap::from([("099720109477".to_owned(), patterns)]);
    RegionFacts { named_images, ..RegionFacts::default() }
}

#[test]
fn the_newest_image_that_the_instance_types_run_is_taken() {
    let images = [
        ubuntu("old", 1, "x86_64"),
        ubuntu("new", 3, "x86_64"),
        ubuntu("arm", 4, "arm64"),
        ubuntu("mid", 2, "x86_64"),
    ];
    assert_eq!(with(UBUNTU, "desired = 1", named(&images)), "ami-new");
    assert_eq!(with(UBUNTU, "desired = 1, type = m7g.large", named(&images)), "ami-arm");
    assert_eq!(
        with(UBUNTU, "desired = 1, type = m7g.large", named(&images[..2])),
        "image-architecture: `m7g.large` cannot run any AMI `ubuntu/*24.04*`: they are for `x86_64`"
    );
    assert_eq!(
        with(UBUNTU, "desired = 1", named(&[])),
        "image-unknown: no AMI of `099720109477` in us-west-2 has a name like `ubuntu/*24.04*`"
    );
    let other = ImageFact { owner: "222222222222".to_owned(), ..ubuntu("x", 9, "x86_64") };
    assert_eq!(
        with(UBUNTU, "desired = 1", named(&[ubuntu("old", 1, "x86_64"), other])),
        "image-of-several: `ubuntu/*24.04*` matches AMIs of 2 accounts of `099720109477`"
    );
}

#[test]
fn a_parameter_leads_to_the_image_that_it_holds() {
    let held = |value: Option<&str>, image: Option<ImageFact>| RegionFacts {
        image_parameters: BTreeMap::from([("/aws/service/x".to_owned(), value.map(str::to_owned))]),
        image_ids: value.into_iter().map(|value| (value.to_owned(), image.clone())).collect(),
        ..RegionFacts::default()
    };
    let id = "ami-0123456789abcdef0";
    let known = ImageFact { id: id.to_owned(), ..ubuntu("", 1, "x86_64") };
    assert_eq!(with(PARAMETER, "desired = 1", held(Some(id), Some(known.clone()))), id);
    let arm = ImageFact { architecture: "arm64".to_owned(), ..known };
    assert_eq!(
        with(PARAMETER, "desired = 1", held(Some(id), Some(arm))),
        format!("image-architecture: `m7i.large` cannot run {id}, which is built for arm64")
    );
    assert_eq!(
        with(PARAMETER, "desired = 1", held(Some(id), None)),
        format!("image-unknown: there is no AMI {id} in us-west-2")
    );
    assert_eq!(
        with(PARAMETER, "desired = 1", held(None, None)),
        "image-unknown: there is no Systems Manager parameter `/aws/service/x` in us-west-2"
    );
    assert_eq!(
        with(PARAMETER, "desired = 1", held(Some("{\"image_id\":\"ami-1\"}"), None)),
        "image-unknown: the value of parameter `/aws/service/x` is not an AMI id"
    );
}

#[test]
fn an_image_by_id_that_was_looked_for_in_vain_is_told() {
    let pin = "ami { id = \"ami-0123456789abcdef0\" }";
    let asked = |image: Option<ImageFact>| RegionFacts {
        image_ids: BTreeMap::from([("ami-0123456789abcdef0".to_owned(), image)]),
        ..RegionFacts::default()
    };
    assert_eq!(
        with(pin, "desired = 1", asked(None)),
        "image-unknown: there is no AMI ami-0123456789abcdef0 in us-west-2"
    );
    let pending =
        ImageFact { is_available: false, id: "ami-0123456789abcdef0".to_owned(), ..ubuntu("", 1, "x86_64") };
    assert_eq!(
        with(pin, "desired = 1", asked(Some(pending))),
        "image-unknown: AMI ami-0123456789abcdef0 is not available"
    );
}

#[test]
fn without_an_account_an_image_is_named_by_how_it_is_found() {
    let find = |foo: &str| template(&fresh(&run(foo, "desired = 1"))).image;
    let (owner, pattern) = ("099720109477".to_owned(), "ubuntu/*24.04*".to_owned());
    assert_eq!(find(UBUNTU), Ref::Find(Lookup::NewestImage { owner, pattern }));
    assert_eq!(find(PARAMETER), Ref::Find(Lookup::ImageParameter("/aws/service/x".to_owned())));
}

#[test]
fn a_renamed_hostclass_keeps_the_image_of_its_template() {
    let images = [image("1", "front 1500000000", &[]), image("2", "back 1600000000", &[])];
    let holding = |templates: &[(&str, &str)]| {
        let mut facts = holding(images.to_vec(), Vec::new());
        let of = |(host, id): &(&str, &str)| {
            (Address::new("ci", &format!("hostclass/{host}/launch-template")), format!("ami-{id}"))
        };
        let region = facts.regions.get_mut("us-west-2").unwrap();
        region.template_images = templates.iter().map(of).collect();
        facts
    };
    let taken = |moved: &str, templates: &[(&str, &str)]| {
        let lowered = checked("", "stage { run mhcfoo { desired = 1 } }", moved).lower(&holding(templates));
        match lowered.diagnostics.as_slice() {
            [] => template(&lowered).image.id().unwrap_or("nothing").to_owned(),
            some => some.iter().map(|found| found.code.to_string()).collect(),
        }
    };
    // Of several old templates the program says which.
    let old = [("front", "1"), ("back", "2")];
    assert_eq!(taken("", &old), "image-unknown");
    assert_eq!(taken("moved hostclass back -> mhcfoo", &old), "ami-2");
    assert_eq!(taken("moved hostclass front -> mhcfoo", &old), "ami-1");
    assert_eq!(taken("", &old[..1]), "ami-1");
    // It also has it afterwards.
    assert_eq!(taken("", &[("mhcfoo", "2"), ("front", "1")]), "ami-2");
    assert_eq!(taken("", &[("mhcfoo", "3")]), "image-unknown");
}
