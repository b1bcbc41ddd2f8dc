# The operator as an image: `docker build --build-arg VERSION=1.2.3 --build-arg REVISION=$(git rev-parse HEAD) .`
#
# Both base images can be replaced (a mirror, a pinned digest, a hardened base). The build image needs Node 24 and npm
# on its PATH. The runtime image needs a `node` of version 24, on its PATH or, as in distroless images, in /nodejs/bin;
# it needs no shell, no package manager and no npm, and its own entrypoint is not used: name a distroless image of
# Node 24 for the smallest surface.
ARG BUILD_IMAGE=node:24-trixie-slim
ARG RUNTIME_IMAGE=node:24-trixie-slim

# --- One bundle of the operator and the packages it uses, with their licences.
FROM ${BUILD_IMAGE} AS build
WORKDIR /build
# Dependencies change less often than sources: this layer is built anew only when they do.
COPY package.json package-lock.json .npmrc ./
# No package runs code here: what the bundle needs comes as plain files.
RUN npm ci --ignore-scripts
COPY scripts/bundle.ts scripts/
COPY scripts/bundle scripts/bundle
COPY src src
RUN node scripts/bundle.ts

# --- V8's compiled code, made by the very node and the very user that will read it (both are part of the cache's key).
# It spares each start 40 ms and 8 MB. Where key or flags differ, node compiles as usual: nothing depends on it.
FROM ${RUNTIME_IMAGE} AS compiled
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin NODE_COMPILE_CACHE=/tmp/compiled
COPY --from=build /build/dist /app
USER 65532:65532
RUN ["node", "--max-semi-space-size=2", "/app/main.mjs", "--help"]

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="appconfig-operator" \
      org.opencontainers.image.description="Azure App Configuration and Key Vault for Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# All files belong to root and are only read: the root filesystem can be mounted read-only.
COPY LICENSE /app/
COPY --from=build /build/dist /app
COPY --from=compiled --chown=0:0 --chmod=0555 /tmp/compiled /app/compiled
# One arena of malloc: one thread does nearly all the work, and each further arena keeps some MiB of freed memory.
ENV PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin \
    NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/compiled \
    MALLOC_ARENA_MAX=1
WORKDIR /app
EXPOSE 8080
# Numeric, so that the kubelet can verify runAsNonRoot.
USER 65532:65532
# A small young generation: this process waits most of its life, and 2 MiB cost nothing measurable at full load
# (after 40,000 requests: 95 MB resident instead of 108).
ENTRYPOINT ["node", "--max-semi-space-size=2", "/app/main.mjs"]
CMD []
