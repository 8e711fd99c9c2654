# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The image. It is fetched while the disk is checked and partitioned, and opened only if its size and SHA-256 are those
# of the answer file. If memory allows, it is also decompressed in memory meanwhile, so that unpacking, the longest
# step, does not wait. With less memory it is decompressed while it is unpacked. With still less it is stored on the new
# root.

IMAGE_FILE='' IMAGE_TAR='' IMAGE_PID=''
IMAGE_TRIES=9
# The memory that the rest of the installation needs, besides what is stored in memory.
IMAGE_SPARE_KIB=393216

# image_download_start: begins to fetch into memory, in the background, if there is room.
image_download_start() {
    local name kib rest available=0 size=${ANSWER[image_size]} unpacked=${ANSWER[image_unpacked]}
    while read -r name kib rest; do
        [[ $name == MemAvailable: ]] && available=$((kib - IMAGE_SPARE_KIB))
    done < /proc/meminfo
    if ((available < size / 1024)); then
        say "too little memory: the image will be stored on the disk while it is checked"
        return
    fi
    IMAGE_FILE=/run/hps/image/image.tar.zst
    if ((available >= (size + unpacked) / 1024)); then
        IMAGE_TAR=/run/hps/image/image.tar
        size=$((size + unpacked))
    fi
    mkdir -p /run/hps/image
    mount -t tmpfs -o "size=$((size + 1048576))" tmpfs /run/hps/image || fail "no memory file system can be mounted"
    { image_download && image_expand; } &
    IMAGE_PID=$!
}

# image_download: leaves the digest of what it wrote in /run/hps/image.sha256. Each try starts again. The file is
# written and then read again, because a pipe between two programs costs more than both on an emulated processor.
image_download() {
    local try
    for ((try = 1; try <= IMAGE_TRIES; try++)); do
        ((try == 1)) || sleep $((try * 2))
        curl --silent --show-error --fail --globoff --noproxy '*' --max-redirs 0 --connect-timeout 10 \
            --speed-limit 1000 --speed-time 60 --max-filesize "${ANSWER[image_size]}" \
            --output "$IMAGE_FILE" -- "${ANSWER[image_url]}" || continue
        [[ $(stat -c %s "$IMAGE_FILE") == "${ANSWER[image_size]}" ]] || continue
        sha256sum "$IMAGE_FILE" > /run/hps/image.sha256
        # A complete file with another digest does not improve by another try.
        image_verified && return 0
        return 2
    done
    return 1
}

# image_expand: decompresses what was just verified, if there is room.
image_expand() {
    [[ -n $IMAGE_TAR ]] || return 0
    zstd --quiet --decompress --rm "$IMAGE_FILE" -o "$IMAGE_TAR" || return 3
}

image_verified() {
    local digest rest
    read -r digest rest < /run/hps/image.sha256
    [[ $digest == "${ANSWER[image_sha256]}" && $(stat -c %s "$IMAGE_FILE") == "${ANSWER[image_size]}" ]]
}

# image_download_wait: afterwards the image of the answer file is there and verified.
image_download_wait() {
    if [[ -z $IMAGE_PID ]]; then
        IMAGE_FILE=$TARGET/.hps-image.tar.zst
        image_download &
        IMAGE_PID=$!
    fi
    wait "$IMAGE_PID"
    case $? in
        0) ;;
        2) fail "the image does not have the digest of the answer file: build it again on the provisioning node, or find out what changes it on its way" ;;
        3) fail "the image has the right digest but cannot be decompressed: build it again on the provisioning node" ;;
        *) fail "the complete image cannot be fetched from ${ANSWER[image_url]}: look at the provisioning node's web server" ;;
    esac
    say "image fetched and verified (${ANSWER[image_size]} bytes)"
}

image_unpack() {
    # Large blocks: with tar's own 10 KiB it needs half as long again.
    local -a tar=(tar --extract --blocking-factor=512 --directory "$TARGET" --numeric-owner --xattrs --xattrs-include='*')
    if [[ -n $IMAGE_TAR ]]; then
        "${tar[@]}" --file "$IMAGE_TAR" || fail "the image cannot be unpacked on $PART_ROOT"
        umount /run/hps/image
    else
        zstd --quiet --decompress --stdout "$IMAGE_FILE" | "${tar[@]}" || fail "the image cannot be unpacked on $PART_ROOT"
        rm -f "$IMAGE_FILE"
    fi
    say "image unpacked"
}
