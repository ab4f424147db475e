#!/bin/busybox sh
# shellcheck shell=dash
#
# The first process of the emulated machine: busybox alone, in an initramfs. Makes the host's files the root, runs the command
# and ends the machine. scripts/vm/run.sh packs it, beside modules/ (in the order to insert them), release, kernel_root
# and command, and reads the four serial lines.
set -eu

/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1 </dev/null

# The host sees a machine that ended without a status; why is on the console.
trap 'reboot -f' EXIT

for module in /modules/*; do
	[ -e "$module" ] && insmod "$module"
done

# The host's files are read only; what is written lands in memory and is gone with the machine.
mount -t virtiofs -o ro host /host
mount -t tmpfs -o size=60% writable /writable
mkdir /writable/upper /writable/work
mount -t overlay -o lowerdir=/host,upperdir=/writable/upper,workdir=/writable/work overlay /newroot

for kernel_fs in proc sys dev; do
	mount -o bind "/$kernel_fs" "/newroot/$kernel_fs"
done
mount -t tmpfs run /newroot/run
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /newroot/dev/pts
mount -t tmpfs shm /newroot/dev/shm
mount -t tracefs tracefs /newroot/sys/kernel/tracing
mount -t debugfs debugfs /newroot/sys/kernel/debug
mount -t bpf bpf /newroot/sys/fs/bpf
ip link set lo up

# Modules and headers of this kernel, which the host need not have installed, to where everything looks for them.
kernel_root=$(cat /kernel_root)
rm -rf "/newroot/lib/modules/$(uname -r)"
ln -s "$kernel_root/lib/modules/$(uname -r)" "/newroot/lib/modules/$(uname -r)"
for headers in "/newroot$kernel_root"/usr/src/linux-headers-*; do
	name=${headers##*/}
	[ ! -e "$headers" ] || [ -e "/newroot/usr/src/$name" ] || ln -s "$kernel_root/usr/src/$name" "/newroot/usr/src/$name"
done

for line in ttyS1 ttyS2 ttyS3; do
	stty -F "/dev/$line" raw -echo
done
cp /command /newroot/run/command
status=0
chroot /newroot /bin/bash /run/command >/dev/ttyS1 2>/dev/ttyS2 || status=$?
echo "$status" >/dev/ttyS3
