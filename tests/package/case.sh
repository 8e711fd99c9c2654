# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Debian package in a fresh root of a release, as an administrator uses it: installed by apt, a cluster, a host that
# is installed through the real lighttpd while the package is upgraded, remove, and purge with both answers.
# All of it is in namespaces of its own: when the shell of the test ends, so does every process in the root.

REPOSITORY=$(cd -- "${BASH_SOURCE[0]%/*}/../.." && pwd -P)
# shellcheck source=../../scripts/lab/path.sh
. "$REPOSITORY/scripts/lab/path.sh"
# shellcheck source=../support/expect.sh
. "$REPOSITORY/tests/support/expect.sh"

MAC=52:54:00:00:00:01
ADDRESS=10.98.0.1
DISTRO=x86_64-linux-rockylinux-10.1
REGISTRY=/srv/hps-config/clusters/lab/hosts/525400000001.toml

say() { printf 'package: %s\n' "$*"; }

stop() {
    say "STOPPED: $*"
    exit 1
}

# package_case SUITE TEST [PACKAGE...]: TEST is a function; it runs where "$WORK/root" is a new root of the release with
# these packages, and OLD and NEW are paths of packages of HPS. With NEEDS_OLD= there is no OLD.
package_case() {
    SUITE=$1 TEST=$2 ROOT_PACKAGES=curl
    shift 2
    (($# == 0)) || ROOT_PACKAGES+=$(printf ',%s' "$@")
    ((EUID == 0)) || stop 'run it as root, since it makes namespaces'
    if [[ ${HPS_PACKAGE_WORK:-} ]]; then
        WORK=$HPS_PACKAGE_WORK
        make_root
        "$TEST"
        results "${0##*/}"
        return
    fi
    local status=0
    WORK=$(mktemp -d /var/tmp/hps-package.XXXXXX) || exit 1
    NETNS=hpspkg$$
    trap 'ip netns delete "$NETNS" 2> /dev/null; rm -rf --one-file-system -- "$WORK"' EXIT
    trap 'exit 130' INT TERM HUP
    local programs=${HPS_PACKAGE_PROGRAMS:-}
    [[ -n $programs ]] || programs=$("$REPOSITORY/scripts/build" | tail -n 1) || stop 'the programs were not built'
    OLD=''
    [[ -z ${NEEDS_OLD-yes} ]] || OLD=$("$REPOSITORY/scripts/package" --output "$WORK" --programs "$programs" --version 0.0.1-1) || stop 'no older package'
    NEW=$("$REPOSITORY/scripts/package" --output "$WORK" --programs "$programs") || stop 'no package'
    # shellcheck disable=SC2015  # either of them
    ip netns add "$NETNS" && ip -n "$NETNS" link set lo up && ip -n "$NETNS" link add br0 type bridge \
        && ip -n "$NETNS" address add "$ADDRESS/24" dev br0 && ip -n "$NETNS" link set br0 up || stop 'no network namespace'
    OLD=$OLD NEW=$NEW NETNS=$NETNS HPS_PACKAGE_WORK=$WORK unshare --mount --pid --fork --kill-child --mount-proc --propagation private -- "$0" || status=$?
    exit "$status"
}

# in_root COMMAND...: in the root, with this machine's network.
in_root() { env -i PATH="$PATH" LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive chroot "$WORK/root" "$@" < /dev/null; }

# on_node COMMAND...: in the root, with the network of the test.
on_node() { env -i PATH="$PATH" LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive ip netns exec "$NETNS" chroot "$WORK/root" "$@" < /dev/null; }

# apt_get COMMAND...: its output is kept, and shown if it fails.
apt_get() {
    local runner=$1
    shift
    "$runner" apt-get --quiet --yes -o Dpkg::Use-Pty=0 "$@" > "$WORK/apt.log" 2>&1 || { cat "$WORK/apt.log"; stop "apt-get $*"; }
}

make_root() {
    local mirror=http://deb.debian.org/debian
    mmdebstrap --quiet --variant=apt --skip=cleanup/apt/lists --include="$ROOT_PACKAGES" "$SUITE" "$WORK/root" \
        "deb $mirror $SUITE main" "deb $mirror-security $SUITE-security main" || stop "no root of $SUITE"
    # mmdebstrap leaves none that stops services from being started.
    rm -f "$WORK/root/usr/sbin/policy-rc.d"
    mount -t proc proc "$WORK/root/proc"
    mount -t tmpfs -o mode=0755 tmpfs "$WORK/root/run"
    mount --rbind /dev "$WORK/root/dev"
    cp /etc/resolv.conf "$WORK/root/etc/resolv.conf"
    [[ -z $OLD ]] || cp "$OLD" "$WORK/root/old.deb"
    cp "$NEW" "$WORK/root/new.deb"
}

# publish_tree: what looks like a tree is enough, because no machine reads it here.
publish_tree() {
    local tree=$WORK/root/srv/hps-resources/distros/$DISTRO file
    mkdir -p "$tree/images/pxeboot"
    for file in .treeinfo images/pxeboot/vmlinuz images/pxeboot/initrd.img; do printf 'x\n' > "$tree/$file"; done
    printf 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz admin@site\n' > "$WORK/root/root/key.pub"
}

# exists PATH: whether the root has it.
exists() { [[ -e $WORK/root$1 || -L $WORK/root$1 ]]; }

# get QUERY: what the boot manager answers to the machine.
get() { on_node curl -sS --globoff --max-time 20 "http://$ADDRESS/cgi-bin/boot_manager?$1"; }

# state: the state of the host.
state() { on_node hps host-state show sch-001 --json | sed -n 's/^  "state": "\(.*\)",*$/\1/p'; }

# process SERVICE: its number; nothing if it does not run.
process() { cat "$WORK/root/run/hps/$1.pid" 2> /dev/null; }

# The state of each installation of the package.
# shellcheck disable=SC2016  # expanded by dpkg-query
installed() { in_root dpkg-query -W -f '${db:Status-Status} ${Version}' hps 2> /dev/null; }

install_package() {
    apt_get in_root install --no-install-recommends /old.deb
    expect_equal 'apt installs the package' 'installed 0.0.1-1' "$(installed)"
    # shellcheck disable=SC2016  # expanded by dpkg-query
    expect_equal 'nothing of the lab comes with it' '' "$(in_root dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'qemu*' 'gcc*' rustc cargo ovmf 2> /dev/null | grep ^installed | grep -v -- '-base$')"
    expect_end 'the user is made' 0 '/usr/sbin/nologin' in_root getent passwd hps
    expect_end 'and the group of readers' 0 'hps-read' in_root getent group hps-read
    expect_done 'hps.conf is that of the package' cmp "$WORK/root/srv/hps-config/hps.conf" "$REPOSITORY/packaging/files/hps.conf"
    expect_end 'hps says what to do' 4 'cluster-configure' on_node hps
    expect_equal 'no service was started' '' "$(in_root sh -c 'cat /proc/[0-9]*/comm' | grep -E 'dnsmasq|lighttpd')"
    expect_equal "Debian's own lighttpd does not start with the machine" '' "$(find "$WORK/root"/etc/rc?.d "$WORK/root/etc/systemd/system/multi-user.target.wants" -name 'S*lighttpd' -o -name 'lighttpd.service' 2> /dev/null)"
    expect_end 'the man pages are there' 0 'host-state-arm.8.gz' in_root ls /usr/share/man/man8
    local shell
    for shell in bash-completion/completions/reload zsh/vendor-completions/_reload fish/vendor_completions.d/reload.fish; do
        expect_done "completion: $shell" exists "/usr/share/$shell"
    done
    # shellcheck disable=SC2016  # expanded in the root
    expect_end 'bash completes words' 0 '--dry-run' in_root bash -c '
        . /usr/share/bash-completion/completions/reload
        COMP_LINE="reload --dry" COMP_POINT=12 COMP_WORDS=(reload --dry) COMP_CWORD=1 COMP_TYPE=9
        _reload_whole_words reload --dry reload && echo "${COMPREPLY[@]}"'
    expect_end 'logrotate accepts its rules' 0 '' on_node sh -c '! command -v logrotate || logrotate -d /etc/logrotate.d/hps'
}

# begin_installation: a host fetches its answer file.
begin_installation() {
    publish_tree
    on_node cluster-configure --name lab --interface br0 --address "$ADDRESS/24" --domain lab.example \
        --ssh-key-file /root/key.pub --type "SCH=$DISTRO" > "$WORK/configure.log" 2>&1 || { cat "$WORK/configure.log"; stop 'cluster-configure'; }
    local service
    for service in dnsmasq lighttpd; do expect_done "$service runs" test -n "$(process "$service")"; done
    expect_done 'the boot manager is where lighttpd looks for it' cmp "$WORK/root"/{usr/lib/hps,srv/hps-system/http/cgi-bin}/boot_manager
    # A lease makes the requests of this node's own address those of the machine.
    printf '0 %s %s * %s\n' "$MAC" "$ADDRESS" "$MAC" > "$WORK/root/srv/hps-config/state/dnsmasq.leases"
    on_node host-state arm "$MAC" --type SCH --reason test > /dev/null || stop 'arm'
    local ticket answer
    ticket=$(get "cmd=boot_action&mac=$MAC" | grep -o 'ticket=[^& ]*' | head -n 1)
    expect_done 'the machine gets an installer' test -n "$ticket"
    answer=$(get "cmd=answer&mac=$MAC&$ticket")
    TOKEN=token=$(grep -o "HPS_TOKEN='[^']*'" <<< "$answer" | head -n 1 | cut -d "'" -f 2)
    expect_equal 'it fetched its answer file' INSTALLING "$(state)"
    expect_equal 'it reports' ok "$(get "cmd=event&mac=$MAC&$TOKEN&stage=started")"
}

# as USER COMMAND: as that user of the root, in a new login.
as() { on_node su -s /bin/sh "$1" -c "$2"; }

# readers: who is in the group reads, and nobody changes anything. The rule of sudo is that of the package.
readers() {
    # shellcheck disable=SC2016  # a hash of crypt(5)
    local command of_root of_reader hash='$6$abcdefgh$'
    hash+=$(printf 'x%.0s' {1..86})
    # Otherwise sudo warns.
    printf '127.0.0.1 %s\n' "$(on_node cat /proc/sys/kernel/hostname)" >> "$WORK/root/etc/hosts"
    on_node useradd alice
    on_node useradd bob
    on_node usermod -aG hps-read alice
    expect_end 'visudo accepts the rule' 0 '/etc/sudoers.d/hps: parsed OK' on_node visudo -c
    expect_equal 'only root reads it' '440 root' "$(stat -c '%a %U' "$WORK/root/etc/sudoers.d/hps")"
    sed -i "0,/^\[install\]/s||[install]\nroot_password_hash = \"$hash\"|" "$WORK/root/srv/hps-config/clusters/lab.cluster"
    expect_end 'the cluster file has a hash' 0 'x' grep -F "$hash" "$WORK/root/srv/hps-config/clusters/lab.cluster"
    for command in list 'show sch-001' 'log sch-001' 'history sch-001' 'explain sch-001' pending 'window list'; do
        for _ in 1 2 3; do
            of_root=$(on_node sh -c "host-state $command" 2>&1) of_reader=$(as alice "host-state $command" 2>&1)
            # Both name ages in seconds, and a second may pass between them.
            [[ $of_root != "$of_reader" ]] || break
        done
        expect_equal "a member sees what root sees: $command" "$of_root" "$of_reader"
        expect_equal "and no secret: $command" '' "$(as alice "host-state $command; host-state $command --json" 2>&1 | grep -F "$hash")"
    done
    expect_end 'a member sees the site' 0 '1 INSTALLING' as alice hps
    expect_end 'another user does not' 3 'sudo adduser bob hps-read' as bob 'host-state list'
    expect_end 'and cannot start the program of readers' 1 'password is required' as bob 'sudo -n -u hps /usr/lib/hps/hps-read list'
    expect_end 'a member changes nothing' 3 'only root may do this' as alice 'host-state arm sch-001'
    expect_end 'also by sudo' 1 'password is required' as alice 'sudo -n -u hps /usr/lib/hps/host-state arm sch-001'
    expect_end 'also by the program of readers' 2 'unrecognized subcommand' as alice 'sudo -n -u hps /usr/lib/hps/hps-read arm sch-001'
    expect_end 'cannot read the site key' 1 'Permission denied' as alice 'cat /srv/hps-config/state/site.key'
    expect_end 'nor as hps' 1 'password is required' as alice 'sudo -n -u hps cat /srv/hps-config/state/site.key'
    expect_end 'nor have it quoted' 3 'standard input' as alice 'host-state show --hosts-from /srv/hps-config/clusters/lab.cluster'
    expect_end 'nor choose a configuration' 1 'not allowed to set' as alice 'sudo -n -u hps HPS_CONFIG=/tmp/own.conf /usr/lib/hps/hps-read list'
    expect_end 'which is as HPS has it' 0 'sch-001' as alice 'HPS_CONFIG=/tmp/own.conf sudo -n -u hps /usr/lib/hps/hps-read list'
    sed -i '/^root_password_hash/d' "$WORK/root/srv/hps-config/clusters/lab.cluster"
}

upgrade_package() {
    local before lighttpd dnsmasq
    before=$(cat "$WORK/root$REGISTRY") lighttpd=$(process lighttpd) dnsmasq=$(process dnsmasq)
    printf 'an old one\n' > "$WORK/root/srv/hps-system/http/cgi-bin/boot_manager"
    printf '# of the administrator\n' >> "$WORK/root/srv/hps-config/hps.conf"
    apt_get on_node install --no-install-recommends /new.deb
    expect_equal 'apt upgrades the package' "installed $(dpkg-deb -f "$NEW" Version)" "$(installed)"
    expect_equal 'the services run on' "$lighttpd $dnsmasq" "$(process lighttpd) $(process dnsmasq)"
    expect_equal 'the record is untouched' "$before" "$(cat "$WORK/root$REGISTRY")"
    expect_done 'lighttpd has the new boot manager' cmp "$WORK/root"/{usr/lib/hps,srv/hps-system/http/cgi-bin}/boot_manager
    expect_end 'hps.conf is not replaced' 0 'of the administrator' cat "$WORK/root/srv/hps-config/hps.conf"
    local stage
    for stage in partitioned packages configured installed; do
        expect_equal "it reports $stage" ok "$(get "cmd=event&mac=$MAC&$TOKEN&stage=$stage")"
    done
    expect_equal 'the host that was INSTALLING is INSTALLED' INSTALLED "$(state)"
    expect_end 'and starts its disk' 0 'local disk' get "cmd=boot_action&mac=$MAC"
    expect_end 'the site is shown' 0 '1 INSTALLED' on_node hps
    on_node reload --stop
    apt_get on_node install --reinstall /new.deb
    expect_equal 'an upgrade starts nothing that was stopped' '' "$(process lighttpd)"
    on_node reload || stop 'reload'
}

remove_package() {
    apt_get on_node remove hps
    expect_equal 'remove ends the services' '' "$(in_root sh -c 'cat /proc/[0-9]*/comm' | grep -E 'dnsmasq|lighttpd')"
    expect_end 'it says what it leaves' 0 '/srv/hps-config' cat "$WORK/apt.log"
    expect_equal 'the programs are gone' '' "$(in_root sh -c 'ls -d /usr/sbin/host-state /usr/lib/hps 2> /dev/null')"
    expect_done 'the registry is left' exists "$REGISTRY"
}

purge_package() {
    mkdir -p "$WORK/root/etc/systemd/system"
    printf '# Written by reload of HPS. Changes are lost.\n' > "$WORK/root/etc/systemd/system/hps-dnsmasq.service"
    printf '# of the administrator\n' > "$WORK/root/etc/systemd/system/hps-notify.service"
    apt_get on_node purge hps
    expect_done 'purge without an answer keeps the registry' exists "$REGISTRY"
    expect_end 'and says so' 0 'is kept' cat "$WORK/apt.log"
    expect_equal 'the group of readers and its rule are gone' '' "$(in_root sh -c 'getent group hps-read; ls -d /etc/sudoers.d/hps 2> /dev/null')"
    expect_equal 'it deletes the units of reload' '/etc/systemd/system/hps-notify.service' "$(in_root sh -c 'ls /etc/systemd/system/hps-*')"
    apt_get on_node install --no-install-recommends /new.deb
    expect_end 'it says how to see whether it runs' 0 'to see how the site stands: hps' cat "$WORK/apt.log"
    expect_end 'HPS that is installed again goes on with it' 0 'sch-001' on_node host-state list
    on_node reload || stop 'reload'
    mkdir -p "$WORK/root/srv/elsewhere"
    sed -i 's|/srv/hps-resources/packages|/srv/elsewhere|' "$WORK/root/srv/hps-config/hps.conf"
    printf 'of another program\n' > "$WORK/root/srv/log/other.log"
    on_node sh -c "echo 'hps hps/purge-registry boolean true' | debconf-set-selections"
    apt_get on_node purge hps
    expect_equal 'purge with the answer yes deletes it, and nothing else' $'/srv/elsewhere\n/srv/log/other.log' \
        "$(in_root sh -c 'ls -d /srv/hps-* /srv/elsewhere /srv/log/* 2> /dev/null')"
    expect_end 'a folder in another place is named' 0 'place: /srv/elsewhere' cat "$WORK/apt.log"
    expect_equal 'and no process is left' '' "$(in_root sh -c 'cat /proc/[0-9]*/comm' | grep -E 'dnsmasq|lighttpd')"
}

# life_of_the_package: the test of a release.
life_of_the_package() {
    expect_end 'lintian finds no error' 0 '' lintian --fail-on error --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$NEW" 2> /dev/null
    mkdir -p "$WORK/empty/etc"
    expect_end 'systemd accepts the user' 0 'Creating' systemd-sysusers --root="$WORK/empty" "$REPOSITORY/packaging/files/sysusers/hps.conf"
    install_package
    begin_installation
    readers
    upgrade_package
    remove_package
    purge_package
}
