"""Gives an account what programs find there: images of hostclasses, hosted zones, certificates.

usage: stock.py REGION FILE.json, which holds lists of names under `images`, `zones` and `certificates`, and
       perhaps the `product_line` of the images
"""

import datetime
import json
import sys

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

region = sys.argv[1]
with open(sys.argv[2]) as file:
    wanted = json.load(file)


def bake(hostclass):
    """An image as bakes make them: the name says hostclass and time, the tags the stage."""
    ec2 = boto3.client("ec2", region_name=region)
    image = ec2.register_image(
        Name=f"{hostclass} 1760000000",
        RootDeviceName="/dev/sda1",
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}],
    )["ImageId"]
    tags = {"hostclass": hostclass, "stage": "tested", "is_private": "False"}
    if "product_line" in wanted:
        tags["productline"] = wanted["product_line"]
    ec2.create_tags(Resources=[image], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def certify(domain):
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


for hostclass in wanted.get("images", []):
    bake(hostclass)
for number, domain in enumerate(wanted.get("zones", [])):
    boto3.client("route53", region_name=region).create_hosted_zone(Name=domain, CallerReference=f"{domain} {number}")
for domain in wanted.get("certificates", []):
    certify(domain)
