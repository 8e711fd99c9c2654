# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The lab's provisioning node: HPS itself, set up with its own programs, below LAB_DIR/site. PROGRAMS is the folder with
# them.

LAB_CLUSTER=lab
LAB_DOMAIN=lab.internal
DEBIAN=x86_64-linux-debian-12
# The host types of the cluster, and more options of cluster-configure.
SITE_TYPES=(SCH)
SITE_OPTIONS=()

site_config() { printf '%s\n' "$LAB_DIR/site/srv/hps-config/hps.conf"; }

# hps PROGRAM ARGUMENT...: one of the programs, inside the lab's network.
hps() {
    local program=$1
    shift
    in_network env HPS_CONFIG="$(site_config)" "$PROGRAMS/$program" "$@"
}

# hps_outside PROGRAM ARGUMENT...: one that needs this machine's own network, to reach a mirror.
hps_outside() {
    local program=$1
    shift
    HPS_CONFIG=$(site_config) "$PROGRAMS/$program" "$@" 9>&-
}

# site_new: removes everything of a site (clusters, hosts, marks, the site's key), and its logs. Builds stay.
site_new() {
    site_stop
    rm -rf -- "$LAB_DIR/site/srv/hps-config" "$LAB_DIR/site/srv/log"
}

# site_up [CLUSTER [ENROLMENT]]: configures the cluster (lab, armed) and starts (or reloads) dnsmasq and lighttpd.
site_up() {
    local host_type
    local -a types=()
    for host_type in "${SITE_TYPES[@]}"; do types+=(--type "$host_type=$DEBIAN"); done
    getent passwd hps > /dev/null || : > "$LAB_DIR/user-was-missing"
    hps cluster-configure --base "$LAB_DIR/site" --name "${1:-$LAB_CLUSTER}" --interface "$LAB_BRIDGE" --address "$LAB_ADDRESS" \
        --domain "$LAB_DOMAIN" --ssh-key-file "$LAB_DIR/ssh/key.pub" --console ttyS0,115200n8 --enrolment "${2:-armed}" \
        "${types[@]}" "${SITE_OPTIONS[@]}" --services plain --activate
}

# site_stop: ends dnsmasq and lighttpd. Succeeds if there is no site.
site_stop() {
    local pid
    in_network true 2> /dev/null || return 0
    if [[ -e $(site_config) && -x ${PROGRAMS:-}/reload ]]; then
        hps reload --stop > /dev/null || say "      reload --stop failed"
    fi
    # If the programs are gone: a process in the lab's namespace that was started with a file of the lab's site is ours.
    for pid in $(ip netns pids "$LAB_NETNS"); do
        grep -qaF -- "$LAB_DIR/site/" "/proc/$pid/cmdline" 2> /dev/null || continue
        kill -TERM "$pid" 2> /dev/null || true
    done
}

# site_forget_user: the system user that cluster-configure made for this lab, unless HPS is in real use here.
site_forget_user() {
    [[ -e $LAB_DIR/user-was-missing && ! -e /srv/hps-config ]] || return 0
    ! getent passwd hps > /dev/null || userdel hps || true
}

# site_image KERNEL TYPE...: builds the node environment and the images; needs only seconds if nothing has changed.
site_image() {
    local kernel=$1 host_type
    local -a types=()
    shift
    for host_type in "$@"; do types+=(--type "$host_type"); done
    hps_outside build-image --distro "$DEBIAN" "${types[@]}" --kernel "$kernel"
}

# site_boot_loaders: fetches the packages of boot loaders that Debian 12 lacks, and serves them.
site_boot_loaders() {
    hps_outside build-image --boot-loaders && hps reload
}

# site_installer_kernel DISTRO: the kernel of its installer; of Debian's newest build, or of a Rocky tree.
site_installer_kernel() {
    local tree=$LAB_DIR/site/srv/hps-resources/distros/$1 build
    if [[ -e $tree/current.toml ]]; then
        build=$(sed -n 's/^build *= *"\([0-9TZ]*\)"$/\1/p' "$tree/current.toml")
        printf '%s\n' "$tree/$build/vmlinuz"
    else
        printf '%s\n' "$tree/images/pxeboot/vmlinuz"
    fi
}

# site_arm MAC DISTRO REASON [PROFILE [TYPE]]: permits its installation, after any earlier run of the lab: the machine
# is off, and its disk is another one.
site_arm() {
    if hps host-state show "$1" > /dev/null 2>&1; then
        hps host-state set "$1" state=UNCONFIGURED
    fi
    hps host-state arm "$1" --type "${5:-SCH}" --distro "$2" --expires 24h --reason "$3" ${4:+--profile "$4"}
}

# site_value HOST KEY...: one value of `host-state show --json`, by the names that lead to it.
site_value() {
    local host=$1
    shift
    hps host-state show "$host" --json | python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]:
    value = value[int(key)] if isinstance(value, list) else value[key]
print(value)' "$@"
}

# site_stages HOST EPOCH: ` started 40, disks 41, ...`: the stages of its attempt, in seconds since EPOCH.
site_stages() {
    hps host-state show "$1" --json | python3 -c '
import datetime, json, sys
seconds = lambda at: round(datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()) - int(sys.argv[1])
print(",".join(" %s %d" % (s["stage"], seconds(s["at"])) for s in json.load(sys.stdin)["attempt"]["stages"]))' "$2"
}

# site_attempt HOST: `2 started disks`: the number of its attempt and its stages; nothing if there is none.
site_attempt() {
    hps host-state show "$1" --json | python3 -c '
import json, sys
attempt = json.load(sys.stdin).get("attempt")
if attempt:
    print(attempt["number"], *(s["stage"] for s in attempt.get("stages", [])))'
}

# site_boots MAC: how often dnsmasq has given iPXE on this machine an address, by its log.
site_boots() {
    site_log dnsmasq | grep -icF "DHCPACK($LAB_BRIDGE) $(site_value "$1" address | cut -d/ -f1) $1" || true
}

# site_sent_file NAME ADDRESS: whether TFTP has sent this file to this machine.
site_sent_file() {
    # Not grep -q: it leaves at the first match, and then pipefail reports the writer's broken pipe.
    site_log dnsmasq | grep "sent .*/$1 to $2\$" > /dev/null
}

# site_log NAME: the logs of this name, of dnsmasq or of the web server.
site_log() { find "$LAB_DIR/site/srv/log" -maxdepth 2 -type f -name "*$1*" -exec cat {} +; }
