# SPDX-License-Identifier: GPL-3.0-or-later
#
# The image of HPS: docs/guide/container.md. The first stages build the Debian package, the last one installs it.
# BASE may be any Debian 12, also by digest. APT_MIRROR, APT_SECURITY_MIRROR and CARGO_REGISTRY replace the addresses
# of Debian and crates.io; they stay in the image's history, so give none with a password.
ARG BASE=debian:12-slim

# hadolint ignore=DL3006
FROM ${BASE} AS base
SHELL ["/bin/bash", "-eu", "-o", "pipefail", "-c"]
ARG APT_MIRROR=""
ARG APT_SECURITY_MIRROR=""
RUN sources=$(ls -d /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2> /dev/null || true); \
    for file in $sources; do \
        [ -z "$APT_SECURITY_MIRROR" ] || sed -i "s|https\?://[^ ]*/debian-security/\?|$APT_SECURITY_MIRROR|" "$file"; \
        [ -z "$APT_MIRROR" ] || sed -i "s|https\?://[^ ]*/debian/\?\([ ]\|\$\)|$APT_MIRROR\1|" "$file"; \
    done

FROM base AS build
ARG CARGO_REGISTRY=""
WORKDIR /hps
COPY scripts scripts
# git is for the commit in --version.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends git && scripts/setup package
COPY . .
RUN [ -z "$CARGO_REGISTRY" ] || { mkdir -p /root/.cargo; printf '[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nregistry = "%s"\n' "$CARGO_REGISTRY" > /root/.cargo/config.toml; }; \
    mv "$(scripts/package)" /hps.deb

FROM base
LABEL org.opencontainers.image.title="HPS" \
      org.opencontainers.image.description="Provisioning of bare metal: from power-on to a running site" \
      org.opencontainers.image.licenses="GPL-3.0-or-later"
# The number of the user hps. Files in volumes keep it, so all images have the same.
ARG HPS_UID=880
# Debian's release is the pin of its packages: a new image has their security updates. What the
# package of HPS recommends is installed too.
# The hps.conf of the package is removed, because each site has its own in a volume.
# hadolint ignore=DL3008,SC2086
RUN --mount=type=bind,from=build,source=/hps.deb,target=/tmp/hps.deb \
    recommended=$(dpkg-deb --field /tmp/hps.deb Recommends) \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends /tmp/hps.deb supervisor ${recommended//,/ } \
    && rm -rf /srv/hps-config /var/lib/apt/lists/*
COPY scripts/run-hps /usr/local/sbin/
COPY packaging/container/supervisord.conf /etc/supervisor/
# With the grace period of compose.yaml, services end by themselves.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s CMD ["run-hps", "--health"]
CMD ["run-hps"]
