// SPDX-License-Identifier: MIT
#include <stdbool.h>
#include <string.h>

#include "flags.h"

static const struct flag flags[] = {
	{FLAG_DURATION, "--duration", 'd', "a number of seconds above 0 and at most 1000000"},
	{FLAG_VERBOSE, "--verbose", 'v', NULL},
	{FLAG_OUTPUT, "--output", 0, "text or jsonl"},
	{FLAG_PROGRAM_TYPE, "--program-type", 0, "tracepoint, raw_tracepoint, kprobe or fentry"},
	{FLAG_ATTACH_TARGET, "--attach-target", 0, ""}, /* depends on the program type */
	{FLAG_TARGET_PID, "--target-pid", 0, "a process id from 0 to 4194304"},
	{FLAG_RING_SIZE, "--ring-size", 0, "a power of two from 4096 to 1073741824"},
	{FLAG_RECORD_SIZE, "--record-size", 0, "48, 64, 128, 256, 512 or 1024"},
	{FLAG_BATCH, "--batch", 0, "a whole number from 1 to 1000"},
	{FLAG_WAKEUP, "--wakeup", 0,
	 "adaptive, sampled:BYTES, timer:TIME or none, with BYTES from 1 to 1073741824 and TIME from 100us to 1s"},
	{FLAG_WORK, "--work", 0, "a whole number from 0 to 10000"},
	{FLAG_LATENCY, "--latency", 0, NULL},
	{FLAG_CPU, "--cpu", 0, "a CPU number from 0 to 4095"},
	{FLAG_VERSION, "--version", 'V', NULL},
	{FLAG_HELP, "--help", 'h', NULL},
};

#define NR_FLAGS (sizeof(flags) / sizeof(flags[0]))

struct word flags__take_apart(const char *arg)
{
	struct word word = {.flag_length = strcspn(arg, "=")};
	bool is_letter = arg[0] == '-' && arg[1] && arg[1] != '-';
	size_t i;

	if (is_letter) {
		word.flag_length = 2;
		while ((arg[word.flag_length] & 0xc0) == 0x80) /* the rest of a letter outside ASCII */
			word.flag_length++;
	}
	for (i = 0; i < NR_FLAGS && !word.flag; i++) {
		const char *name = flags[i].name;

		if (is_letter ? arg[1] == flags[i].letter :
				strncmp(arg, name, word.flag_length) == 0 && !name[word.flag_length])
			word.flag = &flags[i];
	}
	if (arg[0] == '-' && arg[word.flag_length])
		word.value = arg + word.flag_length + (arg[word.flag_length] == '=');
	return word;
}
