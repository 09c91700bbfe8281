use std::collections::BTreeSet;

use asiaq_ir::{Subscription, Topic as Wanted};

use super::{Named, Owner, team};
use crate::errors;
use crate::lower::Lowering;
use crate::model::{Environment, Topic};

/// Characters that the name of a topic may have (Amazon SNS API reference, `CreateTopic`).
const LONGEST_NAME: usize = 256;

impl Lowering<'_> {
    /// Adds the topics that somebody subscribes to, and those that alarms tell.
    pub(super) fn topics(&mut self, env: &Environment, told: &BTreeSet<String>) {
        for topic in &env.watch.topics {
            if !topic.subscribers.value.is_empty() || told.contains(&topic.name) {
                self.topic(env, topic);
            }
        }
    }

    fn topic(&mut self, env: &Environment, topic: &Topic) {
        let (name, place) = match &topic.called {
            Some(called) => (called.value.clone(), called.span()),
            None => (
                topic_name(team(&self.model.project, env, topic.team.as_ref()), &env.name, &topic.name),
                topic.span,
            ),
        };
        if name.chars().count() > LONGEST_NAME {
            self.diagnostics.push(errors::name_over_limit(place, "a topic", &name, LONGEST_NAME));
            return;
        }
        let is_sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        // One without an underscore would not be looked for among the account's.
        if !name.contains('_') || !name.chars().all(is_sound) {
            let team = topic.team.as_ref().or(env.common.team.as_ref()).filter(|_| topic.called.is_none());
            let place = team.map_or(place, |team| team.place(topic.span));
            self.diagnostics.push(errors::topic_name(place, &name));
            return;
        }
        let owner = Owner { address: format!("{}/topic/{}", env.name, topic.name), span: place };
        if let Some(first) = self.taken.take(Named::Topic, env, &name, owner) {
            self.diagnostics.push(errors::topic_named_twice(place, &name, (&first.address, first.span)));
            return;
        }
        let waiting = self.unconfirmed(env, &name);
        let subscriptions = topic.subscribers.value.iter().map(|one| Subscription {
            protocol: one.value.protocol.clone(),
            endpoint: one.value.endpoint.clone(),
        });
        // Who has been asked already is not asked again.
        let subscriptions = subscriptions.filter(|one| !waiting.contains(&one.endpoint)).collect();
        let wanted = Wanted { name: name.clone(), subscriptions };
        self.add(env, &format!("topic/{}", topic.name), topic.span, wanted)
            .tagged(env, &name, &[])
            .provenance("subscriptions", &topic.subscribers.chain);
    }

    /// The endpoints that have been asked to confirm a subscription of the topic `name`, and have not done so.
    fn unconfirmed(&self, env: &Environment, name: &str) -> BTreeSet<String> {
        let waiting = self.region(env).map(|facts| &facts.unconfirmed).into_iter().flatten();
        let of_topic = waiting.filter(|(arn, _)| arn.rsplit(':').next() == Some(name));
        of_topic.flat_map(|(_, endpoints)| endpoints.iter().cloned()).collect()
    }
}

/// The name of a topic in AWS.
fn topic_name(team: &str, env: &str, topic: &str) -> String {
    format!("{team}_{env}_{topic}")
}

#[cfg(test)]
mod tests {
    use asiaq_ir::{Address, Facts, Resource};

    use super::*;
    use crate::{Checked, fixture};

    fn checked(text: &'static str) -> Checked {
        fixture::check(text)
    }

    #[test]
    fn who_has_been_asked_to_confirm_is_not_asked_again() {
        let checked = checked(
            "project shop { region = us-west-2 }
env ci { cidr = 10.0.0.0/20, zones = 1 }
topic critical { subscribers = [\"a@shop.example\", \"b@shop.example\"] }
topic info { subscribers = [\"a@shop.example\"] }
",
        );
        assert_eq!(checked.diagnostics, []);
        let facts: Facts = serde_json::from_str(
            r#"{ "regions": { "us-west-2": { "zones": ["us-west-2a"], "unconfirmed": {
                "arn:aws:sns:us-west-2:123456789012:shop_ci_critical": ["a@shop.example", "c@shop.example"]
            } } } }"#,
        )
        .unwrap();
        let lowered = checked.lower(&facts);
        assert_eq!(lowered.diagnostics, []);
        let subscribers = |path: &str| {
            let node = &lowered.ir.resources[&Address::new("ci", path)];
            let Resource::Topic(topic) = &node.resource else { panic!("it is a topic") };
            topic.subscriptions.iter().map(|one| one.endpoint.clone()).collect::<Vec<_>>()
        };
        assert_eq!(subscribers("topic/critical"), ["b@shop.example"]);
        assert_eq!(subscribers("topic/info"), ["a@shop.example"]);
    }

    #[test]
    fn names_are_those_that_people_know() {
        assert_eq!(topic_name("astro", "ci", "critical"), "astro_ci_critical");
    }
}
