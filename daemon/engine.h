/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * engine.h - one interface, two sources: live hooks (engine_live.c) and captures
 * (engine_replay.c).
 */
#ifndef NETLAT_ENGINE_H
#define NETLAT_ENGINE_H

#include <signal.h>
#include <stdbool.h>

#include <systemd/sd-event.h>

#include "attachments.h"
#include "metrics.h"
#include "options.h"
#include "packet_list.h"

struct engine;

/* Called for each record; the record is only valid during the call. */
typedef void (*engine_record_fn)(const struct nl_record *record, void *userdata);

struct engine_ops {
	/* Fill *snapshot with what was counted so far. 0 or negative errno. */
	int (*snapshot)(struct engine *engine, struct snapshot *snapshot);
	/* Hand over the records waiting. 0 or negative errno. */
	int (*drain)(struct engine *engine, engine_record_fn fn, void *userdata);
	/*
	 * The packets of a transaction, from the flight recorder: *ret_list is the caller's to
	 * clear. -ENOENT: there is no flight recorder. 0 or negative errno.
	 */
	int (*packets)(struct engine *engine, const struct nl_record *record,
		       struct packet_list *ret_list);
	/* Stop observing; snapshot and drain still work. */
	void (*stop)(struct engine *engine);
	/* Stop, and free everything. */
	void (*close)(struct engine *engine);
	/* Name of an interface number in records; NULL if unknown. */
	const char *(*interface_name)(struct engine *engine, u32 ifindex);
	/* What is attached to what (live only): the caller's to clear. 0 or negative errno. */
	int (*attachments)(struct engine *engine, struct attachments *ret);
	/* Memory that the kernel's maps may take (live only). */
	u64 (*kernel_bytes)(struct engine *engine);
	/* What is observed, for the table's title. */
	const char *(*title)(struct engine *engine);
};

struct engine {
	const struct engine_ops *ops;
};

/*
 * Load the programs and attach them to options->interfaces. Link events are
 * handled in `loop`, which is ended when the last interface is gone.
 * Errors are logged; returns NULL then.
 */
struct engine *engine_live_open(const struct options *options, sd_event *loop);

/*
 * Open a capture for reading. Errors are logged; returns NULL then.
 */
struct engine *engine_replay_open(const struct options *options);

/* What whoever runs a replay has to say while it is read. Both may be NULL. */
struct replay_control {
	bool (*wait)(int fd, void *userdata);	       /* a capture_wait_fn, for a pipe */
	const volatile sig_atomic_t *stop;	       /* not 0: end here, as if it were the end */
	void (*pass_time)(u64 now_ns, void *userdata); /* with each packet */
};

/*
 * Read the whole capture, handing each record to fn. Returns 0, or 1 if the
 * capture could only be read in part (which was logged).
 */
int engine_replay_run(struct engine *engine, const struct replay_control *control,
		      engine_record_fn fn, void *userdata);

#endif
