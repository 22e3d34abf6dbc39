# One image for every role: docker run IMAGE web | worker | beat | migrate | sandbox | any other command.
# Works without BuildKit. Behind a mirror of PyPI: --build-arg PIP_INDEX_URL=… --build-arg UV_DEFAULT_INDEX=…
ARG BASE=python:3.12-slim

FROM ${BASE} AS build
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# uv in the version, and with the hashes, that development has.
COPY requirements-dev.txt .
RUN sed -n '/^uv==/,/[^\\]$/p' requirements-dev.txt >uv.txt && pip install --quiet --root-user-action=ignore --require-hashes -r uv.txt
COPY requirements.txt .
RUN uv venv --quiet .venv \
 && uv pip install --quiet --python .venv/bin/python --require-hashes --compile-bytecode -r requirements.txt \
 && rm requirements.txt requirements-dev.txt uv.txt
COPY src src
COPY sandbox sandbox
COPY evals evals
COPY migrations migrations
COPY celery_worker celery_worker
COPY deploy/image/ /app/.venv/bin/
RUN .venv/bin/python -m compileall -q src sandbox evals migrations celery_worker \
 && chmod -R a+rX,go-w .

FROM ${BASE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Released" \
      org.opencontainers.image.description="A self-hosted WhatsApp Business bot platform" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="LicenseRef-Proprietary"
RUN groupadd --gid 10001 released && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin released \
 && install -d -m 0700 -o 10001 -g 10001 /data
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 RELEASED_HOME=/data
WORKDIR /app
USER 10001:10001
EXPOSE 8080 8081 9100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["check-health"]
ENTRYPOINT ["start-role"]
CMD ["web"]
