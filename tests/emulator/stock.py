"""Gives an account what programs look up there: images of hostclasses and of other owners, parameters with the id of an
image, key pairs, hosted zones, certificates, VPN gateways.

usage: stock.py REGION FILE.json, which holds lists of names under `images`, `key_pairs`, `zones` and `certificates`,
       and perhaps the `product_line` of the images
       asiaq ir | stock.py, which reads what the program looks up, and makes what the account lacks
"""

import datetime
import json
import sys

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def bake(region, hostclass, product_line=None):
    """An image as bakes make them: the name says hostclass and time, the tags the stage."""
    ec2 = boto3.client("ec2", region_name=region)
    image = ec2.register_image(
        Name=f"{hostclass} 1760000000",
        RootDeviceName="/dev/sda1",
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}],
    )["ImageId"]
    tags = {"hostclass": hostclass, "stage": "tested", "is_private": "False"}
    if product_line:
        tags["productline"] = product_line
    ec2.create_tags(Resources=[image], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def parameter(region, name):
    """The value of a parameter, if there is one."""
    found = boto3.client("ssm", region_name=region).get_parameters(Names=[name])["Parameters"]
    return found[0]["Value"] if found else None


def publish(region, owner, pattern, architectures=("x86_64", "arm64"), id=None):
    """Images of another owner whose names match a pattern; the emulator gives them to the owner (`moto_machines.py`).
    Returns the id of the last one, which is the given one if there is one."""
    ec2 = boto3.client("ec2", region_name=region)
    for architecture in architectures:
        name = pattern.replace("*", f"-{architecture}-", 1).replace("*", "").replace("?", "0")
        image = ec2.register_image(
            Name=name,
            Architecture=architecture,
            RootDeviceName="/dev/sda1",
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}],
        )["ImageId"]
        tags = {"emulator:owner": owner, "emulator:architecture": architecture}
        if id:
            tags["emulator:id"] = id
        ec2.create_tags(Resources=[image], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    return id or image


def certify(region, domain):
    """A certificate that nobody trusts, kept by the certificate manager."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, domain)])
    start = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(start + datetime.timedelta(days=36500))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(domain)]), critical=False)
    pem = serialization.Encoding.PEM
    boto3.client("acm", region_name=region).import_certificate(
        Certificate=builder.sign(key, hashes.SHA256()).public_bytes(pem),
        PrivateKey=key.private_bytes(
            pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ),
    )


def attachable(region, name):
    """A VPN gateway that is attached to nothing."""
    tags = [{"ResourceType": "vpn-gateway", "Tags": [{"Key": "Name", "Value": name}]}]
    boto3.client("ec2", region_name=region).create_vpn_gateway(Type="ipsec.1", TagSpecifications=tags)


def looked_up(ir):
    """What the program finds in the account: region, what it is, its name, and the product line of an image."""
    resources = ir["resources"]
    for address, resource in resources.items():
        region = resource["region"]
        waiting = [resource]
        if resource["kind"] == "launch-template" and resource["key"]:
            yield region, "key-pair", resource["key"], None
        group = resources.get(address.rpartition("/")[0] + "/group", {})
        product_line = group.get("tags", {}).get("productline")
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                for what, name in value.get("find", {}).items() if set(value) == {"find"} else ():
                    if what == "newest-image":
                        name = (name["owner"], name["pattern"])
                    yield region, what, name, product_line if what == "image" else None
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)


def is_there(region, what, name):
    """Whether the account has it."""
    ec2 = boto3.client("ec2", region_name=region)
    if what == "image":
        filters = [{"Name": "name", "Values": [f"{name} *"]}]
        return bool(ec2.describe_images(Owners=["self"], Filters=filters)["Images"])
    if what == "newest-image":
        owner, pattern = name
        return bool(ec2.describe_images(Owners=[owner], Filters=[{"Name": "name", "Values": [pattern]}])["Images"])
    if what == "image-parameter":
        value = parameter(region, name)
        ids = [{"Name": "image-id", "Values": [value or "none"]}]
        return bool(ec2.describe_images(Filters=ids)["Images"])
    if what == "key-pair":
        return bool(ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": [name]}])["KeyPairs"])
    if what == "vpn-gateway":
        return bool(ec2.describe_vpn_gateways(Filters=[{"Name": "tag:Name", "Values": [name]}])["VpnGateways"])
    if what == "hosted-zone":
        zones = boto3.client("route53", region_name=region).list_hosted_zones()["HostedZones"]
        return any(zone["Name"] == f"{name}." for zone in zones)
    certificates = boto3.client("acm", region_name=region).list_certificates()["CertificateSummaryList"]
    return any(certificate["DomainName"] == name for certificate in certificates)


def make(region, what, name, product_line):
    """Makes it."""
    if what == "image":
        bake(region, name, product_line)
    elif what == "newest-image":
        publish(region, *name)
    elif what == "image-parameter":
        value = parameter(region, name)
        image = publish(region, "amazon", name.strip("/"), ["arm64" if "arm64" in name else "x86_64"], value)
        if not value:
            boto3.client("ssm", region_name=region).put_parameter(Name=name, Value=image, Type="String")
    elif what == "key-pair":
        boto3.client("ec2", region_name=region).create_key_pair(KeyName=name)
    elif what == "vpn-gateway":
        attachable(region, name)
    elif what == "hosted-zone":
        reference = datetime.datetime.now().isoformat()
        boto3.client("route53", region_name=region).create_hosted_zone(Name=name, CallerReference=reference)
    elif what == "certificate":
        certify(region, name)


def stock_program(ir):
    """Makes what the program looks up and the account lacks. Elastic IP addresses cannot be chosen."""
    for region, what, name, product_line in sorted(set(looked_up(ir)), key=str):
        if what == "elastic-ip":
            print(f"{region} {what} {name}: AWS chooses addresses, so it cannot be made", file=sys.stderr)
        elif not is_there(region, what, name):
            make(region, what, name, product_line)
            print(f"{region} {what} {' '.join(name) if isinstance(name, tuple) else name}")


def stock_names(region, wanted):
    """Makes all that is named."""
    for hostclass in wanted.get("images", []):
        bake(region, hostclass, wanted.get("product_line"))
    for name in wanted.get("key_pairs", []):
        boto3.client("ec2", region_name=region).create_key_pair(KeyName=name)
    for number, domain in enumerate(wanted.get("zones", [])):
        route53 = boto3.client("route53", region_name=region)
        route53.create_hosted_zone(Name=domain, CallerReference=f"{domain} {number}")
    for domain in wanted.get("certificates", []):
        certify(region, domain)


if len(sys.argv) == 3:
    with open(sys.argv[2]) as file:
        stock_names(sys.argv[1], json.load(file))
else:
    stock_program(json.load(sys.stdin))
