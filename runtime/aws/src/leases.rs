//! Leases in a table of DynamoDB: an item for each environment, written on condition.

mod item;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use asiaq_ir::Scope;
use asiaq_runtime::{Change, Changed, Lease, LeaseSnapshot, Leases, Result};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, CancellationReason, KeySchemaElement, KeyType,
    ScalarAttributeType, TableStatus, Tag, TransactWriteItem,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::operation::BuildError;

pub use self::item::LEASES;
use crate::config::Aws;
use crate::operation::ops;
use crate::region::Region;
use crate::service::{TRANSACTION_CONFLICT, dynamodb};

ops! { dynamodb:
    QUERY = "Query", Read;
    TRANSACT_WRITE_ITEMS = "TransactWriteItems", Free;
    // What a transaction of updates needs.
    UPDATE_ITEM = "UpdateItem", Delete;
    CREATE_TABLE = "CreateTable", Delete;
    // The table is created with a tag.
    TAG_RESOURCE = "TagResource", Delete;
    DESCRIBE_TABLE = "DescribeTable", Delete;
}

/// Time limit for the creation of the empty table, which takes about ten seconds.
const ACTIVE: Duration = Duration::from_mins(3);

impl Leases for Aws {
    async fn leases(&self, region: &str, project: &str) -> Result<Option<LeaseSnapshot>> {
        let region = self.region(region);
        let date = Date::default();
        let (mut leases, mut next) = (BTreeMap::new(), None);
        loop {
            let request = region
                .dynamodb()
                .query()
                .table_name(LEASES)
                .key_condition_expression("project = :project")
                .expression_attribute_values(":project", AttributeValue::S(project.to_owned()))
                .consistent_read(true)
                .set_exclusive_start_key(next);
            let page = match QUERY.call(request.customize().interceptor(date.clone()).send()).await {
                Err(error) if error.code == "ResourceNotFoundException" => return Ok(None),
                Err(error) if error.code == "ValidationException" && error.message.contains("key") => {
                    let (hash, range) = (item::PROJECT, item::ENVIRONMENT);
                    return Err(QUERY.refused_as(
                        &error.code,
                        format!(
                            "the table `{LEASES}` was not made by asiaq: its key has to be `{hash}` and `{range}`; \
                             rename or delete the table"
                        ),
                    ));
                }
                page => page?,
            };
            for found in page.items() {
                let (scope, lease) = item::read(QUERY, found)?;
                leases.insert(scope, lease);
            }
            next = page.last_evaluated_key;
            if next.is_none() {
                return Ok(Some(LeaseSnapshot { now: date.time(), leases }));
            }
        }
    }

    async fn change(
        &self,
        region: &str,
        project: &str,
        changes: &BTreeMap<Scope, Change<'_>>,
    ) -> Result<Changed> {
        let region = self.region(region);
        let items = changes.iter().map(|(scope, change)| {
            let update = TRANSACT_WRITE_ITEMS.built(item::write(project, scope.as_str(), change))?;
            Ok(TransactWriteItem::builder().update(update).build())
        });
        let items: Vec<TransactWriteItem> = items.collect::<Result<_>>()?;
        let request = region.dynamodb().transact_write_items().set_transact_items(Some(items));
        let attempt = || async {
            let Err(failed) = Box::pin(request.clone().send()).await else { return Ok(Changed::All) };
            let reasons = match failed.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(why)) => {
                    why.cancellation_reasons()
                }
                _ => &[],
            };
            misfits(changes, reasons)?
                .map_or_else(|| Err(TRANSACT_WRITE_ITEMS.failed(&failed)), |now| Ok(Changed::None(now)))
        };
        region.retry_until_consistent(TRANSACT_WRITE_ITEMS, attempt).await
    }

    async fn create_table(&self, region: &str) -> Result<()> {
        let region = self.region(region);
        let made = match CREATE_TABLE.call(CREATE_TABLE.built(table(&region))?.send()).await {
            // Another process created the table first.
            Err(error) if error.code == "ResourceInUseException" => None,
            made => made?.table_description,
        };
        if made.is_some_and(|table| table.table_status() == Some(&TableStatus::Active)) {
            return Ok(());
        }
        let request = region.dynamodb().describe_table().table_name(LEASES);
        let look = || async {
            let seen = dynamodb.found(Box::pin(DESCRIBE_TABLE.call(request.clone().send())).await)?;
            let status = seen.and_then(|seen| seen.table?.table_status);
            Ok((status == Some(TableStatus::Active)).then_some(()))
        };
        region.poll(DESCRIBE_TABLE.name, &format!("the table `{LEASES}` is not active"), ACTIVE, look).await
    }
}

/// The current leases that made a transaction fail. `None` if it failed for another reason. A transaction that
/// conflicts with another one also fails, and is retried.
fn misfits(
    changes: &BTreeMap<Scope, Change<'_>>,
    reasons: &[CancellationReason],
) -> Result<Option<BTreeMap<Scope, Lease>>> {
    let mut misfits = BTreeMap::new();
    for (scope, reason) in changes.keys().zip(reasons) {
        match reason.code() {
            Some("ConditionalCheckFailed") => {
                let lease = reason.item().map(|found| item::read(TRANSACT_WRITE_ITEMS, found)).transpose()?;
                misfits.insert(scope.clone(), lease.map(|(_, lease)| lease).unwrap_or_default());
            }
            Some(TRANSACTION_CONFLICT) => {
                let message = reason.message().unwrap_or_default();
                return Err(TRANSACT_WRITE_ITEMS.refused_as(TRANSACTION_CONFLICT, message));
            }
            _ => {}
        }
    }
    Ok(Some(misfits).filter(|misfits| !misfits.is_empty()))
}

fn table(region: &Region<'_>) -> Result<CreateTableFluentBuilder, BuildError> {
    let mut request =
        region.dynamodb().create_table().table_name(LEASES).billing_mode(BillingMode::PayPerRequest).tags(
            Tag::builder()
                .key("asiaq:purpose")
                .value("who is changing which environment; used by everybody who runs asiaq")
                .build()?,
        );
    for (name, role) in [(item::PROJECT, KeyType::Hash), (item::ENVIRONMENT, KeyType::Range)] {
        let text = ScalarAttributeType::S;
        request = request
            .attribute_definitions(
                AttributeDefinition::builder().attribute_name(name).attribute_type(text).build()?,
            )
            .key_schema(KeySchemaElement::builder().attribute_name(name).key_type(role).build()?);
    }
    Ok(request)
}

/// The time of AWS's response, by AWS's clock.
#[derive(Clone, Debug, Default)]
struct Date(Arc<Mutex<Option<SystemTime>>>);

impl Date {
    /// AWS's time, or the local time if no response had one.
    fn time(&self) -> SystemTime {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.unwrap_or_else(SystemTime::now)
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Date {
    fn name(&self) -> &'static str {
        "date"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        if let Some(date) = date.and_then(|date| SystemTime::try_from(date).ok()) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(date);
        }
        Ok(())
    }
}
