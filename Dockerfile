# docker build -t queued .                   the daemon and queuectl as native programs, no .NET inside
# docker build -t queued-sample --target sample .   the same with the sample worker and the runtime it needs

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
# It brings clang, with which native AOT links, where the image has none.
RUN ./dev publish
RUN dotnet publish samples/TextWorker --configuration Release --output /worker -nodeReuse:false

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0 AS daemon
# A number of its own, so that a worker in another container can be given the same user; the daemon lets in nobody else.
RUN groupadd --system --gid 7450 queued \
    && useradd --system --uid 7450 --gid queued --home-dir /var/lib/queued --shell /usr/sbin/nologin queued \
    && install -d -o queued -g queued -m 0750 /run/queued \
    && install -d -o queued -g queued -m 0700 /var/lib/queued \
    && install -d -m 0755 /etc/queued
# The library of the store stands beside the daemon.
COPY --from=build /source/artifacts/publish/queued /source/artifacts/publish/queuectl \
    /source/artifacts/publish/libe_sqlite3.so /usr/local/bin/
ENV CONFIGURATION_DIRECTORY=/etc/queued \
    QUEUED__DAEMON__SOCKET=/run/queued/queued.sock \
    QUEUED__DAEMON__DATA_DIRECTORY=/var/lib/queued \
    QUEUED_SOCKET=/run/queued/queued.sock
USER queued
WORKDIR /var/lib/queued
VOLUME ["/run/queued", "/var/lib/queued"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["queuectl", "status", "--quiet"]
# Run it with an init (docker run --init): processes that a task leaves behind become children of the first process.
ENTRYPOINT ["queued"]
CMD ["serve"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS runtime

FROM daemon AS sample
COPY --from=runtime /usr/share/dotnet /usr/share/dotnet
COPY --from=build /worker /opt/worker
ENV DOTNET_ROOT=/usr/share/dotnet PATH=/usr/share/dotnet:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# The last stage is what a build without --target makes.
FROM daemon
