// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract.h"

static volatile sig_atomic_t signalled;
static bool input_is_pipe;

static void on_signal(int signal)
{
	(void)signal;
	signalled = 1;
}

void stop__listen(void)
{
	/* No SA_RESTART: epoll_wait has to return. */
	struct sigaction action = {.sa_handler = on_signal};
	struct stat input;

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	input_is_pipe = fstat(STDIN_FILENO, &input) == 0 && (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode));
}

bool stop__signalled(void)
{
	return signalled;
}

bool stop__input_ended(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	static char ignored[65536]; /* a whole pipe */
	ssize_t length;

	if (!input_is_pipe || poll(&input, 1, 0) <= 0)
		return false;
	/* When there is only POLLHUP, this returns 0 at once. */
	length = read(STDIN_FILENO, ignored, sizeof(ignored));
	return length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN);
}
