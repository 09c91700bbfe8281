//! Bakes: `[bake]`, which knows no environment.

use asiaq_compiler::Checked;

use super::Comparison;
use super::asked::Evaluated;
use super::resolvers::{Tree, place, text};

pub(super) fn compare(tree: &Tree, checked: &Checked, comparison: &mut Comparison<'_>) {
    let Some(bake) = tree.aws.section("bake") else { return };
    let get = |option: &str| bake.get(option).filter(|setting| !setting.value.is_empty());
    let bakery = checked.bakery().unwrap_or_default();
    for (option, new) in [
        ("bakery_environment", Some(bakery.env)),
        ("bakery_instance_type", bakery.instance_type),
        ("bake_key", bakery.key),
        ("repo_hostclass", bakery.repo),
    ] {
        if let Some(setting) = get(option) {
            let new = new.unwrap_or_default();
            comparison.compare(format!("bake {option}"), &setting.value, &new, place(Some(setting)));
        }
    }
    // What the project says is the same in all environments.
    let environments = checked.environments();
    let Some(first) = environments.first() else { return };
    let evaluated = Evaluated::of(checked, &first.name);
    let new = |field: &str| evaluated.plain(&format!("project.{field}"));
    let trusted = get("trusted_account_ids");
    let old: Vec<&str> = text(trusted).split_whitespace().collect();
    let path = "bake trusted_account_ids".to_owned();
    comparison.compare(path, &old.join(", "), &new("trusted_accounts"), place(trusted));
    let stages = get("ami_stages");
    let all: Vec<&str> = text(stages).split_whitespace().collect();
    if let (Some(first), Some(last)) = (all.first(), all.last()) {
        for (what, old, field, usual) in [
            ("new images", first, "stage_roles.new", "untested"),
            ("good images", last, "stage_roles.good", "tested"),
        ] {
            let said = new(field);
            let new = if said.is_empty() { usual } else { said.as_str() };
            comparison.compare(format!("bake stage of {what}"), old, new, place(stages));
        }
    }
}
