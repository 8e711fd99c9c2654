# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Both boot loaders on every machine of x86-64, so that a disk starts under BIOS and UEFI; arm64 has UEFI alone. The slow work (GRUB's core image, its
# modules) was done when the image was built (build/image-finish).

# The label of our entry in the firmware's boot menu, and the label of the second disk of a mirror.
BOOT_LABEL='HPS Debian'
BOOT_LABEL_TWIN="$BOOT_LABEL, second disk"

# bootloader_start: GRUB's first sector, and its core image in the BIOS boot partition, on both disks of a mirror. It
# runs in the background, because the configuration does not depend on it.
bootloader_start() {
    if ! { mount --bind /dev "$TARGET/dev" && mount -t proc proc "$TARGET/proc" && mount -t sysfs sysfs "$TARGET/sys"; }; then
        fail "the new system's /dev, /proc and /sys cannot be mounted"
    fi
    bootloader_sectors &
    BOOTLOADER_PID=$!
}

# bootloader_has_bios: whether the image is for machines that may have a BIOS.
bootloader_has_bios() { [[ -d $TARGET/usr/lib/grub/i386-pc ]]; }

bootloader_sectors() {
    local name
    bootloader_has_bios || return 0
    for name in $(disks_system); do
        inside /usr/lib/grub/i386-pc/grub-bios-setup --skip-fs-probe --directory /boot/grub/i386-pc "/dev/$name" || return 1
    done
}

bootloader_bios() {
    wait "$BOOTLOADER_PID" || fail "the boot loader for BIOS cannot be installed on $DISK${DISK_TWIN:+ and $DISK_TWIN}"
    umount "$TARGET/sys" "$TARGET/proc" "$TARGET/dev"
    ! bootloader_has_bios || say "boot loader for BIOS installed"
}

# bootloader_uefi: Debian's signed shim and GRUB, as files. They also go to the removable path, which firmware uses when
# it has lost its entries. GRUB finds grub.cfg in EFI/debian, and through it the one on the root file system.
bootloader_uefi() {
    local dir efi=$TARGET/boot/efi/EFI grub=$TARGET/usr/lib/grub/x86_64-efi-signed
    # What UEFI calls the processor (UEFI specification, "Removable Media Boot Behavior").
    EFI_CPU=x64
    if [[ -e $TARGET/usr/lib/shim/shimaa64.efi.signed ]]; then EFI_CPU=aa64 grub=$TARGET/usr/lib/grub/arm64-efi-signed; fi
    mkdir -p "$efi/debian" "$efi/BOOT"
    for dir in debian BOOT; do
        efi_copy "$TARGET/usr/lib/shim/shim$EFI_CPU.efi.signed" "$dir/shim$EFI_CPU.efi"
        efi_copy "$TARGET/usr/lib/shim/mm$EFI_CPU.efi.signed" "$dir/mm$EFI_CPU.efi"
        efi_copy "$grub/grub$EFI_CPU.efi.signed" "$dir/grub$EFI_CPU.efi"
    done
    mv "$efi/BOOT/shim$EFI_CPU.efi" "$efi/BOOT/BOOT${EFI_CPU^^}.EFI" || fail "the boot loader for UEFI cannot be put on the removable path"
    # shellcheck disable=SC2016 # The dollar signs are GRUB's.
    printf 'search.fs_uuid %s root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n' "$UUID_ROOT" |
        put boot/efi/EFI/debian/grub.cfg
    if [[ -d /sys/firmware/efi/efivars ]]; then
        boot_order_set
    fi
    say "boot loader for UEFI installed"
}

# efi_copy FROM TO: one file to its place under EFI/.
efi_copy() {
    cp "$1" "$TARGET/boot/efi/EFI/$2" || fail "the boot loader for UEFI cannot be copied (${1##*/})"
}

# boot_order_set: an entry for each disk that the system starts from, and its position in the order. If the firmware
# accepts no entries, the removable path is enough, so this does not fail.
boot_order_set() {
    local entry ours
    for entry in $(boot_entries "$BOOT_LABEL") $(boot_entries "$BOOT_LABEL_TWIN"); do
        efibootmgr --quiet --delete-bootnum --bootnum "$entry"
    done
    if ! { boot_entry_add "$DISK" "$BOOT_LABEL" && { [[ -z $DISK_TWIN ]] || boot_entry_add "$DISK_TWIN" "$BOOT_LABEL_TWIN"; }; }; then
        say "the firmware accepts no boot entry; its removable path is used"
        return
    fi
    ours=$(boot_entries "$BOOT_LABEL" && boot_entries "$BOOT_LABEL_TWIN")
    # shellcheck disable=SC2086  # numbers
    boot_order_put $ours
}

# boot_entry_add DISK LABEL
boot_entry_add() {
    efibootmgr --quiet --create --disk "$1" --part 2 --label "$2" --loader "\\EFI\\debian\\shim$EFI_CPU.efi"
}
