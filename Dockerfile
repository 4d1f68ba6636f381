# The exporter. Prometheus, Alertmanager and Grafana come as their own images: see docker-compose.yml.
FROM python:3.13-slim-trixie AS build
WORKDIR /source
RUN python3 -m venv /opt/pipeline-health
COPY pyproject.toml README.md ./
COPY exporter exporter
RUN /opt/pipeline-health/bin/pip install --no-cache-dir --disable-pip-version-check .

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="pipeline-health" \
      org.opencontainers.image.description="Data pipeline health in Prometheus' language"
ENV PATH=/opt/pipeline-health/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# The folders belong to whom the volumes will belong to.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin exporter \
 && install --directory --owner 10001 --group 10001 /data /rendered
COPY --from=build /opt/pipeline-health /opt/pipeline-health
USER 10001:10001
WORKDIR /data
EXPOSE 9888
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
  CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9888/-/healthy', timeout=2)"]
ENTRYPOINT ["pipeline-health"]
CMD ["serve", "--listen", "0.0.0.0:9888", "--host", "exporter", "--data", "/data"]
