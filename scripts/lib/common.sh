# shellcheck shell=sh
# What every script here shares. Sourced from the top folder of the checkout, never run; the script has set `self` to its own
# path, absolute and without links. That way it neither depends on where it was called from, nor on CDPATH.

# shellcheck source=scripts/lib/environment.sh
. scripts/lib/environment.sh

# Colours only for a person at a terminal (https://no-color.org); everything reads well without them.
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m')
	plain=$(printf '\033[0m')
else
	bold=''
	plain=''
fi

say() {
	printf '%s%s%s\n' "$bold" "$*" "$plain"
}

# fail STATUS MESSAGE HINT: the form of every error message in this project.
fail() {
	printf 'error: %s\n\nhint: %s\n' "$2" "$3" >&2
	exit "$1"
}

usage_error() {
	fail 64 "$1" "run \`$0 --help\` for the options"
}

# The comment at the top of a script is its help text.
print_help() {
	# shellcheck disable=SC2154 # the script has set it
	sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$self"
}

# only_help ARG...: the command line of a script without options of its own.
only_help() {
	for option in "$@"; do
		case $option in
		-h | --help)
			print_help
			exit 0
			;;
		*) usage_error "unknown option \`$option\`" ;;
		esac
	done
}

have() {
	command -v "$1" >/dev/null 2>&1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# version_at_least WANTED FOUND
version_at_least() {
	[ -n "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# first_version COMMAND...: the first number with a dot that the command prints.
first_version() {
	"$@" 2>/dev/null | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)*' | head -n 1
}

# Under `sudo make`, products and caches must not become root's in a user's checkout: builds run as that user. In a checkout
# of root's, root builds; the orchestrator, which asks the same variables, is told so.
builder=''
if is_root && [ "${SUDO_USER:-root}" != root ]; then
	if [ "$(stat -c %U .)" = "$SUDO_USER" ]; then
		builder=$SUDO_USER
	else
		unset SUDO_USER SUDO_UID SUDO_GID
	fi
fi

# What sudo would take away of the known environment, and what does not belong to one user.
across_users=CI,V,LC_ALL,http_proxy,https_proxy,all_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,ALL_PROXY,NO_PROXY,SSL_CERT_FILE,SSL_CERT_DIR
across_users=$across_users,CURL_CA_BUNDLE,REQUESTS_CA_BUNDLE,PIP_CERT,PIP_INDEX_URL,GOPROXY,GOSUMDB,RUSTUP_DIST_SERVER,RUSTUP_UPDATE_ROOT

as_builder() {
	if [ -n "$builder" ]; then
		sudo -u "$builder" -H --preserve-env="$across_users" -- "$@"
	else
		"$@"
	fi
}

as_root() {
	if is_root; then
		"$@"
	else
		sudo -- "$@"
	fi
}

# Whether as_root will work. Asks for the password at most once, before the first use, and remembers a refusal.
root_answer=''
can_be_root() {
	if [ -z "$root_answer" ]; then
		root_answer=no
		if is_root || { have sudo && sudo -n true 2>/dev/null; }; then
			root_answer=yes
		elif have sudo && [ -t 0 ]; then
			say 'this needs root, through sudo, which may ask for your password'
			sudo -v && root_answer=yes
		fi
	fi
	[ "$root_answer" = yes ]
}

# tool COMMAND...: runs a build tool as the builder, found where the toolchains' installers put it.
tool() {
	as_builder scripts/toolchain "$@"
}

# The newest clang-format there is.
clang_format_command() {
	for candidate in clang-format-22 clang-format; do
		if have "$candidate"; then
			echo "$candidate"
			return 0
		fi
	done
	return 1
}
