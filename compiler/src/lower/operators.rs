//! Operators: each is a file in the first credential bucket of the environment.

use std::collections::BTreeSet;

use asiaq_ir::{Address, Operator as IrOperator, Resource};

use super::Lowering;
use super::names::{NameSpace, Owner};
use crate::errors;
use crate::instance_data::bucket_name;
use crate::model::{Environment, Operator};

impl<'a> Lowering<'a> {
    pub(super) fn operators(&mut self, env: &Environment) {
        let buckets = &env.credential_buckets;
        let Some(first) = buckets.value.first().filter(|_| env.keeps_operators.value) else { return };
        if env.operators.is_empty() {
            return;
        }
        let bucket = bucket_name(&env.region.value, &self.model.project, &first.value);
        let owner = Owner { address: env.name.clone(), span: first.span };
        if let Some(other) = self.names.register(NameSpace::Operators, env, &bucket, owner) {
            // Both may have the list from one type, and then the place of the environment says more.
            let place = if other.span == first.span { env.span } else { first.span };
            let found = errors::shared_operators(place, &env.name, &bucket, (&other.address, other.span));
            self.diagnostics.push(found);
            return;
        }
        let home = self.declared_bucket(&bucket);
        // Numbers that the program says are taken before free ones are chosen.
        let said = env.operators.iter().filter(|operator| operator.uid.is_some());
        let said: BTreeSet<Address> = said.map(|operator| address(env, operator)).collect();
        for operator in &env.operators {
            let mut after: BTreeSet<Address> = home.iter().cloned().collect();
            if operator.uid.is_none() {
                after.extend(said.iter().cloned());
            }
            self.operator(env, &bucket, operator, after);
        }
    }

    fn operator<'m>(
        &mut self,
        env: &'m Environment,
        bucket: &str,
        operator: &'m Operator,
        after: BTreeSet<Address>,
    ) where
        'a: 'm,
    {
        let mut node = self
            .node(env, &format!("operator/{}", operator.name), operator.span)
            .declared_by(format!("operator.{}", operator.name))
            .owned()
            .after(after);
        for key in &operator.ssh_keys.value {
            node.element(IrOperator::SSH_KEYS, &key.value.line, &[key.span]);
        }
        for group in &operator.groups.value {
            node.element(IrOperator::GROUPS, &group.value, &[group.span]);
        }
        let uid = operator.uid.as_ref();
        let number = uid.and_then(|uid| u32::try_from(uid.value).ok());
        let places = [env.credential_buckets.span()];
        let resource = IrOperator {
            name: node.set(IrOperator::NAME, &places, IrOperator::place(bucket, &operator.name)),
            uid: node.set(IrOperator::UID, super::node::chain(uid), number),
            groups: operator.groups.value.iter().map(|group| group.value.clone()).collect(),
            shell: node.value(IrOperator::SHELL, &operator.shell),
            home: node.optional(IrOperator::HOME, operator.home.as_ref()),
            ssh_keys: operator.ssh_keys.value.iter().map(|key| key.value.line.clone()).collect(),
            active: node.set(IrOperator::ACTIVE, &operator.active.chain, Some(operator.active.value)),
            is_whole: true,
        };
        self.add(node, resource);
    }

    /// The address of a bucket of an account of the program, by its name in AWS.
    fn declared_bucket(&self, name: &str) -> Option<Address> {
        let is_it = |resource: &Resource| matches!(resource, Resource::Bucket(bucket) if bucket.name == name);
        let mut resources = self.ir.resources.iter();
        resources.find(|(_, node)| is_it(&node.resource)).map(|(address, _)| address.clone())
    }
}

fn address(env: &Environment, operator: &Operator) -> Address {
    Address::new(&env.name, &format!("operator/{}", operator.name))
}
