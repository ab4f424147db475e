# shellcheck shell=sh
# A known environment, whatever the caller's shell holds: sourced first by every script here and by scripts/toolchain.
#
# Variables steer tools from afar: CDPATH sends a `cd` elsewhere, CARGO_TARGET_DIR leaves an old program where the new one was
# expected, RUSTFLAGS and GOAMD64 make another one. So a list says what stays, and all else goes: where things are downloaded
# from and kept, what proves who may download, how loud it is. None of it decides what is built.

# Where the list ends with a star, all that begin so.
kept_variables='
PATH HOME USER LOGNAME SHELL TERM TMPDIR NO_COLOR CLICOLOR_FORCE COLUMNS LINES CI V DEBIAN_FRONTEND
SUDO_USER SUDO_UID SUDO_GID SUDO_ASKPASS
http_proxy https_proxy ftp_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY NETRC
SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE GIT_SSL_CAINFO NIX_SSL_CERT_FILE
XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR
CARGO_HOME CARGO_BUILD_JOBS CARGO_HTTP_* CARGO_NET_* CARGO_REGISTRY_* CARGO_REGISTRIES_* CARGO_SOURCE_* CARGO_TERM_*
RUSTUP_HOME RUSTUP_DIST_SERVER RUSTUP_UPDATE_ROOT RUSTUP_USE_CURL RUST_BACKTRACE INSTA_*
GOPATH GOCACHE GOMODCACHE GOPROXY GOSUMDB GOPRIVATE GONOPROXY GONOSUMDB GOINSECURE GOAUTH GOVCS
PIP_CERT PIP_CLIENT_CERT PIP_CACHE_DIR PIP_CONFIG_FILE PIP_DEFAULT_TIMEOUT PIP_EXTRA_INDEX_URL PIP_FIND_LINKS
PIP_INDEX_URL PIP_PROXY PIP_TRUSTED_HOST
BPF_CLANG BPF_LLVM_STRIP BPF_RUSTC_BIN
ORCHESTRATOR_*
'

is_kept() {
	for kept_variable in $kept_variables; do
		case $kept_variable in
		*'*') case $1 in "${kept_variable%'*'}"*) return 0 ;; esac ;;
		"$1") return 0 ;;
		esac
	done
	return 1
}

forget_the_rest() {
	# First what would change how the next lines are read.
	unset CDPATH ENV BASH_ENV GREP_OPTIONS POSIXLY_CORRECT
	set -f
	# A line of a value may look like a variable of its own: then nothing is lost.
	for variable in $(env | LC_ALL=C sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
		# The shell's own, which some shells do not give up.
		case $variable in
		_ | PWD | OLDPWD | SHLVL | PPID | UID | EUID | SHELLOPTS | BASHOPTS | IFS | PS4 | OPTIND) continue ;;
		esac
		is_kept "$variable" || unset "$variable" 2>/dev/null || :
	done
	set +f
	unset variable kept_variable
}

# cargo_target_folder TOP: where cargo's products of this checkout go: into it, unless its path has what make, which builds
# libbpf, cannot take. Then below the user's cache, by a name made of the path.
cargo_target_folder() {
	case $1 in
	*[!A-Za-z0-9_./+@,~=-]*)
		if printf '%s' "$1" | LC_ALL=C grep -q '[][[:space:]:%#$&;|<>()*?"'"'"'`\\{}!]'; then
			echo "${XDG_CACHE_HOME:-$HOME/.cache}/ebpf-framework-benchmark/$(printf '%s' "$1" | sha256sum | cut -c 1-16)"
			return
		fi
		;;
	esac
	echo "$1/target"
}

forget_the_rest
# A folder that is not there, or that is not the user's, helps no tool.
if [ -z "${HOME:-}" ]; then
	HOME=$(getent passwd "$(id -u)" 2>/dev/null | cut -d : -f 6) || HOME=''
	HOME=${HOME:-/}
fi
# Messages and sorting are the same in every country, and names of files may have any letter.
LC_ALL=C.UTF-8
export HOME LC_ALL
# What is made here can be read by the others who take part: the user, root, and the load, which is nobody.
umask 022
