// SPDX-License-Identifier: MIT
#include "usage.h"

#define HINT "run `ringbuf_throughput --help` for the flags and their values"

int usage__unknown_flag(struct failure *failure, const char *flag)
{
	return failure__set(failure, FAILURE_USAGE, HINT, "unknown flag `%s`", flag);
}

int usage__missing_value(struct failure *failure, const char *flag)
{
	return failure__set(failure, FAILURE_USAGE, HINT, "`%s` needs a value", flag);
}

int usage__needless_value(struct failure *failure, const char *flag)
{
	return failure__set(failure, FAILURE_USAGE, HINT, "`%s` takes no value", flag);
}

int usage__stray_word(struct failure *failure, const char *word)
{
	return failure__set(failure, FAILURE_USAGE, HINT, "unexpected argument `%s`", word);
}

int usage__bad_value(struct failure *failure, const char *flag, const char *value, const char *expected)
{
	return failure__set(failure, FAILURE_USAGE, HINT, "invalid value `%s` for `%s`: expected %s", value, flag,
			    expected);
}

int usage__forbidden_cpu(struct failure *failure, const char *value)
{
	return failure__set(failure, FAILURE_USAGE, HINT,
			    "invalid value `%s` for `--cpu`: this process may not run on that CPU", value);
}
