"""What moto 5.2.1 does not do of Service Quotas, or does otherwise than AWS.

The quotas of a service are listed in pages, for each account and region; moto lists only AWS's defaults of VPC. An increase
that is asked for is granted at once.
"""

import json

from moto.core.exceptions import JsonRESTError
from moto.servicequotas.responses import ServiceQuotasResponse

PAGE = 2
DEFAULTS = {
    "vpc": {"L-F678F1CE": 5, "L-407747CB": 200, "L-E79EC296": 2500, "L-A4707A72": 5, "L-FE5A380F": 5, "L-0EA8095F": 60},
    "ec2": {"L-0263D0A3": 5, "L-1216C47A": 64, "L-FB451C26": 5000},
    "elasticloadbalancing": {"L-53DA6B97": 50, "L-E9E9831D": 20, "L-B22855CB": 3000},
    "autoscaling": {"L-CDE20ADC": 500},
    "iam": {"L-FE177D64": 1000, "L-F55AF5E4": 5000},
    "route53": {"L-4EA4796A": 500},
    "s3": {"L-DC2B2D3D": 10000},
}
GRANTED = {}


def list_service_quotas(self):
    asked = json.loads(self.body)
    service = asked["ServiceCode"]
    if service not in DEFAULTS:
        raise JsonRESTError("NoSuchResourceException", f"no service {service}")
    values = dict(DEFAULTS[service])
    values.update(GRANTED.get((self.current_account, self.region, service), {}))
    codes = sorted(values)
    start = int(asked.get("NextToken") or 0)
    answer = {
        "Quotas": [
            {"ServiceCode": service, "QuotaCode": code, "QuotaName": code, "Value": float(values[code])}
            for code in codes[start : start + PAGE]
        ]
    }
    if start + PAGE < len(codes):
        answer["NextToken"] = str(start + PAGE)
    return json.dumps(answer)


def request_service_quota_increase(self):
    asked = json.loads(self.body)
    granted = GRANTED.setdefault((self.current_account, self.region, asked["ServiceCode"]), {})
    granted[asked["QuotaCode"]] = asked["DesiredValue"]
    return json.dumps({"RequestedQuota": {"Id": "1", "Status": "APPROVED", "DesiredValue": asked["DesiredValue"]}})


ServiceQuotasResponse.list_service_quotas = list_service_quotas
ServiceQuotasResponse.request_service_quota_increase = request_service_quota_increase
