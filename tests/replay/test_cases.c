/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * test_cases.c - every generated case through the object that ships and through the
 * native core, at the capture's times: verdict, unchanged bytes, the same records and
 * counters. That these are the right ones is what test_cases.py tests. Needs root.
 *
 *     test_cases [DIRECTORY]     (build/cases, or $CASES)
 */
#include <dirent.h>

#include <jansson.h>
#include <pcap/pcap.h>

#include "both_cores.h"
#include "timeout.h"

#define CASES_MAX 1024
#define CASE_FLOWS 16384 /* unless the case says: more connections than any of them has */
#define TIMEOUT_S 60
#define DRAIN_PACKETS 512
#define CPU_PACKETS 7 /* not at every packet, as going to another takes time */
#define SUFFIX ".expected.json"

/* One case, as the generator wrote it. */
struct kernel_case {
	char name[128];
	char capture[512];
	unsigned max_flows;
	double timeout_s;
	bool no_decap;
	size_t records;		 /* of transactions that are not in flight at the end */
	char not_in_kernel[256]; /* why it cannot be run there; "" where it can */
};

static const char *directory = "build/cases";
static struct kernel_case cases[CASES_MAX];
static struct CMUnitTest tests[CASES_MAX];
static size_t case_count;

/* The pair at hand, which cases with the same options share: each leaves its table empty. */
static struct {
	bool is_usable;
	unsigned max_flows;
	double timeout_s;
	bool no_decap;
} pair;

static void open_pair(const struct kernel_case *c)
{
	struct nl_config config = config_plain();

	if (pair.is_usable && pair.max_flows == c->max_flows && pair.timeout_s == c->timeout_s &&
	    pair.no_decap == c->no_decap)
		return;
	teardown(NULL);
	config.vlan_in_key = 1; /* as in a replay */
	config.decapsulate = !c->no_decap;
	timeout_configure(&config, c->timeout_s);
	open_both(&config, c->max_flows);
	pair.max_flows = c->max_flows;
	pair.timeout_s = c->timeout_s;
	pair.no_decap = c->no_decap;
}

static void sweep_both(enum nl_sweep how, u64 now_ns)
{
	assert_int_equal(kernel_core_sweep(both.kernel, how, now_ns), 0);
	replay_core_sweep(both.native, how, now_ns);
}

/*
 * All packets of a capture. Returns the number of the first one that test_run refuses; 0:
 * it took all of them.
 */
static u64 run_capture(pcap_t *capture)
{
	struct pcap_pkthdr *header;
	const u8 *bytes;
	struct nl_config config = { 0 };
	u64 number = 0, last_ns = 0, next_sweep_ns = 0, interval_ns;
	int r;

	timeout_configure(&config, pair.timeout_s);
	interval_ns = timeout_sweep_interval_ns(&config);
	while ((r = pcap_next_ex(capture, &header, &bytes)) == 1) {
		u64 now_ns = (u64)header->ts.tv_sec * 1000000000 + (u64)header->ts.tv_usec;
		struct kernel_run run;

		number++;
		if (header->len != header->caplen)
			return number; /* no packet is cut in the kernel */
		r = kernel_core_packet(both.kernel, bytes, header->caplen, now_ns, &run);
		if (r == -EINVAL)
			return number;
		assert_int_equal(r, 0);
		assert_int_equal(run.verdict, VERDICT_UNSPEC);
		assert_true(run.unchanged);
		replay_core_packet(both.native, REPLAY_ETHERNET,
				   guarded_copy(bytes, header->caplen), header->caplen, header->len,
				   now_ns, 1);
		last_ns = now_ns;
		if (now_ns >= next_sweep_ns) {
			sweep_both(NL_SWEEP_TIMEOUTS, now_ns);
			next_sweep_ns = now_ns + interval_ns;
		}
		if (number % CPU_PACKETS == 0)
			next_cpu();
		if (number % DRAIN_PACKETS == 0)
			assert_int_equal(
				kernel_core_drain(both.kernel, observed_add, &both.from_kernel), 0);
	}
	assert_int_equal(r, PCAP_ERROR_BREAK);
	assert_true(number > 0);
	sweep_both(NL_SWEEP_TIMEOUTS, last_ns);
	return 0;
}

static void test_case(void **state)
{
	const struct kernel_case *c = *state;
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *capture = pcap_open_offline_with_tstamp_precision(
		c->capture, PCAP_TSTAMP_PRECISION_NANO, error);
	bool is_ethernet;
	u64 refused = 1;

	assert_non_null(capture);
	is_ethernet = pcap_datalink(capture) == DLT_EN10MB;
	if (is_ethernet) {
		open_pair(c);
		pair.is_usable = false; /* unless the end of this is reached */
		refused = run_capture(capture);
	}
	pcap_close(capture);
	if (!refused) {
		assert_int_equal(check_same(), c->records);
		pair.is_usable = true;
		return;
	}
	if (is_ethernet) { /* what passed before is the same all the same */
		check_same();
		pair.is_usable = true;
	}
	printf("# %s: not run in the kernel from packet %llu on: %s\n", c->name, refused,
	       c->not_in_kernel[0] ? c->not_in_kernel : "unexpected");
	assert_true(c->not_in_kernel[0]);
	skip();
}

static double number_option(const json_t *root, const char *name, double standard)
{
	const json_t *value = json_object_get(json_object_get(root, "options"), name);

	return value ? json_number_value(value) : standard;
}

/* How many records are expected of transactions that end before the capture does. */
static size_t ended_records(const json_t *root)
{
	size_t index, count = 0;
	json_t *record;

	json_array_foreach(json_object_get(root, "records"), index, record) count +=
		strcmp(json_string_value(json_object_get(record, "outcome")), "in_flight") != 0;
	return count;
}

static void read_case(const char *file)
{
	struct kernel_case *c = &cases[case_count];
	size_t length = strlen(file) - strlen(SUFFIX);
	char path[512];
	json_t *root, *value;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	snprintf(c->name, sizeof(c->name), "%.*s", (int)length, file);
	snprintf(c->capture, sizeof(c->capture), "%s/%.*s.pcap", directory, (int)length, file);
	root = json_load_file(path, JSON_ALLOW_NUL, NULL);
	if (!root) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(EXIT_FAILURE);
	}
	c->max_flows = (unsigned)number_option(root, "max_flows", CASE_FLOWS);
	c->timeout_s = number_option(root, "timeout", TIMEOUT_S);
	c->no_decap = json_is_true(json_object_get(json_object_get(root, "options"), "no_decap"));
	c->records = ended_records(root);
	value = json_object_get(root, "not_in_kernel");
	if (json_is_string(value))
		snprintf(c->not_in_kernel, sizeof(c->not_in_kernel), "%s",
			 json_string_value(value));
	json_decref(root);
	tests[case_count] =
		(struct CMUnitTest){ .name = c->name, .test_func = test_case, .initial_state = c };
	case_count++;
}

static int is_expected_file(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > strlen(SUFFIX) &&
	       strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

static int run_cases(void)
{
	struct dirent **entries;
	int count = scandir(directory, &entries, is_expected_file, alphasort);

	if (count <= 0 || count > CASES_MAX) {
		fprintf(stderr, "%s: no cases (make cases)\n", directory);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < count; i++) {
		read_case(entries[i]->d_name);
		free(entries[i]);
	}
	free((void *)entries);
	return _cmocka_run_group_tests("cases", tests, case_count, NULL, teardown);
}

int main(int argc, char **argv)
{
	if (getenv("CASES"))
		directory = getenv("CASES");
	if (argc > 1)
		directory = argv[1];
	return run_as_root(run_cases);
}
