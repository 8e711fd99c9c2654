# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The host's own settings, written into the unpacked image: who it is, its network, who may log in, how it starts.
# Secrets of the machine (host keys, machine id, random seed) are made here and nowhere else.

# put FILE [MODE]: standard input becomes a file of the target. Not for the end of a pipe, where a failure would end
# only that part.
put() {
    local path
    # Links are resolved as the new system would: from here an absolute link would lead out of it.
    path=$TARGET$(inside realpath --canonicalize-missing -- "/$1" < /dev/null)
    if ! { [[ $path != "$TARGET" ]] && mkdir -p "${path%/*}" && cat > "$path" && chmod "${2:-0644}" "$path"; }; then
        fail "the file /$1 of the new system cannot be written"
    fi
}

# inside COMMAND...: runs a program of the new system.
inside() {
    chroot "$TARGET" "$@"
}

configure_identity() {
    local name=${ANSWER[host_name]} fqdn=${ANSWER[host_name]}.${ANSWER[domain]} id
    put etc/hostname <<< "$name"
    put etc/hosts << END
127.0.0.1 localhost
${ANSWER[address]%%/*} $fqdn $name
::1 localhost ip6-localhost ip6-loopback
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
END
    id=$(< /proc/sys/kernel/random/uuid)
    put etc/machine-id 0444 <<< "${id//-/}"
    put var/lib/systemd/random-seed 0600 < <(head -c 512 /dev/urandom)
    [[ -f $TARGET/usr/share/zoneinfo/${ANSWER[timezone]} ]] || fail "the image has no time zone ${ANSWER[timezone]}"
    ln -sf "/usr/share/zoneinfo/${ANSWER[timezone]}" "$TARGET/etc/localtime"
    put etc/timezone <<< "${ANSWER[timezone]}"
    put etc/fstab << END
# <file system> <mount point> <type> <options> <dump> <pass>
UUID=$UUID_ROOT / ext4 errors=remount-ro 0 1
UUID=$UUID_EFI /boot/efi vfat umask=0077 0 1
UUID=$UUID_SWAP none swap sw 0 0
END
}

# configure_keyboard: Debian's systemd reads no vconsole.conf; keyboard-setup.service loads what setupcon stores in
# /etc/console-setup.
configure_keyboard() {
    put etc/default/keyboard << END
# Made by HPS when this host was installed; then as keyboard(5) has it: dpkg-reconfigure keyboard-configuration
XKBMODEL="pc105"
XKBLAYOUT="${ANSWER[keyboard]}"
XKBVARIANT=""
XKBOPTIONS=""
BACKSPACE="guess"
END
    # The stored layout of the image. setupcon keeps one that is newer than the file, which happens if the clock of this
    # machine is behind.
    rm -f "$TARGET"/etc/console-setup/cached_*.kmap.gz
    inside setupcon --save-only < /dev/null || fail "the image has no keyboard layout ${ANSWER[keyboard]}"
}

# configure_files: the files that the boot manager made: the network, the firewall, what the type needs.
configure_files() {
    local place mode path
    for place in "${!ANSWER_FILES[@]}"; do
        read -r mode path <<< "${ANSWER_FILES[place]}"
        [[ $mode != SCRIPT ]] || continue
        put "$path" "$mode" < <(printf '%s' "${ANSWER_TEXTS[place]}")
    done
}

configure_services() {
    local unit
    for unit in "${ANSWER_SERVICES[@]}"; do
        inside systemctl --quiet enable "$unit" || fail "the unit $unit cannot be enabled: the image may lack its package; build it again"
    done
}

# configure_packages: the packages of site profiles came with the image, unless it is older than the profile.
configure_packages() {
    local package release found status
    release=$(sed -n 's/^VERSION_ID="\(.*\)"$/\1/p' "$TARGET/etc/os-release")
    for package in "${ANSWER_PACKAGES[@]}"; do
        status=0
        # shellcheck disable=SC2016 # The dollar sign is dpkg-query's.
        found=$(inside dpkg-query --show --showformat '${db:Status-Status}' "$package") || status=$?
        # 1: no such package.
        ((status <= 1)) || fail "the packages of the image cannot be listed: dpkg-query ended with status $status"
        [[ $found == installed ]] ||
            fail "the image lacks the package $package of a site profile: run build-image --distro $(uname -m)-linux-debian-$release on the provisioning node, then arm this host again"
    done
}

# configure_scripts: the scripts of the site, as root in the new system, with some facts in their environment.
configure_scripts() {
    local place name script=root/hps-script
    for place in "${!ANSWER_FILES[@]}"; do
        [[ ${ANSWER_FILES[place]} == 'SCRIPT '* ]] || continue
        name=${ANSWER_FILES[place]#SCRIPT }
        put "$script" 0700 < <(printf '%s' "${ANSWER_TEXTS[place]}")
        say "site script $name"
        inside env HPS_CLUSTER="${ANSWER[cluster]}" HPS_HOST_NAME="${ANSWER[host_name]}" HPS_DOMAIN="${ANSWER[domain]}" \
            HPS_TYPE="${ANSWER[host_type]}" HPS_PROFILE="${ANSWER[profile]}" HPS_ADDRESS="${ANSWER[address]%%/*}" \
            HPS_MAC="$(colons "$HPS_MAC")" "/$script" < /dev/null ||
            fail "the script $name of the site ended with status $?"
        rm -f "$TARGET/$script"
    done
}

configure_users() {
    local user=${ANSWER[admin_user]} home key ssh_key
    if [[ ${ANSWER[root_password]} != '!' ]]; then
        printf 'root:%s\n' "${ANSWER[root_password]}" | inside chpasswd --encrypted || fail "root's password cannot be set"
    fi
    home=root
    if [[ $user != root ]]; then
        home=home/$user
        inside useradd --create-home --shell /bin/bash --groups sudo "$user" || fail "the user $user cannot be made (the image may have one of that name)"
        put etc/sudoers.d/hps-admin 0440 <<< "$user ALL=(ALL:ALL) NOPASSWD: ALL"
    fi
    mkdir -p "$TARGET/$home/.ssh"
    chmod 0700 "$TARGET/$home/.ssh"
    put "$home/.ssh/authorized_keys" 0600 < <(for key in "${ANSWER_SSH_KEYS[@]}"; do printf '%s\n' "$key"; done)
    inside chown -R "$user:" "/$home/.ssh" || fail "the ssh keys of $user cannot be given to it"
    # Only Ed25519: every client of the last ten years supports it, and an RSA key takes many seconds on a slow machine.
    ssh_key=$TARGET/etc/ssh/ssh_host_ed25519_key
    rm -f "$TARGET"/etc/ssh/ssh_host_*
    inside ssh-keygen -q -t ed25519 -N '' -C "root@${ANSWER[host_name]}" -f /etc/ssh/ssh_host_ed25519_key ||
        fail "the ssh host key cannot be made"
    HOST_KEY=$(cut -d ' ' -f 1,2 "$ssh_key.pub")
    say "ssh host key $HOST_KEY"
}

# configure_boot: the kernel's command line and GRUB's menu, for this start and for every later `update-grub`.
configure_boot() {
    local console cmdline='' speed='' unit='' kernel version terminal=console
    for console in "${ANSWER_CONSOLES[@]}"; do
        cmdline+=" console=$console"
        [[ $console =~ ^ttyS([0-9]),?([0-9]*) ]] && unit=${BASH_REMATCH[1]} speed=${BASH_REMATCH[2]:-9600}
    done
    cmdline+=" ${ANSWER_ARGUMENTS[*]}"
    cmdline=${cmdline# } cmdline=${cmdline% }
    [[ -z $unit ]] || terminal='console serial'
    put etc/default/grub.d/hps.cfg < <(
        printf '# Made by HPS when this host was installed.\n'
        printf 'GRUB_TIMEOUT=2\nGRUB_CMDLINE_LINUX_DEFAULT=""\nGRUB_CMDLINE_LINUX="%s"\nGRUB_DISABLE_OS_PROBER=true\n' "$cmdline"
        [[ -z $unit ]] || printf 'GRUB_TERMINAL="%s"\nGRUB_SERIAL_COMMAND="serial --unit=%s --speed=%s"\n' "$terminal" "$unit" "$speed"
    )
    kernel=$(echo "$TARGET"/boot/vmlinuz-*)
    [[ -f $kernel ]] || fail "the image has no kernel, or several"
    version=${kernel##*/vmlinuz-}
    put boot/grub/grub.cfg 0600 < <(
        printf '# Made by HPS when this host was installed; the next update-grub replaces it.\nset timeout=2\nset default=0\n'
        [[ -z $unit ]] || printf 'serial --unit=%s --speed=%s\nterminal_input %s\nterminal_output %s\n' "$unit" "$speed" "$terminal" "$terminal"
        printf 'search --no-floppy --fs-uuid --set=root %s\n' "$UUID_ROOT"
        printf 'menuentry "Debian GNU/Linux" {\n  linux /boot/vmlinuz-%s root=UUID=%s ro %s\n  initrd /boot/initrd.img-%s\n}\n' \
            "$version" "$UUID_ROOT" "$cmdline" "$version"
        printf 'menuentry "Debian GNU/Linux (recovery)" {\n  linux /boot/vmlinuz-%s root=UUID=%s ro single %s\n  initrd /boot/initrd.img-%s\n}\n' \
            "$version" "$UUID_ROOT" "$cmdline" "$version"
    )
}

colons() {
    printf '%s' "${1:0:2}:${1:2:2}:${1:4:2}:${1:6:2}:${1:8:2}:${1:10:2}"
}
