"""Writes the security policies of load balancers, one a line, to standard output: for which load balancers each is, and what
it accepts.

Policies of Application and Network Load Balancers are those of moto, with their protocols and ciphers. Those of Classic Load
Balancers, and those that moto lacks, are in no package: they are from the guides of Elastic Load Balancing ("Predefined SSL
security policies for Classic Load Balancers", "Security policies for your Application Load Balancer") and have no ciphers.
"""

import runpy

from facts import head, package

OLD = ["TLSv1", "TLSv1.1", "TLSv1.2"]
NEW = ["TLSv1.2", "TLSv1.3"]
# Predefined policies of Classic Load Balancers; some exist for the others too.
CLASSIC = {
    "ELBSecurityPolicy-2011-08": ["SSLv3", "TLSv1"],
    "ELBSecurityPolicy-2014-01": ["SSLv3", *OLD],
    "ELBSecurityPolicy-2014-10": OLD,
    "ELBSecurityPolicy-2015-02": OLD,
    "ELBSecurityPolicy-2015-03": OLD,
    "ELBSecurityPolicy-2015-05": OLD,
    "ELBSecurityPolicy-2016-08": OLD,
    "ELBSecurityPolicy-TLS-1-1-2017-01": ["TLSv1.1", "TLSv1.2"],
    "ELBSecurityPolicy-TLS-1-2-2017-01": ["TLSv1.2"],
}
# Policies of Application and Network Load Balancers that moto lacks.
FURTHER = {
    "ELBSecurityPolicy-2015-05": OLD,
    "ELBSecurityPolicy-TLS-1-0-2015-04": OLD,
    "ELBSecurityPolicy-FS-2018-06": OLD,
    "ELBSecurityPolicy-FS-1-1-2019-08": ["TLSv1.1", "TLSv1.2"],
    "ELBSecurityPolicy-FS-1-2-2019-08": ["TLSv1.2"],
    "ELBSecurityPolicy-FS-1-2-Res-2019-08": ["TLSv1.2"],
    **{f"ELBSecurityPolicy-TLS13-1-0-{end}": ["TLSv1", "TLSv1.1", *NEW] for end in ["FIPS-2023-04", "FIPS-PQ-2025-09"]},
    "ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04": ["TLSv1.1", *NEW],
    **{
        f"ELBSecurityPolicy-TLS13-1-2{kind}-{end}": NEW
        for kind in ["", "-Res", "-Ext0", "-Ext1", "-Ext2"]
        for end in ["FIPS-2023-04", "FIPS-PQ-2025-09"]
    },
    **{f"ELBSecurityPolicy-TLS13-1-3-{end}": ["TLSv1.3"] for end in ["FIPS-2023-04", "FIPS-PQ-2025-09"]},
}


def main():
    known = runpy.run_path(str(package("moto") / "elbv2" / "ssl_policies.py"))["SSL_POLICIES"]
    print(head("tls_policies.py", "moto"))
    print("# name load-balancers protocols ciphers")
    print("# load balancers: c classic ones, n the newer ones; ciphers: - if not known")
    for name in sorted({*known, *CLASSIC, *FURTHER}):
        found = known.get(name, {})
        protocols = found.get("ssl_protocols") or FURTHER.get(name) or CLASSIC[name]
        kinds = ("c" if name in CLASSIC else "") + ("n" if name in known or name in FURTHER else "")
        print(name, kinds, ",".join(sorted(protocols)), ",".join(sorted(found.get("ciphers", []))) or "-")


main()
