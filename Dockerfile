# The command `conformance` as an ordinary user: docker run --rm -e CONFORMANCE_API_KEY -v "$PWD:/home/conformance/work"
# IMAGE run URL. The mounted folder must be writable for user 10001, or give another with --user.
FROM python:3.12-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/conformance \
    && /opt/conformance/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home conformance \
    && chmod 755 /home/conformance \
    && install --directory --owner=10001 /home/conformance/work
COPY --from=build /opt/conformance /opt/conformance
ENV PATH=/opt/conformance/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /home/conformance/work
ENTRYPOINT ["conformance"]
CMD ["run"]
