#!/usr/bin/env bash
# Makes in the folder $1 two disks, as files: a RAID 1 with a file system over the first partitions of both, a volume
# group over the second ones. Runs where the kernel knows such. Their UUIDs go to the file names, a line each.
set -eu
mkdir "$1"
cd "$1"
# Nothing else starts what is stopped below.
echo 'AUTO -all' >> /etc/mdadm/mdadm.conf
loops=()
for disk in disk1 disk2; do
  truncate --size=4G "$disk"
  printf '2048,2097152,fd\n,2097152,8e\n' | sfdisk --quiet --label=dos "$disk"
  loops+=("$(losetup --find --show --partscan "$disk")")
done
udevadm settle
mdadm --create /dev/md/data --run --metadata=1.2 --level=1 --raid-devices=2 --assume-clean "${loops[@]/%/p1}"
mke2fs -q /dev/md/data
pvcreate --quiet "${loops[@]/%/p2}"
vgcreate --quiet --setautoactivation n shared "${loops[@]/%/p2}"
lvcreate --quiet --yes --type=striped --stripes=2 --size=512M --name=data shared
mke2fs -q /dev/shared/data
# What reports are to name.
mdadm --detail --export /dev/md/data | sed -n 's/^MD_UUID=//p' > names
vgs --noheadings --options=vg_uuid shared | sed 's/ //g' >> names
vgchange --quiet --activate=n shared
mdadm --stop /dev/md/data
udevadm settle
losetup --detach "${loops[@]}"
sync
