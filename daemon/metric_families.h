/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * metric_families.h - every metric: one table that makes names, types, units and help, and is
 * held against the list in README.md by a test.
 */
#ifndef NETLAT_METRIC_FAMILIES_H
#define NETLAT_METRIC_FAMILIES_H

/*
 * X(symbol, name, type, unit, labels, help). The labels are those beside what `scope` means in
 * README.md: `series`, `service`, `pair`, or the only ones.
 */
#define METRIC_FAMILIES(X)                                                                         \
	X(DURATION, "http_server_request_duration_seconds", HISTOGRAM, "seconds", "series",        \
	  "Time from the first byte of a request to the last of its response, or until it was "    \
	  "known that none comes")                                                                 \
	X(WAIT, "netlat_wait_seconds", HISTOGRAM, "seconds", "series",                             \
	  "Time from the last byte of a request to the first of its response")                     \
	X(TTFB, "netlat_time_to_first_byte_seconds", HISTOGRAM, "seconds", "service",              \
	  "Time from the first byte of a request to the first of its complete response")           \
	X(REQUESTS, "netlat_requests_total", COUNTER, "", "service",                               \
	  "Requests whose head was seen whole")                                                    \
	X(REQUEST_BYTES, "netlat_request_bytes_total", COUNTER, "bytes", "service",                \
	  "Bytes of requests, heads included")                                                     \
	X(RESPONSE_BYTES, "netlat_response_bytes_total", COUNTER, "bytes", "service",              \
	  "Bytes of responses, heads included")                                                    \
	X(RETRANSMITS, "netlat_retransmits_total", COUNTER, "", "service",                         \
	  "Segments that passed again while a transaction was under way")                          \
	X(RESETS, "netlat_resets_total", COUNTER, "", "service, side",                             \
	  "Connections that the client or the server reset")                                       \
	X(SLOW, "netlat_slow_total", COUNTER, "", "service, cause",                                \
	  "Slow and failed transactions by where most of their time went")                         \
	X(HANDSHAKES, "netlat_handshakes_total", COUNTER, "", "service",                           \
	  "Connections whose handshake was seen and whose first transaction is over")              \
	X(SYN_RETRANSMITS, "netlat_syn_retransmits_total", COUNTER, "", "service",                 \
	  "SYN segments sent again in these handshakes")                                           \
	X(CONNECT, "netlat_connect_seconds_total", COUNTER, "seconds", "service",                  \
	  "Time that these handshakes took")                                                       \
	X(SERVER_RTT, "netlat_server_rtt_seconds_total", COUNTER, "seconds", "service",            \
	  "Round trips between here and the server in these handshakes")                           \
	X(CLIENT_RTT, "netlat_client_rtt_seconds_total", COUNTER, "seconds", "service",            \
	  "Round trips between here and the client in these handshakes")                           \
	X(UNANSWERED, "netlat_unanswered_total", COUNTER, "", "service, reason",                   \
	  "Requests that ended without a byte of a response")                                      \
	X(ABORTED, "netlat_aborted_total", COUNTER, "", "service, reason",                         \
	  "Requests whose response began but did not complete")                                    \
	X(CLIENT_DURATION, "netlat_client_request_duration_seconds", HISTOGRAM, "seconds", "pair", \
	  "Duration of the complete transactions of one client with one service")                  \
	X(CLIENT_REQUESTS, "netlat_client_requests_total", COUNTER, "", "pair",                    \
	  "Requests of one client to one service")                                                 \
	X(CLIENT_ERRORS, "netlat_client_server_errors_total", COUNTER, "", "pair",                 \
	  "Complete responses with a 5xx status")                                                  \
	X(CLIENT_UNANSWERED, "netlat_client_unanswered_total", COUNTER, "", "pair",                \
	  "Requests that ended without a byte of a response")                                      \
	X(CLIENT_ABORTED, "netlat_client_aborted_total", COUNTER, "", "pair",                      \
	  "Requests whose response began but did not complete")                                    \
	X(IN_FLIGHT, "netlat_requests_in_flight", GAUGE, "", "", "Requests that are not over")     \
	X(PACKETS, "netlat_packets_total", COUNTER, "", "fate",                                    \
	  "Packets that passed a hook, by what became of them")                                    \
	X(PACKET_BYTES, "netlat_packet_bytes_total", COUNTER, "bytes", "",                         \
	  "Bytes of these packets, link header included")                                          \
	X(GAP_BYTES, "netlat_gap_bytes_total", COUNTER, "bytes", "",                               \
	  "Bytes of message bodies that were never seen")                                          \
	X(LEDGER, "netlat_ledger_total", COUNTER, "", "entry",                                     \
	  "Requests, responses and connections, what became of them, and what was lost")           \
	X(GRADES, "netlat_grades_total", COUNTER, "", "grade",                                     \
	  "Transactions about which something is unsure, by what; one may have several")           \
	X(CLEAN, "netlat_clean_ratio", GAUGE, "ratio", "",                                         \
	  "Share of the transactions so far about which nothing is unsure")                        \
	X(HOOKS, "netlat_hooks", GAUGE, "", "", "Hooks that the program is attached to")           \
	X(INTERFACES, "netlat_interfaces", GAUGE, "", "state",                                     \
	  "Interfaces that were asked for, by whether they are observed")                          \
	X(KERNEL, "netlat_kernel_bytes", GAUGE, "bytes", "",                                       \
	  "Kernel memory that the maps may take")                                                  \
	X(LINES, "netlat_record_lines_total", COUNTER, "", "result",                               \
	  "Records for standard output and the file of --log, by whether they were written")       \
	X(FILES, "netlat_slow_files_total", COUNTER, "", "result",                                 \
	  "Slow and failed transactions for -w, by whether they were written or why not")          \
	X(SERIES, "netlat_series", GAUGE, "", "scope, place",                                      \
	  "Series with labels of their own, and those that are in the overflow")                   \
	X(SERIES_LIMIT, "netlat_series_limit", GAUGE, "", "",                                      \
	  "Series of each scope that may have labels of their own: --max-series")                  \
	X(BUILD, "netlat_build_info", GAUGE, "", "version", "Always 1")                            \
	X(SCRAPE, "netlat_scrape_duration_seconds", GAUGE, "seconds", "",                          \
	  "Time that it took to put these metrics together, up to this line")                      \
	X(CPU, "process_cpu_seconds_total", COUNTER, "seconds", "",                                \
	  "User and system CPU time spent by the daemon")                                          \
	X(RESIDENT, "process_resident_memory_bytes", GAUGE, "bytes", "",                           \
	  "Resident memory of the daemon")                                                         \
	X(VIRTUAL, "process_virtual_memory_bytes", GAUGE, "bytes", "",                             \
	  "Virtual memory of the daemon")                                                          \
	X(OPEN_FDS, "process_open_fds", GAUGE, "", "", "Open file descriptors of the daemon")      \
	X(MAX_FDS, "process_max_fds", GAUGE, "", "",                                               \
	  "Limit of open file descriptors of the daemon")                                          \
	X(START_TIME, "process_start_time_seconds", GAUGE, "seconds", "",                          \
	  "When the daemon started, in seconds since the epoch")

enum metric {
#define X(symbol, name, type, unit, labels, help) METRIC_##symbol,
	METRIC_FAMILIES(X)
#undef X
		METRIC_COUNT,
};

/* Numbers of io.prometheus.client.MetricType. */
enum metric_type {
	METRIC_COUNTER = 0,
	METRIC_GAUGE = 1,
	METRIC_HISTOGRAM = 4,
};

struct metric_family {
	const char *name;
	enum metric_type type;
	const char *unit; /* "" if none */
	const char *labels;
	const char *help; /* without anything that would have to be escaped */
};

extern const struct metric_family metric_families[METRIC_COUNT];

/* "counter", "gauge", "histogram" */
const char *metric_type_name(enum metric_type type);

#endif
