# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A node that has HPS from its Debian package alone, in a fresh root of a release: configured by a script, it builds the image, and a
# machine is installed by it, while the package of the commit before is upgraded to that of this commit. The machine, whose network has no
# way out, then takes a package and an update from the node. At last another root becomes the node, from an export and without a way out, and
# the machine boots its disk there. Nothing of the checkout is used on the node. The root is LAB_DIR/site, so the lab's functions find its files; mounts and processes are in namespaces of the test.
# HPS_PACKAGE_BEFORE: a package to begin with, instead of one that is built from the commit before.

# shellcheck source=install.sh
. "${BASH_SOURCE[0]%/*}/install.sh"

# on_node COMMAND...: in the root, in the lab's network.
on_node() { in_network env -i PATH="$PATH" LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive chroot "$LAB_DIR/site" "$@" < /dev/null; }

# in_root COMMAND...: in the root, with this machine's network.
in_root() { env -i PATH="$PATH" LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive chroot "$LAB_DIR/site" "$@" < /dev/null 9>&-; }

hps() { on_node "$@"; }
hps_outside() { in_root "$@"; }

# The lab of the case is a new root with the older package in it, and no cluster yet.
site_new() {
    rm -rf --one-file-system -- "$LAB_DIR/site" "$LAB_DIR/site-before"
    run_logged "$LAB_DIR/log/$CASE-package.log" packages_build || exit 1
    run_logged "$LAB_DIR/log/$CASE-root.log" root_make || exit 1
    run_logged "$LAB_DIR/log/$CASE-install.log" package_install before || exit 1
}

# packages_build: packages/before.deb of the commit before and packages/now.deb of this checkout.
packages_build() {
    local sources=$LAB_DIR/before packages=$LAB_DIR/packages before=${HPS_PACKAGE_BEFORE:-} now
    rm -rf -- "$sources" "$packages"
    mkdir -p "$sources" "$packages"
    if [[ -z $before ]]; then
        as_owner git -C "$REPOSITORY" archive HEAD~1 | tar -x -C "$sources"
        before=$(CARGO_TARGET_DIR=$LAB_DIR/before-target "$sources/scripts/package" --output "$packages")
    fi
    now=$("$REPOSITORY/scripts/package" --programs "$PROGRAMS" --output "$packages")
    cp "$before" "$packages/before.deb"
    cp "$now" "$packages/now.deb"
}

root_make() {
    local mirror=http://deb.debian.org/debian
    mmdebstrap --quiet --variant=apt --skip=cleanup/apt/lists "$SUITE" "$LAB_DIR/site" \
        "deb $mirror $SUITE main" "deb $mirror $SUITE-updates main" "deb $mirror-security $SUITE-security main"
    rm -f "$LAB_DIR/site/usr/sbin/policy-rc.d"
    # A rehearsal makes mounts private, which needs a root that is one.
    mount --bind "$LAB_DIR/site" "$LAB_DIR/site"
    mount -t proc proc "$LAB_DIR/site/proc"
    mount -t tmpfs -o mode=0755 tmpfs "$LAB_DIR/site/run"
    mount --rbind /dev "$LAB_DIR/site/dev"
    cp /etc/resolv.conf "$LAB_DIR/site/etc/resolv.conf"
    cp "$LAB_DIR"/packages/{before,now}.deb "$LAB_DIR/site/"
    cp "$LAB_DIR/ssh/key.pub" "$LAB_DIR/site/root/key.pub"
}

# package_install NAME: packages/NAME.deb with all that it wants, in the root.
package_install() { in_root apt-get -q -y -o Dpkg::Use-Pty=0 install "/$1.deb"; }

# site_up: what an administrator's script does.
site_up() {
    on_node cluster-configure --yes --name "$LAB_CLUSTER" --interface "$LAB_BRIDGE" --address "$LAB_ADDRESS" --domain "$LAB_DOMAIN" \
        --ssh-key-file /root/key.pub --console ttyS0,115200n8 --enrolment armed --type "SCH=$DEBIAN"
}

site_stop() { [[ ! -x $LAB_DIR/site/usr/sbin/reload ]] || on_node reload --stop > /dev/null || say "      reload --stop failed"; }

# version_of NAME: of packages/NAME.deb.
version_of() { dpkg-deb -f "$LAB_DIR/packages/$1.deb" Version; }

package_version() {
    # shellcheck disable=SC2016  # expanded by dpkg-query
    in_root dpkg-query -W -f '${db:Status-Status} ${Version}' hps
}

# upgrade_in_mid_installation MAC: the package is upgraded while the machine is INSTALLING.
upgrade_in_mid_installation() {
    case_until case_state "$1" INSTALLING || case_fail "the machine does not begin its installation"
    run_logged "$LAB_DIR/log/$CASE-upgrade.log" on_node apt-get -q -y -o Dpkg::Use-Pty=0 --no-install-recommends install /now.deb ||
        case_fail "apt does not upgrade the package"
    expect_equal "the package is upgraded" "installed $(version_of now)" "$(package_version)"
    expect_equal "the host is still INSTALLING then" INSTALLING "$(site_value "$1" state)"
}

packaged_case() {
    SUITE=$1
    if [[ ! ${HPS_PACKAGED:-} ]]; then
        ((EUID == 0)) || { printf 'this needs root: run it again with sudo\n' >&2; exit 1; }
        HPS_PACKAGED=1 exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private -- "$0"
    fi
    # shellcheck disable=SC2034  # read by case_open
    TEST_TYPES=(SCH)
    case_open "packaged-$SUITE"
    local mac=52:54:00:48:50:71
    expect_equal "the package of the commit before is installed" "installed $(version_of before)" "$(package_version)"
    expect "it is not the one of this commit" test "$(version_of before)" != "$(version_of now)"
    site_package 1.0
    repository --package tree
    repository /agent_1.0_all.deb
    case_machine bios "$mac"
    disk_blank "$(machine_disk "$MACHINE")" 12G
    machine_start "$MACHINE"
    upgrade_in_mid_installation "$mac"
    # shellcheck disable=SC2034  # read by run_shown, by name
    local -a still_on=(machine_alive "$MACHINE")
    run_shown "$LAB_DIR/log/$MACHINE-watch.log" still_on hps host-state watch "$mac" --until INSTALLED --timeout "$INSTALL_TIMEOUT" ||
        case_fail "the machine did not become INSTALLED"
    expect_equal "host-state says INSTALLED" INSTALLED "$(site_value "$mac" state)"
    ssh_wait "$MACHINE" "$(case_address "$mac")" || case_fail "ssh does not answer"
    check_installed "$mac"
    day_after
    power_cycle "$mac"
    move_to_another_root "$mac"
    power_cycle "$mac"
    remove_and_purge
    case_close
}

# site_package VERSION: a package of the site, /agent_VERSION_all.deb on the node.
site_package() {
    local tree=$LAB_DIR/site/agent
    mkdir -p "$tree/DEBIAN" "$tree/usr/share/agent"
    printf 'Package: agent\nVersion: %s\nArchitecture: all\nMaintainer: Site <root@localhost>\nDescription: an agent\n' "$1" > "$tree/DEBIAN/control"
    printf '%s\n' "$1" > "$tree/usr/share/agent/version"
    in_root dpkg-deb --root-owner-group --build /agent "/agent_$1_all.deb" > /dev/null
}

# repository ARGUMENT...: what the administrator of the node publishes for Debian hosts.
repository() {
    run_logged "$LAB_DIR/log/$CASE-repository.log" in_root build-repository --distro "$DEBIAN" "$@" || case_fail "build-repository $*"
}

# day_after: the installed machine takes packages and updates from the node alone.
day_after() {
    expect "the machine has no way out" grep -qv default <<< "x $(inside 'ip -4 route show default')"
    expect "apt accepts the node's repository" inside 'sudo apt-get -q update --error-on=any' > /dev/null
    expect "a package of Debian comes from the node" inside 'sudo apt-get -q -y install tree && tree --version' > /dev/null
    expect "and one of the site" inside 'sudo apt-get -q -y install agent' > /dev/null
    expect_equal "in its first version" 1.0 "$(inside 'cat /usr/share/agent/version')"
    site_package 1.1
    repository /agent_1.1_all.deb
    expect "an upgrade reads the new lists" inside 'sudo apt-get -q update --error-on=any && sudo apt-get -q -y upgrade' > /dev/null
    expect_equal "and has the update" 1.1 "$(inside 'cat /usr/share/agent/version')"
}

# move_to_another_root MAC: the whole site goes into one file, and into a root that never had HPS.
move_to_another_root() {
    local before started
    before=$(on_node host-state list --json)
    started=$(date +%s)
    run_logged "$LAB_DIR/log/$CASE-export.log" on_node cluster-configure export /site.tar.zst --media || case_fail "the site cannot be exported"
    say "  export: $(($(date +%s) - started)) s, $(($(stat -c %s "$LAB_DIR/site/site.tar.zst") >> 20)) MiB"
    run_logged "$LAB_DIR/log/$CASE-rehearse.log" on_node cluster-configure rehearse /site.tar.zst || case_fail "the drill fails"
    site_stop
    umount --recursive --lazy "$LAB_DIR/site"
    mv "$LAB_DIR/site" "$LAB_DIR/site-before"
    run_logged "$LAB_DIR/log/$CASE-root.log" root_make || case_fail "no second root"
    run_logged "$LAB_DIR/log/$CASE-install.log" package_install now || case_fail "no package in the second root"
    cp "$LAB_DIR/site-before/site.tar.zst" "$LAB_DIR/site/"
    started=$(date +%s)
    run_logged "$LAB_DIR/log/$CASE-import.log" on_node cluster-configure import /site.tar.zst --yes || case_fail "the site cannot be imported"
    say "  import, and services that run: $(($(date +%s) - started)) s"
    expect_equal "the other node has the same hosts" "$before" "$(on_node host-state list --json)"
    expect_equal "and the same images" "$(images_of site-before)" "$(images_of site)"
}

# images_of ROOT: the files of its images; locks are not of the site.
images_of() { (cd "$LAB_DIR/$1/srv/hps-resources/distros" && find . -type f ! -name '.*' | sort); }

# remove_and_purge: what they leave is what docs/guide/removal.md says.
remove_and_purge() {
    machines_stop
    run_logged "$LAB_DIR/log/$CASE-remove.log" on_node apt-get -q -y -o Dpkg::Use-Pty=0 remove hps || case_fail "apt does not remove the package"
    expect_equal "remove ends the services" '' "$(pgrep -x dnsmasq; pgrep -x lighttpd)"
    expect "it leaves the registry" test -e "$LAB_DIR/site/srv/hps-config/clusters/$LAB_CLUSTER.cluster"
    on_node sh -c "echo 'hps hps/purge-registry boolean true' | debconf-set-selections"
    run_logged "$LAB_DIR/log/$CASE-purge.log" on_node apt-get -q -y -o Dpkg::Use-Pty=0 purge hps || case_fail "apt does not purge the package"
    expect_equal "purge with the answer yes leaves nothing" '' "$(find "$LAB_DIR/site/srv" -mindepth 1 -maxdepth 1 -name 'hps-*')"
}
