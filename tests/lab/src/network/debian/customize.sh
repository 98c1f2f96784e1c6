#!/bin/sh
# mmdebstrap's hook. Arguments: the new root tree, a folder for packages, the URL at which that folder will be served.
set -eu
root=$1
repository=$2
url=$3

# What machines install later, with everything that it needs and that the tree doesn't have.
rm -f "$root"/var/cache/apt/archives/*.deb
APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get install -y -q --download-only --no-install-recommends haproxy keepalived curl
mv "$root"/var/cache/apt/archives/*.deb "$repository"
cd "$repository"
for package in *.deb; do
    dpkg-deb --field "$package"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' \
        "$package" "$(stat --format %s "$package")" "$(sha256sum "$package" | cut -d ' ' -f 1)"
done > Packages

# That repository and no other.
rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
echo "deb [trusted=yes] $url ./" > "$root/etc/apt/sources.list.d/local.list"
mkdir -p "$root/etc/cloud/cloud.cfg.d"
printf 'datasource_list: [NoCloud]\nnetwork: {config: disabled}\napt: {preserve_sources_list: true}\nlocale: false\n' \
    > "$root/etc/cloud/cloud.cfg.d/99-local.cfg"

chroot "$root" systemctl --quiet enable systemd-networkd.service systemd-networkd-wait-online.service
# A machine's own keys come with its first boot.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf"
: > "$root/etc/machine-id"
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
    systemd-resolved.service systemd-timesyncd.service console-getty.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
