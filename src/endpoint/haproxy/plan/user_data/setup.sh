#!/bin/sh
# Brings this load balancer up. The service talosendpoint-setup runs it until it succeeds, at this boot and at later ones.
# Arguments: the services.
set -eu

# What runs already has read older files; what is started below reads the present ones.
running=
for service in "$@"; do
    if systemctl --quiet is-active "$service"; then
        running="$running $service"
    fi
done

# Before the packages, which may start their services at once.
systemd-tmpfiles --create /etc/tmpfiles.d/talosendpoint.conf

packages="$*"
case " $* " in
    *" keepalived "*) packages="$packages curl" ;; # asks HAProxy for Keepalived
esac
if command -v dpkg > /dev/null; then
    dpkg --force-confold --configure -a # of a run that was interrupted
fi
missing=
for program in $packages; do
    command -v "$program" > /dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
    if command -v apt-get > /dev/null; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get -q -o DPkg::Lock::Timeout=300 update
        # The package's own configuration stays aside.
        apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install $missing
    elif command -v dnf > /dev/null; then
        dnf -q -y install $missing
    elif command -v zypper > /dev/null; then
        zypper -q --non-interactive install $missing
    else
        echo "neither apt-get, dnf nor zypper is there to install:$missing" >&2
        exit 1
    fi
fi

# HAProxy's own user and group, where they aren't the ones that the package makes.
haproxy_cfg=/etc/haproxy/haproxy.cfg
account() {
    while read -r word name rest; do
        if [ "$word" = "$1" ]; then
            echo "$name"
            break
        fi
    done < "$haproxy_cfg"
}
user=$(account user)
group=$(account group)
case "$group" in
    "" | haproxy) ;;
    *) getent group "$group" > /dev/null || groupadd --system "$group" ;;
esac
case "$user" in
    "" | haproxy) ;;
    *)
        getent passwd "$user" > /dev/null ||
            useradd --system --gid "$group" --no-create-home --home-dir / --shell /bin/false "$user"
        ;;
esac

# Without these SELinux allows the ports of the distribution's policy only.
if command -v selinuxenabled > /dev/null && selinuxenabled; then
    for service in "$@"; do
        if getsebool "${service}_connect_any" > /dev/null 2>&1; then
            setsebool -P "${service}_connect_any" 1
        fi
    done
fi

systemctl daemon-reload
timer=talosendpoint-server-state.timer # where HAProxy has servers by DNS name
if [ -e "/etc/systemd/system/$timer" ]; then
    systemctl --quiet enable "$timer"
    systemctl start "$timer"
fi
for service in "$@"; do
    systemctl --quiet enable "$service"
    case " $running " in
        *" $service "*) systemctl reload-or-restart "$service" ;;
        *)
            systemctl --quiet reset-failed "$service" 2> /dev/null || true
            systemctl start "$service"
            ;;
    esac
done
for service in "$@"; do
    systemctl --quiet is-active "$service"
done
systemctl --quiet disable talosendpoint-setup.service
