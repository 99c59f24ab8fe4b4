/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * maps.bpf.h - every map. Sizes marked (*) are set by the daemon before loading;
 * daemon/budget.h computes what they cost.
 */
#ifndef NETLAT_MAPS_BPF_H
#define NETLAT_MAPS_BPF_H

#include "core/observe.h"

/*
 * key     u32, number of a set; a flow's two sets come from the hash of its 5-tuple
 * value   struct nl_flow_set, eight flows
 * writer  this program, each flow under its own lock
 * reader  this program
 * full    the least recently used flow of the set is evicted; what is pending on it
 *         is ended as `evicted` and counted
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 8192); /* (*) --max-flows / 8 */
	__type(key, u32);
	__type(value, struct nl_flow_set);
} flows SEC(".maps");

/*
 * key     u32, number of a place in the flow table: set * 8 + way
 * value   struct nl_head, the excerpts of its flow
 * writer  this program, under the flow's lock
 * reader  this program, when it writes a record
 * full    cannot be; of many pipelined requests the excerpts are short or missing
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* (*) --max-flows; 1 if no records are wanted */
	__type(key, u32);
	__type(value, struct nl_head);
} heads SEC(".maps");

/*
 * key     struct nl_row_key: service and client
 * value   u32, the row's number in `stats`
 * writer  this program, with a connection's first request
 * reader  this program, once per connection; the daemon
 * full    the connection is counted in its service's `other` row, or in row 0,
 *         and `rows_other` counts it
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048); /* (*) */
	__type(key, struct nl_row_key);
	__type(value, u32);
} rows SEC(".maps");

/*
 * Numbers of rows and series that the daemon has given back: of rows that pairs may have, of
 * the others, of series.
 * writer  the daemon; this program, when another CPU was faster
 * reader  this program, which takes from them first
 * full    cannot be
 */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 2000); /* (*) rows */
	__uint(value_size, sizeof(u32));
} pairs_free SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 2000); /* (*) rows */
	__uint(value_size, sizeof(u32));
} services_free SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 2000); /* (*) series */
	__uint(value_size, sizeof(u32));
} series_free SEC(".maps");

/*
 * key     u32, number of a row
 * value   u32, number of the latest sweep that met a connection of this row
 * writer  the sweep
 * reader  the daemon, through memory it maps: a row that no connection has can be given back
 * full    cannot be
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2000); /* (*) rows */
	__type(key, u32);
	__type(value, u32);
} row_marks SEC(".maps");

/*
 * key     u32, row * shards + shard, the shard being the CPU's number & mask
 * value   struct nl_stats
 * writer  this program; the CPUs of a shard
 * reader  the daemon, through memory it maps: a snapshot costs no system call
 * full    cannot be: rows are given out by `rows`
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2048); /* (*) rows * shards */
	__type(key, u32);
	__type(value, struct nl_stats);
} stats SEC(".maps");

/*
 * key     struct nl_series_key: service, method, status, version, end reason
 * value   u32, its number in `series`
 * writer  this program, with the first transaction of its kind
 * reader  this program, where a row does not remember it; the daemon
 * full    the transaction is counted in series 0
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048); /* (*) */
	__type(key, struct nl_series_key);
	__type(value, u32);
} series_numbers SEC(".maps");

/*
 * key     u32, number * shards + shard; of these there are fewer than of `stats`
 * value   struct nl_series
 * writer  this program; the CPUs of a shard
 * reader  the daemon, through memory it maps
 * full    cannot be: numbers are given out by `series_numbers`
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2000); /* (*) series * shards */
	__type(key, u32);
	__type(value, struct nl_series);
} series SEC(".maps");

/*
 * key     u32, the CPU's number; the last one is the sweep's
 * value   struct nl_counters
 * writer  this program, that CPU only; the sweep
 * reader  the daemon, through memory it maps
 * full    cannot be
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2); /* (*) possible CPUs, and one */
	__type(key, u32);
	__type(value, struct nl_counters);
} counters SEC(".maps");

/*
 * key     WORK_OF_PACKET or WORK_OF_SWEEP
 * value   struct nl_work, working memory
 * writer  this program, this CPU only
 * reader  this program
 * full    cannot be
 */
enum { WORK_OF_PACKET, WORK_OF_SWEEP, WORK_COUNT };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WORK_COUNT);
	__type(key, u32);
	__type(value, struct nl_work);
} work_memory SEC(".maps");

/*
 * key     u32, of the hash of a connection's 5-tuple
 * value   struct nl_handshake_set, four handshakes
 * writer  this program, under the lock of the set
 * reader  this program, with the connection's first request
 * full    the oldest handshake of the set makes room, and nothing is known of it then
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NL_HANDSHAKE_SETS);
	__type(key, u32);
	__type(value, struct nl_handshake_set);
} handshakes SEC(".maps");

/*
 * key     u32, CPU * NL_COPY_KINDS + enum nl_copy_kind
 * value   struct nl_copy_ring
 * writer  this program, that CPU only
 * reader  the daemon, through memory it maps
 * full    cannot be
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* (*) possible CPUs * NL_COPY_KINDS; 1 without a flight recorder */
	__type(key, u32);
	__type(value, struct nl_copy_ring);
} copy_rings SEC(".maps");

/*
 * key     u32, number of a chunk; those of one ring lie together
 * value   struct nl_copy_chunk: struct nl_copy, one behind the other
 * writer  this program, that CPU only
 * reader  the daemon, through memory it maps, when a transaction was slow or failed
 * full    the oldest are overwritten, which their readers can tell
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* (*) --recorder-mb; 1 without a flight recorder */
	__type(key, u32);
	__type(value, struct nl_copy_chunk);
} copies SEC(".maps");

/*
 * entry   struct nl_record, without the unused end of its head[]
 * writer  this program
 * reader  the daemon, on a timer: the program wakes nobody
 * full    the record is lost and `record_ring_full` counts it; statistics are not touched
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20); /* (*) */
} records SEC(".maps");

#endif
