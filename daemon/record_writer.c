/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record_writer.c - lines put into a bounded buffer, and written by a thread of its own. */
#include "record_writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"

#define SECOND_NS 1000000000LL
#define MILLISECOND_NS 1000000LL
/* At the end: without progress for so long, and then until a signal has ended a write(). */
#define STUCK_NS (2 * SECOND_NS)
/* The same with progress: a service manager has patience for so long. */
#define SLOW_NS (20 * SECOND_NS)
#define INTERRUPT_NS SECOND_NS
/* How often is looked whether there is progress, or *stop. */
#define LOOK_NS (20 * MILLISECOND_NS)

#define PIECE_BYTES 32768
/* Of blocks that were needed once, so many keep their memory. */
#define BLOCKS_KEPT 32
/* Who can wait needs no more. The thread is woken for half of them: to wake it takes as long as
 * to make a tenth of a block's lines. */
#define BLOCKS_OF_WAITING 4

struct block {
	char *bytes;
	size_t used;
	u32 lines;
};

struct record_writer {
	struct record_writer_settings settings;
	/* Of who puts lines in. */
	struct block *filling; /* NULL: none */
	/* Of both, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t work; /* for the thread */
	pthread_cond_t room; /* for who waits */
	struct block blocks[RECORD_WRITER_BLOCKS];
	struct block *free[RECORD_WRITER_BLOCKS]; /* last in, first out: few are touched */
	u32 free_count;
	u32 with_memory; /* blocks */
	struct block *queue[RECORD_WRITER_BLOCKS];
	u32 queue_first, queue_count;
	struct block *writing; /* by the thread */
	bool reopen, stop, give_up, has_ended;
	u64 progress; /* appends that made some */
	struct record_writer_counts counts;
	pthread_t thread;
};

/* What ends a write() that waits for a reader. Nothing has to be done. */
static void handle_interrupt(int number)
{
	(void)number;
}

static int interrupt_signal(void)
{
	return SIGRTMIN;
}

static u32 count_lines(const char *bytes, size_t length)
{
	const char *end = bytes + length, *feed;
	u32 lines = 0;

	for (; (feed = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL; bytes = feed + 1)
		lines++;
	return lines;
}

/* At most PIECE_BYTES that end with a line, so that progress can be seen; else the whole rest. */
static size_t piece_of(const struct record_sink *sink, const char *lines, size_t bytes)
{
	bool is_cut = sink->in_pieces && bytes > PIECE_BYTES;
	const char *feed = is_cut ? memrchr(lines, '\n', PIECE_BYTES) : NULL;

	return feed ? (size_t)(feed + 1 - lines) : bytes;
}

/* Append a block, piece by piece. With the lock held, which is not while one is written. */
static int append_block(struct record_writer *writer, const struct block *block, size_t *ret_done)
{
	const struct record_sink *sink = &writer->settings.sink;
	int r = 0;

	*ret_done = 0;
	while (r == 0 && *ret_done < block->used && !writer->give_up) {
		const char *lines = block->bytes + *ret_done;
		size_t bytes = piece_of(sink, lines, block->used - *ret_done), done = 0;

		pthread_mutex_unlock(&writer->lock);
		r = sink->append(sink->userdata, lines, bytes, &done);
		pthread_mutex_lock(&writer->lock);
		*ret_done += done;
		writer->progress += done > 0;
	}
	return r;
}

/* Write a block, count what became of its lines, and give it back. With the lock held. */
static void write_block(struct record_writer *writer, struct block *block)
{
	const struct record_sink *sink = &writer->settings.sink;
	size_t done;
	u32 lines;
	int r;

	writer->writing = block;
	r = append_block(writer, block, &done);
	writer->writing = NULL;
	lines = done == block->used ? block->lines : count_lines(block->bytes, done);
	writer->counts.written += lines;
	writer->counts.dropped_failed += block->lines - lines;
	if (!writer->give_up) /* else nothing failed but who should have read */
		writer->counts.append_error = r;
	if (r == 0 && sink->complaint)
		writer->counts.complaint = sink->complaint(sink->userdata);
	block->used = block->lines = 0;
	if (writer->queue_count == 0 && writer->with_memory > BLOCKS_KEPT) {
		free(block->bytes);
		block->bytes = NULL;
		writer->with_memory--;
	}
	writer->free[writer->free_count++] = block;
	pthread_cond_signal(&writer->room);
}

static void reopen(struct record_writer *writer)
{
	const struct record_sink *sink = &writer->settings.sink;
	int r;

	writer->reopen = false;
	pthread_mutex_unlock(&writer->lock);
	r = sink->reopen ? sink->reopen(sink->userdata) : 0;
	pthread_mutex_lock(&writer->lock);
	writer->counts.complaint = r;
}

static void *run(void *userdata)
{
	struct record_writer *writer = userdata;

	pthread_mutex_lock(&writer->lock);
	for (;;) {
		if (writer->reopen) {
			reopen(writer);
		} else if (writer->queue_count > 0) {
			struct block *block = writer->queue[writer->queue_first];

			writer->queue_first = (writer->queue_first + 1) % RECORD_WRITER_BLOCKS;
			writer->queue_count--;
			write_block(writer, block);
		} else if (writer->stop) {
			break;
		} else {
			pthread_cond_wait(&writer->work, &writer->lock);
		}
	}
	writer->has_ended = true;
	pthread_cond_signal(&writer->room);
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

/* Signals are for the event loop; the one that interrupts is for the thread alone. */
static int start_thread(struct record_writer *writer)
{
	struct sigaction action = { .sa_handler = handle_interrupt }; /* without SA_RESTART */
	sigset_t all, before;
	int r;

	sigemptyset(&action.sa_mask);
	if (sigaction(interrupt_signal(), &action, NULL) < 0)
		return errno;
	sigfillset(&all);
	sigdelset(&all, interrupt_signal());
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&writer->thread, NULL, run, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

struct record_writer *record_writer_new(const struct record_writer_settings *settings)
{
	struct record_writer *writer = calloc(1, sizeof(*writer));
	pthread_condattr_t attributes;
	int r;

	if (!writer)
		return NULL;
	writer->settings = *settings;
	writer->free_count = settings->waits ? BLOCKS_OF_WAITING : RECORD_WRITER_BLOCKS;
	for (u32 i = 0; i < writer->free_count; i++)
		writer->free[i] = &writer->blocks[writer->free_count - 1 - i];
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->work, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->room, &attributes);
	pthread_condattr_destroy(&attributes);
	r = start_thread(writer);
	if (r) {
		free(writer);
		errno = r;
		return NULL;
	}
	return writer;
}

/* Wait on `room` for LOOK_NS at most. With the lock held. */
static void wait_a_little(struct record_writer *writer)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_NS;
	if (until.tv_nsec >= SECOND_NS) {
		until.tv_nsec -= SECOND_NS;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&writer->room, &writer->lock, &until);
}

static bool may_wait(const struct record_writer *writer)
{
	return writer->settings.waits && !(writer->settings.stop && *writer->settings.stop);
}

/* A block to fill, with memory behind it; NULL where there is none. */
static struct block *take_block(struct record_writer *writer)
{
	struct block *block = NULL;

	pthread_mutex_lock(&writer->lock);
	while (writer->free_count == 0 && may_wait(writer)) {
		pthread_cond_signal(&writer->work);
		wait_a_little(writer);
	}
	if (writer->free_count > 0)
		block = writer->free[writer->free_count - 1];
	if (block && !block->bytes) {
		block->bytes = malloc(RECORD_WRITER_BLOCK_BYTES);
		writer->with_memory += block->bytes != NULL;
	}
	if (block && !block->bytes)
		block = NULL;
	if (block)
		writer->free_count--;
	pthread_mutex_unlock(&writer->lock);
	return block;
}

/*
 * Who may wait writes by itself to what cannot be stuck: no thread has to be woken, and one
 * block stays in this CPU's cache.
 */
static bool writes_itself(const struct record_writer *writer)
{
	return writer->settings.waits && !writer->settings.sink.in_pieces;
}

/* Queue the block that is being filled, and wake the thread if `enough` are queued. */
static void hand_over(struct record_writer *writer, u32 enough)
{
	struct block *block = writer->filling;
	u32 at;

	pthread_mutex_lock(&writer->lock);
	if (block && block->used && writes_itself(writer)) {
		writer->filling = NULL;
		write_block(writer, block);
	} else if (writer->filling && writer->filling->used) {
		at = (writer->queue_first + writer->queue_count++) % RECORD_WRITER_BLOCKS;
		writer->queue[at] = writer->filling;
		writer->filling = NULL;
	}
	if (writer->queue_count >= enough)
		pthread_cond_signal(&writer->work);
	pthread_mutex_unlock(&writer->lock);
}

char *record_writer_room(struct record_writer *writer, size_t bytes)
{
	if (writer->filling && RECORD_WRITER_BLOCK_BYTES - writer->filling->used < bytes)
		hand_over(writer, writer->settings.waits ? BLOCKS_OF_WAITING / 2 : 1);
	if (!writer->filling)
		writer->filling = take_block(writer);
	if (writer->filling)
		return writer->filling->bytes + writer->filling->used;
	pthread_mutex_lock(&writer->lock);
	writer->counts.dropped_full++;
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

void record_writer_put(struct record_writer *writer, size_t bytes)
{
	if (bytes > 0) {
		writer->filling->used += bytes;
		writer->filling->lines++;
		return;
	}
	pthread_mutex_lock(&writer->lock);
	writer->counts.dropped_failed++;
	pthread_mutex_unlock(&writer->lock);
}

void record_writer_flush(struct record_writer *writer)
{
	hand_over(writer, 1);
}

void record_writer_reopen(struct record_writer *writer)
{
	record_writer_flush(writer);
	pthread_mutex_lock(&writer->lock);
	writer->reopen = true;
	pthread_cond_signal(&writer->work);
	pthread_mutex_unlock(&writer->lock);
}

void record_writer_count(struct record_writer *writer, struct record_writer_counts *ret_counts)
{
	pthread_mutex_lock(&writer->lock);
	*ret_counts = writer->counts;
	pthread_mutex_unlock(&writer->lock);
}

/* Wait for the thread to write all, for as long as it makes progress. With the lock held. */
static void wait_for_end(struct record_writer *writer)
{
	u64 seen = writer->progress;
	u64 begun_ns = monotonic_ns(), seen_ns = begun_ns, now_ns = begun_ns;

	while (!writer->has_ended &&
	       (may_wait(writer) || (now_ns - seen_ns < STUCK_NS && now_ns - begun_ns < SLOW_NS))) {
		wait_a_little(writer);
		now_ns = monotonic_ns();
		if (writer->progress != seen) {
			seen = writer->progress;
			seen_ns = now_ns;
		}
	}
}

/* Nothing of what the thread has or is to have will be there. */
static void count_left(struct record_writer *writer)
{
	if (writer->writing)
		writer->counts.dropped_failed += writer->writing->lines;
	for (; writer->queue_count > 0; writer->queue_count--) {
		writer->counts.dropped_failed += writer->queue[writer->queue_first]->lines;
		writer->queue_first = (writer->queue_first + 1) % RECORD_WRITER_BLOCKS;
	}
}

bool record_writer_stop(struct record_writer *writer)
{
	u64 begun_ns;

	record_writer_flush(writer);
	pthread_mutex_lock(&writer->lock);
	writer->stop = true;
	pthread_cond_signal(&writer->work);
	wait_for_end(writer);
	writer->give_up = true;
	/* The signal may come before the write() that it shall end, hence more than one. */
	begun_ns = monotonic_ns();
	while (!writer->has_ended && monotonic_ns() - begun_ns < INTERRUPT_NS) {
		pthread_kill(writer->thread, interrupt_signal());
		wait_a_little(writer);
	}
	if (!writer->has_ended) {
		count_left(writer);
		pthread_mutex_unlock(&writer->lock);
		return false;
	}
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	return true;
}

void record_writer_free(struct record_writer *writer)
{
	if (!writer)
		return;
	for (u32 i = 0; i < RECORD_WRITER_BLOCKS; i++)
		free(writer->blocks[i].bytes);
	pthread_mutex_destroy(&writer->lock);
	pthread_cond_destroy(&writer->work);
	pthread_cond_destroy(&writer->room);
	free(writer);
}
