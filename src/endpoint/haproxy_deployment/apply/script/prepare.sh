# Installs what is missing, and makes what the files name. Variables: packages, user, group, services, wait (seconds for the lock of packages).

failed() {
    echo "failed $1"
    false
}

lists() { # fetches the lists of packages; apt-get itself doesn't wait for another one that does
    tries=0
    until said=$(apt-get -q -o DPkg::Lock::Timeout="$wait" update 2>&1); do
        case "$said" in
            *"Could not get lock"*) tries=$((tries + 1)) ;;
            *) tries=$wait ;;
        esac
        if [ "$tries" -ge "$wait" ]; then
            # Older lists may do.
            printf '%s\n' "$said" >&2
            return
        fi
        sleep 1
    done
}

install() {
    if command -v apt-get > /dev/null 2>&1; then
        export DEBIAN_FRONTEND=noninteractive
        dpkg --force-confold --configure -a >&2 # of a run that was interrupted
        lists
        # The package's own configuration stays aside.
        apt-get -q -y -o DPkg::Lock::Timeout="$wait" -o Dpkg::Options::=--force-confold install $packages >&2
    elif command -v dnf > /dev/null 2>&1; then
        dnf -q -y install $packages >&2
    elif command -v zypper > /dev/null 2>&1; then
        # dnf waits for its lock; zypper does so only when asked.
        ZYPP_LOCK_TIMEOUT="$wait" zypper -q --non-interactive install $packages >&2
    else
        echo "neither apt-get, dnf nor zypper is there" >&2
        false
    fi
}

prepare() {
    # A first boot may be installing packages and writing files itself. Without its folder cloud-init has no part in this boot, and would
    # be waited for in vain.
    if [ -d /run/cloud-init ] && command -v cloud-init > /dev/null 2>&1; then
        timeout 300 cloud-init status --wait > /dev/null 2>&1
    fi
    if [ -n "$packages" ]; then
        install || failed packages || return
    fi
    # HAProxy's own user and group, where they aren't the ones that the package makes.
    case "$group" in
        "" | haproxy) ;;
        *) getent group "$group" > /dev/null || groupadd --system "$group" >&2 || failed accounts || return ;;
    esac
    case "$user" in
        "" | haproxy) ;;
        *)
            getent passwd "$user" > /dev/null ||
                useradd --system --gid "$group" --no-create-home --home-dir / --shell /bin/false "$user" >&2 ||
                failed accounts || return
            ;;
    esac
    # Without these SELinux allows the ports of the distribution's policy only.
    if command -v selinuxenabled > /dev/null 2>&1 && selinuxenabled; then
        for service in $services; do
            switch="${service}_connect_any"
            if getsebool "$switch" 2> /dev/null | grep -q 'off$'; then
                setsebool -P "$switch" 1 >&2 || failed "selinux $switch" || return
            fi
        done
    fi
    echo prepared
}
