# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The kernel's command line, as the boot manager's iPXE script wrote it: words `hps.NAME=value`. Each value is checked;
# a bad one counts as absent, and the step that needs it reports that.

HPS_MODE='' HPS_URL='' HPS_MAC='' HPS_TICKET='' NODE_ADDRESS='' NODE_GATEWAY=''

read_cmdline() {
    local word value
    local -a words
    read -r -a words < /proc/cmdline
    for word in "${words[@]}"; do
        value=${word#*=}
        case $word in
            hps.mode=*) [[ $value =~ ^(install|rescue|task|erase)$ ]] && HPS_MODE=$value ;;
            hps.url=*) is_url "$value" && HPS_URL=$value ;;
            hps.mac=*) [[ $value =~ ^[0-9a-f]{12}$ ]] && HPS_MAC=$value ;;
            hps.ticket=*) [[ $value =~ ^[0-9a-z.-]{1,256}$ ]] && HPS_TICKET=$value ;;
            hps.ip=*) is_address_with_prefix "$value" && NODE_ADDRESS=$value ;;
            hps.gateway=*) is_address "$value" && NODE_GATEWAY=$value ;;
        esac
    done
}

is_url() { [[ ${#1} -le 512 && $1 =~ ^http://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$ ]]; }
is_address() {
    local octet
    local -a octets
    [[ $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || return 1
    IFS=. read -r -a octets <<< "$1"
    for octet in "${octets[@]}"; do
        ((10#$octet <= 255)) || return 1
    done
}
is_address_with_prefix() {
    local prefix=${1#*/}
    [[ $1 == */* && $prefix =~ ^[0-9]{1,2}$ ]] && ((10#$prefix <= 32)) && is_address "${1%%/*}"
}
