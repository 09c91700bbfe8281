use std::collections::BTreeSet;

use asiaq_ir::{Address, PUBLISHERS_TAG, Publisher, Subscription, Topic as Wanted};
use asiaq_lang::Span;

use super::team;
use crate::errors;
use crate::lower::Lowering;
use crate::lower::names::{NameSpace, Owner};
use crate::model::{Environment, Topic};

/// What publishes to a topic; and the buckets and trails, with the places that name it.
type Published = (BTreeSet<Publisher>, Vec<(Address, Span)>);

impl<'a> Lowering<'a> {
    /// Adds the topics with subscribers, and those that alarms, buckets or trails notify.
    pub(super) fn topics(&mut self, env: &Environment, notified: &BTreeSet<String>) {
        for topic in &env.watch.topics {
            let name = topic_name(&self.model.project, env, topic);
            let published = self.published(env, &name.0);
            let is_notified = notified.contains(&topic.name) || !published.0.is_empty();
            if !topic.subscribers.value.is_empty() || is_notified {
                self.topic(env, topic, name, published);
            }
        }
    }

    fn topic<'m>(
        &mut self,
        env: &'m Environment,
        topic: &'m Topic,
        (name, place): (String, Span),
        (publishers, sources): Published,
    ) where
        'a: 'm,
    {
        let team = team(&self.model.project, env, topic.team.as_ref());
        let is_sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        // A listing of the account's topics skips names without an underscore.
        if !name.contains('_') || !name.chars().all(is_sound) {
            let said = topic.team.as_ref().or(env.common.team.as_ref()).filter(|_| topic.called.is_none());
            let place = said.map_or(place, |team| team.place(topic.span));
            self.diagnostics.push(errors::topic_name(place, &name));
            return;
        }
        let owner = Owner { address: format!("{}/topic/{}", env.name, topic.name), span: place };
        if let Some(first) = self.names.register(NameSpace::Topic, env, &name, owner) {
            self.diagnostics.push(errors::topic_named_twice(place, &name, (&first.address, first.span)));
            return;
        }
        let waiting = self.unconfirmed(env, &name);
        let subscriptions = topic.subscribers.value.iter().map(|one| Subscription {
            protocol: one.value.protocol.clone(),
            endpoint: one.value.endpoint.clone(),
        });
        // AWS would ask a subscriber that has not confirmed yet again.
        let subscriptions = subscriptions.filter(|one| !waiting.contains(&one.endpoint)).collect();
        let own: &[(&str, &str)] = if publishers.is_empty() { &[] } else { &[(PUBLISHERS_TAG, "true")] };
        let mut node = self
            .node(env, &format!("topic/{}", topic.name), topic.span)
            .declared_by(format!("topic.{}", topic.name))
            .tagged(&name, own);
        match &topic.called {
            Some(called) => node.part(Wanted::NAME, &called.value, place),
            None => {
                for (text, span) in [team, (&env.name, env.span), (&topic.name, topic.span)] {
                    node.part(Wanted::NAME, text, span);
                }
            }
        }
        for one in &topic.subscribers.value {
            node.part(Wanted::SUBSCRIPTIONS, &one.value.endpoint, one.span);
        }
        let subscriptions = node.set(Wanted::SUBSCRIPTIONS, &topic.subscribers.chain, subscriptions);
        let places: Vec<Span> = sources.iter().map(|(_, place)| *place).collect();
        let publishers = node.set(Wanted::PUBLISHERS, &places, publishers);
        self.add(node, Wanted { name, subscriptions, publishers });
        // AWS refuses what may not publish.
        let own = Address::new(&env.name, &format!("topic/{}", topic.name));
        for (source, _) in sources {
            if let Some(found) = self.ir.resources.get_mut(&source) {
                found.after.insert(own.clone());
            }
        }
    }

    fn published(&self, env: &Environment, name: &str) -> Published {
        let all = self.publishing.to(env, name);
        all.map(|one| (one.publisher.clone(), (one.address.clone(), one.place))).unzip()
    }

    /// The endpoints that have not confirmed their subscription to the topic `name` yet.
    fn unconfirmed(&self, env: &Environment, name: &str) -> BTreeSet<String> {
        let waiting = self.region(env).map(|facts| &facts.unconfirmed).into_iter().flatten();
        let of_topic = waiting.filter(|(arn, _)| arn.rsplit(':').next() == Some(name));
        of_topic.flat_map(|(_, endpoints)| endpoints.iter().cloned()).collect()
    }
}

/// The name of a topic in AWS, and where it is said.
fn topic_name(project: &str, env: &Environment, topic: &Topic) -> (String, Span) {
    if let Some(called) = &topic.called {
        return (called.value.clone(), called.span());
    }
    let (team, _) = team(project, env, topic.team.as_ref());
    (composed(team, &env.name, &topic.name), topic.span)
}

fn composed(team: &str, env: &str, topic: &str) -> String {
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
        assert_eq!(composed("astro", "ci", "critical"), "astro_ci_critical");
    }
}
