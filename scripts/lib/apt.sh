# shellcheck shell=sh disable=SC2034 # setup.sh reads what these functions set
# Packages of Debian and Ubuntu. Sourced by setup.sh after common.sh.

apt_updated=no

apt_quiet() {
	if [ "${V:-}" = 1 ]; then
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" </dev/null
	else
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq "$@" </dev/null >/dev/null
	fi
}

# A fresh image has no package lists, and old ones name files that have left the mirror: once a run, before the first use.
apt_update_once() {
	[ "$apt_updated" = no ] || return 0
	require_root_for_packages || return 1
	say "  updating the package lists"
	apt_quiet update || say "  warning: some package lists could not be updated"
	apt_updated=yes
}

require_root_for_packages() {
	if ! have apt-get; then
		last_problem="this system has no apt-get; install it by hand"
		return 1
	fi
	if ! can_be_root; then
		last_problem='installing packages needs root, and sudo is not there or refuses; run `make setup` as root once'
		return 1
	fi
}

# apt_install PACKAGE...: without removing anything that is there.
apt_install() {
	apt_update_once || return 1
	say "  apt-get install $*"
	if ! apt_quiet install -y --no-install-recommends --no-remove "$@"; then
		last_problem="\`apt-get install $*\` failed; run it by hand to see why"
		return 1
	fi
}

# apt_offers PACKAGE [AT_LEAST]: whether the archive has it, in this version or newer.
apt_offers() {
	apt_update_once || return 1
	version_at_least "${2:-0}" "$(apt_candidate "$1")"
}

# apt_candidate PACKAGE: the upstream version that would be installed, such as 1.96.0; empty if there is none.
apt_candidate() {
	LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p'
}
