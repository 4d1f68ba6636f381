# The exporter. Prometheus, Alertmanager and Grafana come as their own images: see docker-compose.yml.
FROM python:3.13-slim-trixie AS build
WORKDIR /source
RUN python3 -m venv --without-pip /opt/pipeline-health
# What it depends on changes less often than itself, and is a layer of its own.
COPY pyproject.toml ./
RUN python3 -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > needed.txt \
 && python3 -m pip --python /opt/pipeline-health install --no-cache-dir --disable-pip-version-check --requirement needed.txt
COPY README.md ./
COPY exporter exporter
COPY client client
RUN python3 -m pip --python /opt/pipeline-health install --no-cache-dir --disable-pip-version-check --no-deps .

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="pipeline-health" \
      org.opencontainers.image.description="Data pipeline health in Prometheus' language" \
      org.opencontainers.image.version="0.1.0"
ENV PATH=/opt/pipeline-health/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# The folders belong to whom the volumes will belong to.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin exporter \
 && install --directory --owner 10001 --group 10001 /data /rendered
COPY --from=build /opt/pipeline-health /opt/pipeline-health
USER 10001:10001
WORKDIR /data
EXPOSE 9888
# Not urllib: it would ask the proxy that Docker may put into a container's environment.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["python3", "-c", "\
import http.client, sys; \
asked = http.client.HTTPConnection('127.0.0.1', 9888, timeout=2); \
asked.request('GET', '/-/healthy'); \
sys.exit(asked.getresponse().status != 200)"]
ENTRYPOINT ["pipeline-health"]
# Who publishes its port decides who reaches it; see docs/security.md before it is more than this machine.
CMD ["serve", "--listen", "0.0.0.0:9888", "--allow-unauthenticated", "--host", "exporter", "--data", "/data"]
