// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "values.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

#define DURATION_MAX_SEC 1000000.0

bool values__number(const char *text, __u64 min, __u64 max, __u64 *number)
{
	__u64 value = 0;
	const char *c;

	if (!*text)
		return false;
	for (c = text; *c; c++) {
		if (*c < '0' || *c > '9')
			return false;
		/* Past `max` no further digit can bring it back, and stopping here keeps it from overflowing. */
		value = value * 10 + (__u64)(*c - '0');
		if (value > max)
			return false;
	}
	if (value < min)
		return false;
	*number = value;
	return true;
}

bool values__duration_ns(const char *text, __u64 *duration_ns)
{
	size_t whole = strspn(text, DIGITS), fraction;
	double seconds;

	if (!whole)
		return false;
	if (text[whole] == '.') {
		fraction = strspn(text + whole + 1, DIGITS);
		if (!fraction || text[whole + 1 + fraction])
			return false;
	} else if (text[whole]) {
		return false;
	}
	seconds = strtod(text, NULL);
	if (!(seconds > 0 && seconds <= DURATION_MAX_SEC))
		return false;
	*duration_ns = (__u64)(seconds * NSEC_PER_SEC + 0.5);
	return true;
}

bool values__power_of_two(const char *text, __u64 min, __u64 max, __u64 *number)
{
	return values__number(text, min, max, number) && (*number & (*number - 1)) == 0;
}

bool values__time_ns(const char *text, __u64 min_ns, __u64 max_ns, __u64 *time_ns)
{
	static const struct {
		const char *name;
		__u64 ns;
	} units[] = {{"us", NSEC_PER_USEC}, {"ms", NSEC_PER_MSEC}, {"s", NSEC_PER_SEC}};
	size_t length = strspn(text, DIGITS), i;
	char digits[24];
	__u64 number;

	if (length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + length, units[i].name) == 0 &&
		    values__number(digits, (min_ns + units[i].ns - 1) / units[i].ns, max_ns / units[i].ns, &number)) {
			*time_ns = number * units[i].ns;
			return true;
		}
	}
	return false;
}

bool values__is_tracepoint(const char *text)
{
	const char *slash = strchr(text, '/');
	size_t name;

	if (!slash || slash == text || strspn(text, LETTERS DIGITS "_-") != (size_t)(slash - text))
		return false;
	name = strspn(slash + 1, LETTERS DIGITS "_-");
	return name && !slash[1 + name];
}

bool values__is_function(const char *text)
{
	return strspn(text, LETTERS "_") && !text[strspn(text, LETTERS DIGITS "_.$")];
}
