#!/usr/bin/env bash
# Prints the beginning of a boot sector, short of a partition table: it says on the console that the disk was booted. The code
# sets DS and SI, sends each byte of the text once the first serial port is ready, and halts.
printf '\061\300\216\330\276\042\174\374\254\204\300\164\022\210\304\272\375\003\354\250\040\164\373\210\340\272\370\003\356'
printf '\353\351\364\353\375\r\nBOOTED FROM DISK\r\n\000'
