# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""netlat's records against those expected: each is there, in order, field by field; no other."""

import collections

# netlat's clock and this one are the kernel's monotonic one; a capture's is the wall clock,
# which may be slewed against it by 500 ppm.
SLEWED = 0.0005
OWN_ERROR_NS = 200


def differences(expected, record, replayed):
    for field, value in expected["fields"].items():
        if record[field] != value:
            yield f"{field}: expected {value!r}, got {record[field]!r}"
    for field, (low, high) in expected["bounds"].items():
        if field.endswith("_ns"):
            error_ns = OWN_ERROR_NS + (abs(high) * SLEWED if replayed else 0)
            low, high = low - error_ns, high + error_ns
        if record[field] is None or not low <= record[field] <= high:
            yield f"{field}: expected {low:.0f} to {high:.0f}, got {record[field]}"


def check(label, expected, records, replayed):
    """Check lines, one a case: each record is there, as expected, in order, and no other."""
    seen = collections.defaultdict(collections.deque)
    for record in records:
        seen[record["client_port"]].append(record)
    faults, counts = collections.defaultdict(list), collections.Counter()
    for item in expected:
        case, fields = item["case"], item["fields"]
        counts[case] += 1
        name = f"{fields['method']} {fields['target']}"
        queue = seen[fields["client_port"]]
        if not queue:
            faults[case].append(f"{name} has no record")
            continue
        faults[case] += [f"{name} {difference}" for difference in differences(item, queue.popleft(), replayed)]
    for case, count in counts.items():
        records_word = "1 record" if count == 1 else f"{count} records"
        if faults[case]:
            print(f"not ok {label}, {case}: {len(faults[case])} differences: {'; '.join(faults[case][:4])}")
        else:
            print(f"ok {label}, {case}: {records_word}")
    extra = [f"{r['client_port']} {r['method']} {r['target']} {r['outcome']}" for q in seen.values() for r in q]
    if extra:
        print(f"not ok {label}, no other records: {len(extra)}: {'; '.join(extra[:4])}")
    else:
        print(f"ok {label}, no other records")
