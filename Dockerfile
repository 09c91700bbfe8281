# asiaq in a container: `docker build --tag asiaq .`, then for example
# `docker run --rm --volume "$PWD:/project:ro" asiaq check`.
FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /asiaq
COPY . .
RUN cargo build --locked --release --bin asiaq

FROM debian:12.12-slim
# The certificates of the authorities that AWS's endpoints are signed by.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /asiaq/target/release/asiaq /usr/local/bin/asiaq
COPY --from=build /asiaq/LICENSE-APACHE /asiaq/LICENSE-MIT /usr/share/doc/asiaq/
WORKDIR /project
# Nobody in particular: a program that is only read needs no rights.
USER 10001:10001
ENTRYPOINT ["asiaq"]
CMD ["--help"]
