# Copyright (c) 2026, The netinstall.pxe authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the kernel command line tells the installer of one release, read as that release's anaconda reads it:
# EL 6 knows names without prefix (loader/loader.c), EL 7 and 8 both spellings, EL 9 only those with `inst.`
# (dracut/README-dracut). For sh and busybox.

# arguments RELEASE WORD...: prints lines NAME='VALUE':
#   ks repo stage2           URLs
#   device                   interface or MAC (aa:bb:cc:dd:ee:ff) of the card to use; empty: the first
#   address netmask gateway nameserver hostname     empty address: DHCP
#   sendmac                  1: say the card's MAC when fetching the kickstart
#   ignored                  arguments that this release does not know any more
arguments() {
    _release=$1
    shift
    ks='' repo='' stage2='' device='' address='' netmask='' gateway='' nameserver='' hostname='' sendmac='' ignored='' bootif=''
    for _word; do
        if [ "$_release" -le 6 ]; then
            argument_el6 "$_word"
        else
            argument_el7 "$_word"
        fi
    done
    for _name in ks repo stage2 device address netmask gateway nameserver hostname sendmac ignored; do
        eval "_value=\$$_name"
        printf "%s='%s'\n" "$_name" "$(printf %s "$_value" | sed "s/'/'\\\\''/g")"
    done
}

argument_el6() {
    case $1 in
        ks=*) ks=${1#*=} ;;
        repo=* | method=*) repo=${1#*=} ;;
        stage2=*) stage2=${1#*=} ;;
        kssendmac) sendmac=1 ;;
        ksdevice=bootif) device=${bootif:-bootif} ;;
        ksdevice=link) ;;
        ksdevice=*) device=$(lower "${1#*=}") ;;
        BOOTIF=*)
            # IPAPPEND 2 tells the MAC; the release uses it where the device is `bootif`, or nothing else is said.
            bootif=$(boot_mac "$1")
            case $device in bootif | '') device=$bootif ;; esac
            ;;
        ip=dhcp | ip=ibft) ;;
        ip=*) address=${1#*=} ;;
        netmask=*) netmask=${1#*=} ;;
        gateway=*) gateway=${1#*=} ;;
        dns=*) nameserver=$(echo "${1#*=}" | tr , ' ') ;;
        inst.*) ignored="$ignored${ignored:+ }$1" ;;
    esac
}

argument_el7() {
    _given=$1
    case $1 in
        inst.*) set -- "${1#inst.}" ;;
        ks=* | kssendmac | ks.sendmac | repo=* | method=* | stage2=*)
            if [ "$_release" -ge 9 ]; then
                ignored="$ignored${ignored:+ }$1"
                return
            fi
            ;;
    esac
    case $1 in
        ks=*) ks=${1#*=} ;;
        repo=* | method=*) repo=${1#*=} ;;
        stage2=*) stage2=${1#*=} ;;
        ks.sendmac | kssendmac) sendmac=1 ;;
        ks.device=link | ks.device=bootif | ksdevice=link | ksdevice=bootif) ;;
        ks.device=* | ksdevice=* | bootdev=*) device=$(lower "${1#*=}") ;;
        BOOTIF=*) [ -n "$device" ] || device=$(boot_mac "$1") ;;
        nameserver=*) nameserver="$nameserver${nameserver:+ }${1#*=}" ;;
        ip=*) [ "$_given" = "$1" ] && address_el7 "${1#*=}" ;;
    esac
    return 0
}

# dracut.cmdline(7): ip=METHOD, ip=INTERFACE:METHOD or ip=ADDRESS:[PEER]:GATEWAY:NETMASK:HOSTNAME:INTERFACE:none
address_el7() {
    case $1 in
        *:*:*:*)
            _rest=$1
            address=${_rest%%:*} _rest=${_rest#*:}
            _rest=${_rest#*:}
            gateway=${_rest%%:*} _rest=${_rest#*:}
            netmask=${_rest%%:*} _rest=${_rest#*:}
            hostname=${_rest%%:*} _rest=${_rest#*:}
            [ -z "${_rest%%:*}" ] || device=${_rest%%:*}
            ;;
        *:*) device=${1%%:*} ;;
    esac
}

lower() {
    echo "$1" | tr A-Z a-z
}

# BOOTIF=01-52-54-00-AA-00-01 → 52:54:00:aa:00:01
boot_mac() {
    lower "${1#BOOTIF=??-}" | tr - :
}

# tree_stage2 FILE: the path of stage 2 that a .treeinfo names, relative to the tree.
tree_stage2() {
    sed -n '/^\[stage2\]/,/^\[/s/^mainimage *= *//p' "$1" | head -n 1
}

# kickstart_url FILE: the tree that a kickstart installs from, where it can be read without running %pre.
kickstart_url() {
    sed -n -e 's/^ *url .*--url[= ]*"\{0,1\}\([^" ]*\).*/\1/p' \
        -e 's/^ *nfs .*--server[= ]*\([^ ]*\) .*--dir[= ]*\([^ ]*\).*/nfs:\1:\2/p' "$1" | head -n 1
}
