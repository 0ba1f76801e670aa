# The sample service, for deploy/sample:
#   docker build -f deploy/docker/dummy.Dockerfile -t crossfade-dummy:0.1.0 .
ARG PYTHON=python:3.13-slim

FROM ${PYTHON} AS build
COPY services/dummy /src
RUN python -m venv /app && /app/bin/pip install --no-cache-dir /src

FROM ${PYTHON}
COPY --from=build /app /app
ENV HOST=0.0.0.0 PORT=8080 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/app/bin/crossfade-dummy"]
