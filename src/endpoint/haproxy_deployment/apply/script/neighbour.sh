# Finds out whether another machine has one of the virtual IPs. Variables: vips.

neighbours() {
    for vip in $vips; do
        # What was known before says nothing about now.
        ip neigh flush to "$vip" 2> /dev/null
        if command -v ping > /dev/null 2>&1; then
            ping -c 1 -W 1 "$vip"
        else
            case "$vip" in *:*) url="http://[$vip]:9/" ;; *) url="http://$vip:9/" ;; esac
            curl -q -s --noproxy '*' --connect-timeout 1 "$url"
        fi > /dev/null 2>&1
        ip neigh show to "$vip" | awk -v vip="$vip" '/REACHABLE/ {
            for (i = 1; i < NF; i++) if ($i == "lladdr") print "taken", vip, $(i + 1)
        }'
    done
}
