# Stand-ins for the two base images of the operator's Dockerfile, from files that need no image registry.
# Context: rootfs.tar (Debian, minimal), node (the binary), npm (the package's folder).
FROM scratch AS build
ADD rootfs.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm

FROM build AS libraries
RUN mkdir -p -m 1777 /runtime/tmp && ldd /usr/local/bin/node | grep -o '/[^ ]*' | xargs cp --parents -L -t /runtime

# As lean as a distroless image: node where those have it, the libraries it is linked with, nothing else. No shell.
FROM scratch AS runtime
COPY --from=libraries /runtime /
COPY node /nodejs/bin/node
