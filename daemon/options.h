/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.h - options: one table makes the parser, --help, --config and the ranges in errors. */
#ifndef NETLAT_OPTIONS_H
#define NETLAT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "abi.h"

#define OPTIONS_INTERFACES_MAX 64
#define OPTIONS_LISTEN_MAX 16

struct config_file;

enum output_format {
	OUTPUT_TABLE,
	OUTPUT_JSON,
	OUTPUT_NONE,
	OUTPUT_CSV,
};

/* Where live programs are attached. */
enum attach_mode {
	ATTACH_AUTO,   /* TCX where the kernel has it, else clsact */
	ATTACH_TCX,    /* only TCX */
	ATTACH_CLSACT, /* only clsact */
};

struct options {
	char **argv;		    /* what was typed, for another look after the file changed */
	const char *config_path;    /* --config; NULL: none */
	struct config_file *config; /* what it says; its strings are used here */
	const char *interfaces[OPTIONS_INTERFACES_MAX]; /* -i */
	size_t interface_count;
	const char *replay_file; /* -r; NULL: live */
	int argc;
	enum output_format output;
	enum attach_mode attach;
	double refresh_s;      /* -t */
	double duration_s;     /* --duration; 0: until interrupted */
	double min_latency_ms; /* --min-latency; 0: every record */
	double timeout_s;      /* --timeout */
	u32 max_flows;	       /* --max-flows */
	u16 ports[NL_FILTER_PORTS_MAX];
	size_t port_count;
	struct nl_filter_net nets[NL_FILTER_NETS_MAX];
	size_t net_count;
	bool strict;   /* --strict */
	bool no_decap; /* --no-decap: do not look into tunnels */
	bool no_names; /* -n: do not ask for names of containers */
	/* Records in a file; to standard output they go by `output`, also with --log -. */
	const char *log_path; /* --log; NULL: none */
	u32 log_mb;	      /* --log-mb; 0: it does not rotate */
	u32 log_files;	      /* --log-files */
	bool log_csv;	      /* --log-format */
	/* Slow and failed transactions. */
	const char *write_path; /* -w; NULL: not written */
	double slow_ms;		/* --slow; negative: slow ones are not wanted */
	bool failed;		/* --failed */
	bool why;		/* --why */
	bool show_sensitive;	/* --show-sensitive */
	u32 snaplen;		/* --snaplen: bytes of payload kept of each packet */
	u32 recorder_mb;	/* --recorder-mb */
	u32 max_per_minute;	/* --max-per-minute; 0: no limit */
	u32 keep_files;		/* --keep-files */
	u32 keep_mb;		/* --keep-mb */
	/* By HTTP. With neither listen nor listen_none a live run tries a standard address. */
	const char *listen[OPTIONS_LISTEN_MAX]; /* --listen */
	size_t listen_count;
	const char *token_file; /* --token-file; NULL: no token */
	const char *tls_cert;	/* --tls-cert, and with it the key; NULL: no TLS */
	const char *tls_key;	/* --tls-key */
	double expire_s;	/* --expire */
	u32 max_series;		/* --max-series: of each metric */
	bool listen_none;	/* --listen none */
	bool insecure;		/* --insecure: open to others without a token */
	bool verbose;
	bool quiet;	   /* no progress talk on stderr */
	bool check_config; /* --check-config */
};

/* What main() does after parsing. */
enum options_result {
	OPTIONS_RUN,
	OPTIONS_EXIT_OK,    /* --help, --version or the result of --check-config was printed */
	OPTIONS_EXIT_USAGE, /* an error was printed: exit 2 */
};

/*
 * From what was typed, and the file of --config. Whatever the result, options_free() has to follow;
 * argv is used until then.
 */
enum options_result options_parse(struct options *options, int argc, char **argv);

void options_free(struct options *options);

#endif
