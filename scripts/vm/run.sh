#!/bin/bash -p
# Runs a command under another kernel: in an emulated machine whose files are this one's. What kprobe and fentry do, for
# instance, can so be seen where the running kernel has neither. It is for function only: a time measured in an emulated
# machine means nothing.
#
#   scripts/vm/run.sh [OPTION...] -- COMMAND [ARG...]
#
#   scripts/vm/run.sh --kernel 5.10 -- build/go/ringbuf_throughput -d 1 --program-type fentry
#
#   --kernel KERNEL     5.10, 6.1, 6.12, or sid for the newest of Debian's kernels [default: 6.1]
#   --cpus N            CPUs of the machine [default: 2]
#   --memory MIB        its memory; half of it can be written to [default: 1536]
#   --timeout SECONDS   end the machine after this long [default: 1800]
#   -h, --help
#
# The command runs as root, in the top folder of the checkout, with nothing on standard input. Everything that is installed
# here is there too. What it writes stays in the machine's memory and is gone afterwards; its standard output and error
# come out here. The kernel is downloaded once, into build/vm (scripts/vm/kernel.sh).
#
# Exit status: that of the command; 64 bad option, 69 something needed is missing, 70 the machine ended without a status,
# 124 it ran out of time.
set -euo pipefail
self=$(readlink -f -- "$0")
cd -- "${self%/*}/../.."
# shellcheck source=scripts/lib/common.sh
. scripts/lib/common.sh

kernel=6.1
cpus=2
memory=1536
limit=1800
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help)
		print_help
		exit 0
		;;
	--kernel | --cpus | --memory | --timeout)
		[ $# -ge 2 ] || usage_error "\`$1\` needs a value"
		case $1 in
		--kernel) kernel=$2 ;;
		--cpus) cpus=$2 ;;
		--memory) memory=$2 ;;
		--timeout) limit=$2 ;;
		esac
		shift
		;;
	--)
		shift
		break
		;;
	*) usage_error "unknown option \`$1\`" ;;
	esac
	shift
done
[ $# -gt 0 ] || usage_error 'no command to run'
for number in "$cpus" "$memory" "$limit"; do
	[[ $number =~ ^[1-9][0-9]{0,6}$ ]] || usage_error "\`$number\` is not a whole number above 0"
done

PATH=$PATH:/usr/sbin:/sbin
# Where Debian puts it: in QEMU's own package until 12, in one of its own since.
for virtiofsd in /usr/lib/qemu/virtiofsd /usr/libexec/virtiofsd; do
	[ ! -x "$virtiofsd" ] || break
done

require() {
	[ "$(uname -m)" = x86_64 ] || fail 69 'emulated machines share the files of an x86-64 host only' 'use such a machine'
	is_root || fail 69 'sharing the files of this machine needs root' "run it with sudo"
	local tool lacking=()
	for tool in qemu-system-x86_64 busybox cpio depmod modprobe xz dpkg-deb "$virtiofsd"; do
		have "$tool" || lacking+=("$tool")
	done
	[ ${#lacking[@]} -eq 0 ] || fail 69 "an emulated machine needs: ${lacking[*]}" \
		'run `apt-get install qemu-system-x86 busybox-static cpio kmod xz-utils`; on Debian 13 or newer, also `virtiofsd`'
	file -L "$(command -v busybox)" 2>/dev/null | grep -q dynamically &&
		fail 69 '`busybox` is linked dynamically' 'run `apt-get install busybox-static`'
	return 0
}

# pack_modules FOLDER MODULE...: the modules and what they depend on, numbered in the order to insert them.
pack_modules() {
	local folder=$1 module verb path name number=100
	shift
	for module in "$@"; do
		while read -r verb path _; do
			# Others are built into the kernel, as are those that modprobe does not find.
			[ "$verb" = insmod ] || continue
			name=$(basename "${path%.xz}")
			# Several depend on the same.
			! compgen -G "$folder/*-$name" >/dev/null || continue
			number=$((number + 1))
			case $path in
			*.xz) xz --decompress --stdout "$path" >"$folder/$number-$name" ;;
			*) cp "$path" "$folder/$number-$name" ;;
			esac
		done < <(modprobe --quiet --dirname "$kernel_root" --set-version "$release" --show-depends "$module")
	done
}

pack_initramfs() {
	local tree=$work/initramfs
	mkdir -p "$tree"/{bin,proc,sys,dev,host,writable,newroot,modules}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	install -m 755 scripts/vm/init.sh "$tree/init"
	pack_modules "$tree/modules" virtio_pci virtiofs overlay
	echo "$kernel_root" >"$tree/kernel_root"
	{
		echo 'export HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
		printf 'cd %q\n' "$PWD"
		printf 'exec'
		printf ' %q' "$@"
		echo
	} >"$tree/command"
	(cd "$tree" && find . | cpio --quiet --create --format newc --owner +0:+0) >"$work/initramfs.cpio"
}

# Serial lines: 0 console, 1 standard output, 2 standard error, 3 exit status.
boot() {
	# One thread emulates all CPUs in turn. With a thread each, machines hung while the kernel patched a tracepoint's code
	# (docs/decisions/0005-other-kernels-emulated.md).
	exec timeout "$limit" qemu-system-x86_64 -accel tcg,thread=single -M q35,memory-backend=memory -cpu max,la57=off \
		-smp "$cpus" -m "$memory" \
		-object "memory-backend-memfd,id=memory,size=${memory}M,share=on" \
		-chardev "socket,id=files,path=$work/files.sock" -device vhost-user-fs-pci,chardev=files,tag=host \
		-kernel "build/vm/$kernel/vmlinuz" -initrd "$work/initramfs.cpio" \
		-append 'console=ttyS0 panic=-1 quiet no_timer_check mitigations=off rcupdate.rcu_expedited=1 8250.nr_uarts=4' \
		-serial "file:$work/console" -serial "file:$work/stdout" -serial "file:$work/stderr" -serial "file:$work/status" \
		-nodefaults -display none -no-reboot
}

require
as_builder scripts/vm/kernel.sh "$kernel"
release=$(cat "build/vm/$kernel/release")
kernel_root=$PWD/build/vm/$kernel/root

work=$(mktemp -d)
# shellcheck disable=SC2317 # called by the trap
finish() {
	local running
	running=$(jobs -pr)
	# shellcheck disable=SC2086 # process ids, one a word
	[ -z "$running" ] || kill $running 2>/dev/null || true
	rm -rf "$work"
}
# The machine is a job in the background, because only then does the shell act on a signal at once.
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

pack_initramfs "$@"
"$virtiofsd" --socket-path="$work/files.sock" -o source=/ -o cache=always -o sandbox=chroot >"$work/virtiofsd.log" 2>&1 &
# Pipes, so that the command's output comes out while it runs.
mkfifo "$work/stdout" "$work/stderr"
cat "$work/stdout" &
out=$!
cat "$work/stderr" >&2 &
err=$!
for _ in {1..100}; do
	[ ! -S "$work/files.sock" ] || break
	sleep 0.05
done

ended=0
boot &
wait "$!" || ended=$?
show_console() {
	tail -n 40 "$work/virtiofsd.log" "$work/console" >&2 || true
}
if [ "$ended" -eq 124 ]; then
	show_console
	fail 124 "the machine did not end within $limit s" 'give it longer with `--timeout`, or look at its console above'
fi
# QEMU that failed before it opened them leaves nothing to read.
[ "$ended" -ne 0 ] || wait "$out" "$err"
if [ ! -s "$work/status" ]; then
	show_console
	fail 70 'the machine ended without telling the exit status of the command' 'look at its console above'
fi
exit "$(tr -d '\r\n' <"$work/status")"
