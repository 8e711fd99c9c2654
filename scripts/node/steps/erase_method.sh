# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How one disk is erased: by what the disk itself can do, otherwise by zeros. After each method the disk is verified
# (erase_verify.sh), and the next method follows if the verification finds content of before. The methods, by
# specification: NVMe Format and Sanitize (NVM Express Base Specification), ATA Security Erase Unit (ACS-4), discard
# (blkdiscard(8)).

# The method, and what should be known of it: methods that did not work.
ERASE_METHOD=none ERASE_NOTE=''
# Overwriting writes so much at once, and reports so often.
: "${ERASE_STEP_MIB:=256}" "${ERASE_PROGRESS_SECONDS:=60}"

# erase_by_method NAME BYTES: tries the methods in their order. Returns 1 if none erased the disk.
erase_by_method() {
    local name=$1 bytes=$2 method
    ERASE_NOTE='' ERASE_METHOD=none
    for method in $(erase_methods "$name") overwrite; do
        ERASE_METHOD=$method
        say "method $method for disk /dev/$name"
        erase_report progress message "disk /dev/$name: $method" || say "the progress could not be reported (status $HPS_STATUS)"
        if ! "erase_with_${method//-/_}" "$name" "$bytes"; then
            # Most disks have no secure discard, and only an attempt shows it.
            [[ $method == secure-discard ]] || erase_note "$method did not work"
            continue
        fi
        erase_forget_cache "$name"
        erase_verify "$name" "$bytes"
        case $ERASE_VERIFIED in
            zeroes) return 0 ;;
            # A new key makes other bytes of the old ones. After zeros were written, other bytes are an error.
            changed) case $method in nvme* | ata* | secure*) return 0 ;; esac ;;
        esac
        erase_note "after $method content was found"
    done
    return 1
}

erase_note() {
    say "$1"
    ERASE_NOTE+="${ERASE_NOTE:+, }$1"
}

# erase_methods NAME: what the disk reports that it can do, the best first.
erase_methods() {
    case $1 in nvme*) erase_nvme_methods "$1" ;; *) erase_ata_methods "$1" ;; esac
    printf '%s\n' secure-discard
    # Zeros are read after a discard only if the disk says so; the verification looks.
    [[ $(sys_read "$SYS/block/$1/queue/discard_max_bytes") =~ ^0*$ ]] || printf '%s\n' discard
}

# erase_nvme_field TEXT NAME: a number of `nvme id-ctrl`.
erase_nvme_field() {
    local value
    value=$(sed -n "s/^$2 *: *//p" <<< "$1")
    [[ $value =~ ^(0x[0-9a-fA-F]+|[0-9]+)$ ]] && printf '%d' "$value"
}

# erase_nvme_methods NAME: Format (OACS bit 1), with a change of the key (FNA bit 2). A controller whose Format takes all
# its namespaces (FNA bits 0 and 1) must have only this one. Sanitize (SANICAP) takes the whole subsystem likewise.
erase_nvme_methods() {
    local text oacs fna sanicap controller=${1%n[0-9]*} count own
    # The number in the name of a disk is that of its subsystem, and a controller of another disk may have the same one.
    own=$(sys_read "$SYS/block/$1/device/serial") && [[ -n $own ]] || return 0
    [[ $own == "$(sys_read "$SYS/class/nvme/$controller/serial")" ]] || return 0
    text=$(nvme id-ctrl "/dev/$controller") || return 0
    oacs=$(erase_nvme_field "$text" oacs) || oacs=0
    fna=$(erase_nvme_field "$text" fna) || fna=0
    sanicap=$(erase_nvme_field "$text" sanicap) || sanicap=0
    count=$(nvme list-ns --all "/dev/$controller" 2> /dev/null | grep -c '^\[') || count=0
    # The namespaces that exist are not always known; then only those count that Linux shows.
    ((count > 0)) || count=$(disk_names | grep -c "^${controller}n")
    if ((oacs & 2)) && { ((count == 1)) || ! ((fna & 3)); }; then
        ! ((fna & 4)) || printf '%s\n' nvme-format-crypto
        printf '%s\n' nvme-format
    fi
    ((count == 1)) || return 0
    ! ((sanicap & 1)) || printf '%s\n' nvme-sanitize-crypto
    ! ((sanicap & 2)) || printf '%s\n' nvme-sanitize
}

# (Newer versions of nvme-cli wait ten seconds for a person without --force. It changes no size of blocks.)
erase_with_nvme_format_crypto() { nvme format "/dev/$1" --ses=2 --force --timeout=14400000; }
erase_with_nvme_format() { nvme format "/dev/$1" --ses=1 --force --timeout=14400000; }
erase_with_nvme_sanitize_crypto() { erase_nvme_sanitize "$1" 4; }
erase_with_nvme_sanitize() { erase_nvme_sanitize "$1" 2; }

# erase_nvme_sanitize NAME ACTION: begins it and waits for its end; the low three bits of its status are 1 then.
erase_nvme_sanitize() {
    local controller=${1%n[0-9]*} status started=$SECONDS
    nvme sanitize "/dev/$controller" --sanact="$2" || return 1
    while ((SECONDS - started < 14400)); do
        sleep 5
        status=$(nvme sanitize-log "/dev/$controller" | sed -n 's/.*(SSTAT) *: *//p') || return 1
        [[ $status =~ ^(0x[0-9a-fA-F]+|[0-9]+) ]] || return 1
        case $((BASH_REMATCH[1] & 7)) in
            1) return 0 ;;
            2) ;;
            *) return 1 ;;
        esac
    done
    return 1
}

# erase_ata_methods NAME: the security feature set, if it is supported, not enabled, not locked and not frozen.
erase_ata_methods() {
    local text
    [[ $(disk_bus "$1") == ata ]] || return 0
    text=$(hdparm -I "/dev/$1" 2> /dev/null | sed -n '/^Security:/,/^[^[:space:]]/p' | tr '\t' ' ' | tr -s ' ') || return 0
    if [[ $text == *$'\n not supported\n'* || $text != *$'\n supported\n'* ]]; then return 0; fi
    if [[ $text != *$'\n not frozen'* ]]; then
        say "the security of disk /dev/$1 is frozen by the firmware, so it has no ATA secure erase" >&2
        return 0
    fi
    [[ $text == *$'\n not enabled'* && $text == *$'\n not locked'* ]] || return 0
    [[ $text != *$'\n supported: enhanced erase'* ]] || printf '%s\n' ata-enhanced-erase
    printf '%s\n' ata-secure-erase
}

erase_with_ata_enhanced_erase() { erase_ata "$1" --security-erase-enhanced; }
erase_with_ata_secure_erase() { erase_ata "$1" --security-erase; }

# erase_ata NAME COMMAND: the password is only for this command, and the erase removes it. If the erase fails, it is
# removed here: a disk with a password is lost after it was switched off.
erase_ata() {
    hdparm --user-master u --security-set-pass HPS "/dev/$1" || return 1
    hdparm --user-master u "$2" HPS "/dev/$1" && return 0
    hdparm --user-master u --security-disable HPS "/dev/$1" ||
        erase_note "the disk may be locked with the password HPS: hdparm --user-master u --security-disable HPS"
    return 1
}

erase_with_secure_discard() { blkdiscard --force --secure "/dev/$1"; }
erase_with_discard() { blkdiscard --force "/dev/$1"; }

# erase_with_overwrite NAME BYTES: zeros in pieces, each of which must be on the disk.
erase_with_overwrite() {
    local mib=$(($2 / 1048576)) at=0 rest=$(($2 % 1048576)) count told=$SECONDS
    while ((at < mib)); do
        count=$((mib - at))
        ((count <= ERASE_STEP_MIB)) || count=$ERASE_STEP_MIB
        dd if=/dev/zero of="/dev/$1" bs=1M seek="$at" count="$count" conv=notrunc,fsync 2> /dev/null || return 1
        at=$((at + count))
        ((SECONDS - told >= ERASE_PROGRESS_SECONDS)) || continue
        told=$SECONDS
        say "disk /dev/$1: $((at * 100 / mib)) % overwritten"
        erase_report progress message "disk /dev/$1: $((at * 100 / mib)) % overwritten" || say "the progress could not be reported (status $HPS_STATUS)"
    done
    ((rest == 0)) || dd if=/dev/zero of="/dev/$1" bs=512 seek=$((mib * 2048)) count=$((rest / 512)) conv=notrunc,fsync 2> /dev/null
}

# erase_forget_cache NAME: what is read next comes from the disk. The partitions of before are gone.
erase_forget_cache() {
    blockdev --flushbufs "/dev/$1"
    blockdev --rereadpt "/dev/$1" 2> /dev/null
    return 0
}
