#!/bin/sh
# Runs once, as root, when an instance boots for the first time.
set -eu
mkdir -p /srv/web
echo 'It works.' > /srv/web/index.html
cat > /etc/systemd/system/web.service <<'UNIT'
[Unit]
After=network.target

[Service]
DynamicUser=yes
ExecStart=/usr/bin/python3 -m http.server 8080 --directory /srv/web
Restart=always

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now web.service
