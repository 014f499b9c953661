# The studio in a container. Nothing is written but into the workspace, a volume, and /tmp:
#
#   docker build -t pathdistill .
#   docker run --rm -it -v pathdistill:/workspace pathdistill python -m core password
#   docker run --read-only --tmpfs /tmp -p 8501:8501 -v pathdistill:/workspace pathdistill
#
# Without a password it does not start, for others could reach it. TORCH_INDEX names a package index
# with other builds of torch, as for CUDA or for the processor alone; without one they are those of
# pip's own index.

FROM python:3.11-slim

ARG TORCH_INDEX=""

ENV PATHDISTILL_HOME=/workspace \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

RUN useradd --uid 1000 --no-create-home pathdistill \
    && install --directory --owner=pathdistill --mode=0700 /workspace

WORKDIR /app

COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt -c constraints.txt \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"}

COPY . .

USER pathdistill
VOLUME /workspace
EXPOSE 8501

# Any answer will do: who has not signed in may be shown the door.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-c", \
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8501, timeout=8); c.request('GET', '/_stcore/health'); raise SystemExit(c.getresponse().status >= 500)"]

CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.port", "8501", "--server.headless", "true"]
