"""What moto gets wrong of topics, alarms and log groups, mended: see `moto_server.py`."""

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.metric_filters import MetricFilters
from moto.logs.models import LogsBackend
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend
from moto.sns.responses import SNSResponse

TO_CONFIRM = ("email", "email-json", "http", "https")

add_filter = MetricFilters.add_filter
create_topic = SNSBackend.create_topic
delete_filter = LogsBackend.delete_metric_filter
delete_log_group = LogsBackend.delete_log_group
describe_alarms = CloudWatchResponse.describe_alarms
list_subscriptions = SNSResponse.list_subscriptions
list_subscriptions_by_topic = SNSResponse.list_subscriptions_by_topic
put_filter = LogsBackend.put_metric_filter
put_metric_alarm = CloudWatchBackend.put_metric_alarm
subscribe = SNSResponse.subscribe


def is_pending(subscription):
    """Whether nobody has confirmed it yet."""
    return subscription.protocol in TO_CONFIRM and not subscription.confirmed


def subscribe_or_wait(self):
    """What moto does, but for the ARN of what is to be confirmed."""
    answer = subscribe(self)
    found = self.backend.subscriptions[answer.result["SubscriptionArn"]]
    if is_pending(found) and self._get_param("ReturnSubscriptionArn") is not True:
        answer.result["SubscriptionArn"] = "pending confirmation"
    return answer


def confirm_subscription(self):
    """Confirms the subscription of an endpoint: who tests has no letter with a token, and sends the endpoint."""
    topic, endpoint = self._get_param("TopicArn"), self._get_param("Token")
    for found in self.backend.subscriptions.values():
        if found.topic.arn == topic and found.endpoint == endpoint:
            found.confirmed = True
            return ActionResult({"SubscriptionArn": found.arn})
    raise SNSInvalidParameter("Invalid parameter: Token")


def hide_pending(answer):
    """The subscriptions of a listing, without the ARNs of those that nobody has confirmed."""
    show = lambda found: {
        "SubscriptionArn": "PendingConfirmation" if is_pending(found) else found.arn,
        "Owner": found.owner,
        "Protocol": found.protocol,
        "Endpoint": found.endpoint,
        "TopicArn": found.topic.arn,
    }
    answer.result["Subscriptions"] = [show(found) for found in answer.result["Subscriptions"]]
    return answer


def create_topic_or_refuse(self, name, attributes=None, tags=None):
    """What moto does, unless a topic with other tags has the name."""
    topic = create_topic(self, name, attributes, tags)
    if tags and topic._tags != tags:
        raise SNSInvalidParameter("Invalid parameter: Tags Reason: Topic already exists with different tags")
    return topic


def put_alarm_as_it_is(self, name, tags=None, **fields):
    """What moto does, with the state that a new alarm and one that is changed are in."""
    before = self.alarms.get(name)
    alarm = put_metric_alarm(self, name=name, tags=None if before else tags, **fields)
    alarm.state_value = before.state_value if before else "INSUFFICIENT_DATA"
    return alarm


def describe_alarms_in_pages(self):
    """What moto does, at most `MaxRecords` at a time, in order of name."""
    answer = describe_alarms(self)
    start, most = int(self._get_param("NextToken") or 0), int(self._get_param("MaxRecords") or 50)
    alarms = sorted(answer.result["MetricAlarms"], key=lambda alarm: alarm.name)
    answer.result["MetricAlarms"] = alarms[start : start + most]
    if len(alarms) > start + most:
        answer.result["NextToken"] = str(start + most)
    return answer


def put_filter_of_group(self, filter_name, filter_pattern, log_group_name, metric_transformations):
    """What moto does, where the group exists."""
    if log_group_name not in self.groups:
        raise ResourceNotFoundException()
    put_filter(self, filter_name, filter_pattern, log_group_name, metric_transformations)


def add_or_replace_filter(self, filter_name, filter_pattern, log_group_name, metric_transformations):
    """What moto does, in place of the filter that has the name."""
    self.delete_filter(filter_name, log_group_name)
    add_filter(self, filter_name, filter_pattern, log_group_name, metric_transformations)


def delete_filter_that_is(self, filter_name=None, log_group_name=None):
    """What moto does, where there is one."""
    found = self.filters.get_matching_filters(log_group_name=log_group_name)
    if not any(one["filterName"] == filter_name for one in found):
        raise ResourceNotFoundException("The specified metric filter does not exist.")
    delete_filter(self, filter_name, log_group_name)


def delete_log_group_with_filters(self, log_group_name):
    """What moto does, and then what it forgets."""
    delete_log_group(self, log_group_name)
    for one in self.filters.get_matching_filters(log_group_name=log_group_name):
        self.filters.metric_filters.remove(one)


SNSBackend.create_topic = create_topic_or_refuse
SNSResponse.confirm_subscription = confirm_subscription
SNSResponse.list_subscriptions = lambda self: hide_pending(list_subscriptions(self))
SNSResponse.list_subscriptions_by_topic = lambda self: hide_pending(list_subscriptions_by_topic(self))
SNSResponse.subscribe = subscribe_or_wait
CloudWatchBackend.put_metric_alarm = put_alarm_as_it_is
CloudWatchResponse.describe_alarms = describe_alarms_in_pages
LogsBackend.delete_log_group = delete_log_group_with_filters
LogsBackend.delete_metric_filter = delete_filter_that_is
LogsBackend.put_metric_filter = put_filter_of_group
MetricFilters.add_filter = add_or_replace_filter
