#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A client of netlat's API for test_api.sh. Prints check lines as checks.sh takes them.

    api.py schema BASE               every answer against the schemas of /openapi.json, errors too
    api.py unhealthy BASE            the same of /health when it is not well
    api.py numbers BASE RECORDS SERVICE    a service's statistics against those records
    api.py filters BASE RECORDS SERVICE    parameters of /api/v1/transactions, the same way
    api.py walk BASE                 pages, while transactions are added
"""

import datetime
import json
import math
import sys
import urllib.error
import urllib.parse
import urllib.request

QUANTILE_ERROR = 0.045  # the geometric middle of a bucket of an eighth of an octave


def fetch(url, method="GET"):
    """(status, headers, body as JSON or None)"""
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status, headers, body = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, headers, body = error.code, error.headers, error.read()
    is_json = headers["Content-Type"] == "application/json" and body
    return status, headers, json.loads(body) if is_json else None


def check(name, is_right, found=""):
    print(f"ok {name}" if is_right else f"not ok {name}: {found}")


def read_records(path, service):
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [r for r in records if f"{r['server_address']}:{r['server_port']}" == service]


class Document:
    """openapi.json, and answers judged by it."""

    def __init__(self, base):
        # Debian's python3-jsonschema; only here, as the other commands do without it.
        import jsonschema

        self.base = base
        status, _, self.openapi = fetch(base + "/openapi.json")
        check("openapi.json: is there", status == 200, status)
        self.validator = jsonschema.Draft202012Validator
        for name, schema in self.openapi["components"]["schemas"].items():
            self.validator.check_schema(schema)
            self.check_closed(name, schema)
        self.visited = set()

    def check_closed(self, name, schema):
        """No object may have members that the document does not know."""
        if isinstance(schema, list):
            for item in schema:
                self.check_closed(name, item)
        if not isinstance(schema, dict):
            return
        if "properties" in schema and schema.get("additionalProperties") is not False:
            check(f"openapi.json: {name} is closed", False, "additionalProperties is not false")
        for item in schema.values():
            self.check_closed(name, item)

    def resolve(self, item):
        while "$ref" in item:
            target = self.openapi
            for part in item["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            item = target
        return item

    def judge(self, path, query="", expected=200, method="GET"):
        """One exchange; whether its answer is what the document says. Returns the answer."""
        route = path if path in self.openapi["paths"] else None
        if route is None and path.endswith(".pcapng"):
            route = "/api/v1/slow/{id}.pcapng"
        name = f"{method} {path}{query}"
        status, headers, answer = fetch(self.base + path + query, method)
        problems = [] if status == expected else [f"status {status}"]
        if route and method == "GET":
            self.visited.add((route, status))
            responses = self.openapi["paths"][route]["get"]["responses"]
        else:
            responses = {"default": {"$ref": "#/components/responses/Error"}}
        response = self.resolve(responses.get(str(status), responses["default"]))
        content_type = headers["Content-Type"].split(";")[0]
        if content_type not in response["content"]:
            problems.append(f"{content_type}, not {list(response['content'])}")
        elif answer is not None:
            schema = dict(response["content"][content_type]["schema"])
            schema["components"] = self.openapi["components"]
            problems += [
                f"{'/'.join(map(str, error.path))}: {error.message[:200]}"
                for error in self.validator(schema).iter_errors(answer)
            ]
        if status == 405 and headers["Allow"] != "GET, HEAD":
            problems.append(f"Allow: {headers['Allow']}")
        check(f"schema: {name} is {expected}, and as the document says", not problems, "; ".join(problems[:3]))
        return answer

    def parameters(self, path):
        got = self.openapi["paths"][path]["get"].get("parameters", [])
        return {self.resolve(p)["name"] for p in got if self.resolve(p)["in"] == "query"}


def check_routes(document):
    root = document.judge("/")
    documented = {f"{m.upper()} {path}" for path, item in document.openapi["paths"].items() for m in item}
    check(
        "openapi.json: has every route, and no other",
        documented == set(root["endpoints"]),
        sorted(documented ^ set(root["endpoints"])),
    )


def check_parameters(document, values):
    """Every documented parameter is taken, alone and with the others; no other is; none twice."""
    for path, item in document.openapi["paths"].items():
        if "{" in path or "application/json" not in item["get"]["responses"]["200"]["content"]:
            continue
        taken = document.parameters(path)
        given = {name: values[name] for name in sorted(taken) if name != "after"}
        after = "7" if "transactions" in path else values["service" if "services" in path else "client"]
        if "after" in taken:
            given["after"] = after
        document.judge(path)
        for name, value in given.items():
            query = urllib.parse.urlencode({name: value})
            document.judge(path, "?" + query)
            document.judge(path, f"?{query}&{query}", 400)
            document.judge(path, f"?{name}=", 400)
        if given:
            document.judge(path, "?" + urllib.parse.urlencode(given))
        document.judge(path, "?nothing=1", 400)
        for name in sorted(set(values) - taken):
            document.judge(path, "?" + urllib.parse.urlencode({name: values[name]}), 400)


def schema(base):
    document = Document(base)
    check_routes(document)
    services = document.judge("/api/v1/services")["services"]
    clients = document.judge("/api/v1/clients")["clients"]
    values = {
        "service": services[0]["service"],
        "client": clients[0]["client_address"],
        "status": "2xx,404,none",
        "min_duration_ms": "0.5",
        "since": "2020-01-31T12:00:00Z",
        "limit": "2",
        "cause": "server",
    }
    check_parameters(document, values)
    slow = document.judge("/api/v1/slow")["slow"]
    check("schema: there are slow transactions", bool(slow), slow)
    href = next((entry["href"] for entry in slow if entry["href"]), None)
    check("schema: one of them has a file", href is not None, slow[:1])
    document.judge(href or "/none")
    document.judge("/api/v1/slow/999999999.pcapng", expected=404)
    document.judge("/api/v1/nothing", expected=404)
    for path in ("/", "/api/v1/services", "/openapi.json"):
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            document.judge(path, "", 405, method)
    for query in ("limit=0", "limit=1001", "limit=x", "service=x", "service=1.2.3.4:0", "client=1.2.3.4:5",
                  "status=600", "status=2x", "status=,", "since=yesterday", "since=2026-02-30T00:00:00Z",
                  "min_duration_ms=-1", "after=0"):
        document.judge("/api/v1/transactions", "?" + query, 400)
    wanted = {
        (path, 200)
        for path, item in document.openapi["paths"].items()
        if "application/json" in item["get"]["responses"]["200"]["content"] or path.endswith(".pcapng")
    }
    check("schema: every path was judged", wanted <= document.visited, wanted - document.visited)


def unhealthy(base):
    Document(base).judge("/health", expected=503)


def quantile(values, q):
    """By nearest rank."""
    return sorted(values)[max(math.ceil(q * len(values)), 1) - 1]


def numbers(base, path, service):
    records = read_records(path, service)
    complete = [r for r in records if r["outcome"] == "ok"]
    answer = fetch(f"{base}/api/v1/services?service={service}")[2]["services"]
    check("numbers: the service is listed once", len(answer) == 1, len(answer))
    entry = answer[0]
    expected = {
        "requests": len(records),
        "responses": len(complete),
        "unanswered": sum(r["outcome"] == "unanswered" for r in records),
        "aborted": sum(r["outcome"] == "aborted" for r in records),
        "clients": len({r["client_address"] for r in records}),
        "request_bytes": sum(r["request_bytes"] for r in records),
        "response_bytes": sum(r["response_bytes"] or 0 for r in records),
        "retransmits": sum(r["retransmits"] for r in records),
    }
    for name, value in expected.items():
        check(f"numbers: {name} is that of the records", entry[name] == value, f"{entry[name]}, not {value}")
    for digit in "12345":
        count = sum(str(r["status"]).startswith(digit) for r in complete)
        found = entry["responses_by_class"][digit + "xx"]
        check(f"numbers: {digit}xx is that of the records", found == count, f"{found}, not {count}")
    good = sum(r["status"] < 400 for r in complete) / len(complete)
    check("numbers: success_ratio", abs(entry["success_ratio"] - good) < 1e-6, f"{entry['success_ratio']}, {good}")
    durations = [r["duration_ns"] for r in complete]
    for name, value in (("min_ns", min(durations)), ("max_ns", max(durations)),
                        ("mean_ns", sum(durations) // len(durations))):
        check(f"numbers: duration {name}", entry["duration"][name] == value, f"{entry['duration'][name]}, not {value}")
    for q in (50, 90, 99):
        exact, found = quantile(durations, q / 100), entry["duration"][f"p{q}_ns"]
        check(f"numbers: duration p{q} is that of the records, but for 4.5 %",
              abs(found - exact) <= exact * QUANTILE_ERROR, f"{found}, not {exact}")


def check_filter(base, records, query, is_wanted):
    answer = fetch(f"{base}/api/v1/transactions?limit=1000&{query}")[2]
    got = [(t["request_first_ns"], t["client_port"]) for t in answer["transactions"]]
    expected = [(r["request_first_ns"], r["client_port"]) for r in records if is_wanted(r)]
    check(f"filters: {query}", sorted(got) == sorted(expected) and answer["count"] == len(got) and got,
          f"{len(got)} transactions, not {len(expected)}")


def filters(base, path, service):
    """Records of one service, all of which the list still has."""
    records = read_records(path, service)
    address = records[0]["server_address"]
    middle = sorted(r["request_first_ns"] for r in records)[len(records) // 2]
    when = datetime.datetime.fromtimestamp(middle // 10**9, datetime.timezone.utc)
    zone = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
    fraction = f".{middle % 10**9:09d}"
    durations = sorted(r["duration_ns"] for r in records)
    half_ms = durations[len(durations) // 2] // 1000 / 1000
    of = f"service={service}&"

    def is_late(record):
        return record["request_first_ns"] >= middle

    check_filter(base, records, f"service={service}", lambda r: True)
    check_filter(base, records, f"service={address}", lambda r: True)
    check_filter(base, records, of + "status=500", lambda r: r["status"] == 500)
    check_filter(base, records, of + "status=2xx", lambda r: r["status"] // 100 == 2)
    check_filter(base, records, of + "status=5xx,200", lambda r: r["status"] in (200, 500))
    check_filter(base, records, of + f"min_duration_ms={half_ms:.3f}", lambda r: r["duration_ns"] >= half_ms * 1e6)
    check_filter(base, records, of + f"client={records[0]['client_address']}", lambda r: True)
    check_filter(base, records, of + f"since={middle}", is_late)
    check_filter(base, records, of + f"since={middle // 10**9}{fraction}", is_late)
    check_filter(base, records, of + f"since={when:%Y-%m-%dT%H:%M:%S}{fraction}Z", is_late)
    check_filter(base, records, of + f"since={when.astimezone(zone):%Y-%m-%dT%H:%M:%S}{fraction}-03:30", is_late)
    for query in (of + "status=503", of + "client=203.0.113.9", "service=203.0.113.9:80", of + "since=4000000000"):
        answer = fetch(f"{base}/api/v1/transactions?{query}")[2]
        check(f"filters: {query} finds none", answer["transactions"] == [] and answer["next"] is None, answer)


def pages(base, link, name):
    """Entries of all pages, and how many there were."""
    entries, count = [], 0
    while link:
        answer = fetch(base + link)[2]
        entries += answer[name]
        link = answer["next"]
        count += 1
    return entries, count


def walk(base):
    before = fetch(base + "/api/v1/transactions?limit=1")[2]["transactions"][0]["id"]
    entries, count = pages(base, "/api/v1/transactions?status=2xx,5xx,404&limit=25", "transactions")
    after = fetch(base + "/api/v1/transactions?limit=1")[2]["transactions"][0]["id"]
    ids = [entry["id"] for entry in entries]
    check("walk: transactions were added meanwhile", after > before, f"{before}, {after}")
    check("walk: newest first, each once, none left out",
          ids == list(range(ids[0], ids[0] - len(ids), -1)), f"{len(ids)} of {ids[0] - ids[-1] + 1}")
    # What was added meanwhile took the place of the oldest.
    check("walk: all that were kept", ids[0] >= before and len(ids) >= 1000 - (after - ids[0]), len(ids))
    check("walk: 25 on a page", count == math.ceil(len(ids) / 25), count)
    for name, key in (("services", "service"), ("clients", "client_address")):
        whole = [entry[key] for entry in fetch(f"{base}/api/v1/{name}")[2][name]]
        entries, count = pages(base, f"/api/v1/{name}?limit=1", name)
        found = [entry[key] for entry in entries]
        check(f"walk: {name} one by one", found == whole and count == len(whole) > 1, f"{found}, not {whole}")


def main():
    command, base, *rest = sys.argv[1:]
    {"schema": schema, "unhealthy": unhealthy, "numbers": numbers, "filters": filters, "walk": walk}[command](base, *rest)


if __name__ == "__main__":
    main()
