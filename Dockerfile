# Two stages: the first resolves exactly what uv.lock says and builds the package, the second holds only the result.
# The image has no compiler, no cache, no package manager of ours and no mlflow.
FROM python:3.12-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/opt/tightrope UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv
WORKDIR /src
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project --python "$(command -v python3)"
COPY proxy ./proxy
RUN uv sync --frozen --no-dev --no-editable --python "$(command -v python3)"

FROM python:3.12-slim
LABEL org.opencontainers.image.title="Tightrope" \
      org.opencontainers.image.description="Upgrade MLflow tracking servers without stopping anyone" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 tightrope \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tightrope \
 && install -d -o tightrope -g tightrope -m 0700 /var/lib/tightrope
COPY --from=build /opt/tightrope /opt/tightrope
ENV PATH=/opt/tightrope/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TIGHTROPE_CONFIG=/etc/tightrope/tightrope.yaml \
    TIGHTROPE_STATE__URL=sqlite:////var/lib/tightrope/tightrope.db
USER 10001:10001
WORKDIR /var/lib/tightrope
VOLUME /var/lib/tightrope
EXPOSE 5000 9500
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:9500/healthz', timeout=2)"]
ENTRYPOINT ["tightrope"]
CMD ["serve"]
