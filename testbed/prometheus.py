#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What two Prometheus servers that scraped netlat answer, against wrk, server and records.

Prints check lines as checks.sh has them.
"""

import argparse
import collections
import json
import math
import re
import time
import urllib.parse
import urllib.request

DURATION = "http_server_request_duration_seconds"
APP = '{server_port="8080"}'
PATIENCE_S = 15
# OpenTelemetry's bounds, which netlat moves by up to this share (README.md, Metrics).
BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
BOUND_ERROR = 0.038
# A value within a native bucket may be anywhere in it.
NATIVE_ERROR = 2 ** (1 / 8) - 1


def check(name, is_good, why):
    print(f"ok {name}" if is_good else f"not ok {name}: {why}")


def ask(server, path, **parameters):
    url = f"{server}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]


def query(server, expression, **parameters):
    """The vector that an expression gives, as {labels: value}."""
    result = ask(server, "query", query=expression, **parameters)["result"]
    return {
        tuple(sorted(item["metric"].items())): float(item["value"][1])
        for item in result
        if "value" in item
    }


def scalar(server, expression, **parameters):
    values = list(query(server, expression, **parameters).values())
    return values[0] if len(values) == 1 else math.nan


def read_records(path):
    """The records that are in a series: those of which is known how they ended."""
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [r for r in records if r["outcome"] in ("ok", "unanswered", "aborted")]


def error_type(record):
    reason = record["reason"]
    if reason in ("client_reset", "server_reset"):
        return "connection_reset"
    if reason:
        return reason
    return str(record["status"]) if record["status"] >= 500 else ""


def labels_of(record):
    return (
        record["server_address"],
        str(record["server_port"]),
        str(record["status"] or ""),
        error_type(record),
    )


def counts_of(server, expression):
    names = ("server_address", "server_port", "http_response_status_code", "error_type")
    counts = collections.Counter()
    for labels, value in query(server, expression).items():
        found = dict(labels)
        counts[tuple(found.get(name, "") for name in names)] += value
    return counts


def percentile(values, q):
    """Nearest rank, as netlat's."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]


def read_wrk(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    units = {"us": 1e-6, "ms": 1e-3, "s": 1}
    quantiles = {
        int(share) / 100: float(value) * units[unit]
        for share, value, unit in re.findall(r"^\s+(\d+)%\s+([0-9.]+)(us|ms|s)$", text, re.M)
    }
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", text).group(1))
    return requests, rate, quantiles


def check_counts(name, server, expression, records):
    """Each series has exactly as many as there are records of it, once it was scraped."""
    expected = collections.Counter(labels_of(record) for record in records)
    end = time.monotonic() + PATIENCE_S
    while counts_of(server, expression) != expected and time.monotonic() < end:
        time.sleep(0.2)
    found = counts_of(server, expression)
    check(
        f"{name}: {len(expected)} series count what the records do",
        len(expected) >= 3 and found == expected,
        f"{dict(found)} is not {dict(expected)}",
    )


def check_native_quantiles(server, durations):
    for q in (0.5, 0.9, 0.99):
        exact = percentile(durations, q)
        value = scalar(server, f"histogram_quantile({q}, sum({DURATION}{APP}))")
        check(
            f"native: p{q * 100:g} of {len(durations)} is that of the records",
            abs(value / exact - 1) <= NATIVE_ERROR,
            f"{value} s, and by the records {exact} s",
        )


def check_classic_quantiles(server, durations):
    for q in (0.5, 0.9, 0.99):
        exact = percentile(durations, q)
        value = scalar(
            server, f"histogram_quantile({q}, sum by (le) ({DURATION}_bucket{APP}))"
        )
        low = max([bound for bound in BOUNDS if bound < exact * (1 - BOUND_ERROR)], default=0)
        high = min(bound for bound in BOUNDS if bound > exact * (1 + BOUND_ERROR))
        check(
            f"classic: p{q * 100:g} is in the bucket of the records' value",
            low <= value <= high,
            f"{value} s, and by the records {exact} s",
        )


def check_wrk(name, server, counter, quantile, options):
    """wrk is at the end of the line and of its own queue: its times are a little longer."""
    requests, rate, quantiles = read_wrk(options.wrk)
    middle = (float(options.began) + float(options.ended)) / 2
    # A window of 4 s within the load.
    value = scalar(server, f"sum(rate({counter}[4s]))", time=middle + 2)
    check(f"{name}: rate is wrk's", abs(value / rate - 1) < 0.25, f"{value}/s, wrk: {rate}/s")
    count = scalar(server, f"sum({counter})")
    # wrk does not count what is under way when it ends; one request is not its own.
    check(
        f"{name}: as many requests as wrk had",
        requests <= count <= requests + 8 + 1,
        f"{count}, wrk: {requests}",
    )
    if not quantile:
        return
    # wrk's are of all of the load: so is the window, but for what came before the first scrape.
    window_s = math.ceil(float(options.ended) - float(options.began)) + 1
    for q, slack_s in ((0.5, 0.002), (0.9, 0.004)):
        value = scalar(server, quantile.format(q, window_s), time=float(options.ended) + 1.5)
        check(
            f"{name}: p{q * 100:g} is wrk's",
            abs(value - quantiles[q]) < slack_s + NATIVE_ERROR * quantiles[q],
            f"{value} s, wrk: {quantiles[q]} s",
        )


def check_app_log(server, path):
    """What the server sent is what came by; who gave up at the end of the load had none."""
    with open(path, encoding="utf-8") as file:
        statuses = collections.Counter(line.split()[4] for line in file)
    for status, sent in sorted(statuses.items()):
        seen = scalar(
            server,
            f'sum({DURATION}_count{{server_port="8080",http_response_status_code="{status}"}})',
        )
        check(
            f"classic: as many {status} as the server sent",
            sent - 8 <= seen <= sent,
            f"{seen}, the server's log has {sent}",
        )


def check_exemplar(name, server, expression, options):
    found = ask(
        server,
        "query_exemplars",
        query=expression,
        start=float(options.began) - 10,
        end=time.time() + 10,
    )
    exemplars = [e for series in found for e in series["exemplars"]]
    ids = {e["labels"]["trace_id"] for e in exemplars}
    check(f"{name}: the exemplar has the trace-id", ids == {options.trace}, f"{ids}")
    check(
        f"{name}: its value and time are those of the request",
        bool(exemplars)
        and all(0 < float(e["value"]) < 1 for e in exemplars)
        and all(abs(float(e["timestamp"]) - float(options.ended)) < 10 for e in exemplars),
        f"{exemplars}",
    )


def check_sums(server, records):
    """Sums are exact to the nanosecond, but for the digits of a double."""
    for name, field, expression in (
        ("durations", "duration_ns", f"sum({DURATION}_sum{APP})"),
        ("waits", "wait_ns", f"sum(netlat_wait_seconds_sum{APP})"),
    ):
        of_app = [r for r in records if r["server_port"] == 8080 and r["outcome"] == "ok"]
        exact = sum(r[field] for r in of_app) / 1e9
        value = scalar(server, expression.replace("}", ',error_type!~"[a-z].*"}'))
        check(
            f"classic: the sum of {name} is that of the records",
            abs(value - exact) < 1e-6,
            f"{value} s, records: {exact} s",
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("records", "app-log", "wrk", "trace", "began", "ended", "classic", "native"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    time.sleep(0.2)  # records are written every 20 ms
    records = read_records(options.records)
    durations = [
        r["duration_ns"] / 1e9
        for r in records
        if r["server_port"] == 8080 and r["outcome"] == "ok"
    ]
    check_counts("classic", options.classic, f"{DURATION}_count", records)
    check_counts("native", options.native, f"histogram_count({DURATION})", records)
    check_native_quantiles(options.native, durations)
    check_classic_quantiles(options.classic, durations)
    check_sums(options.classic, records)
    check_wrk("classic", options.classic, f"{DURATION}_count{APP}", None, options)
    check_wrk(
        "native",
        options.native,
        f"netlat_requests_total{APP}",
        f"histogram_quantile({{}}, sum(rate({DURATION}{{{{server_port=\"8080\"}}}}[{{}}s])))",
        options,
    )
    check_app_log(options.classic, options.app_log)
    check_exemplar("classic", options.classic, f"{DURATION}_bucket", options)
    check_exemplar("native", options.native, DURATION, options)
    silent = scalar(options.classic, 'sum(netlat_unanswered_total{server_port="9"})')
    check("one request had no answer", silent == 1, f"{silent}")
    for name, server in (("classic", options.classic), ("native", options.native)):
        up = scalar(server, 'min_over_time(up{job="netlat"}[30s])')
        check(f"{name}: no scrape failed", up == 1, f"{up}")


if __name__ == "__main__":
    main()
