/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * private_file.h - files and directories for what was on the wire, which may be secret.
 *
 * Files are 0640, directories 0750, whatever the umask. Under sudo they are given to who called
 * it: so they can be opened without sudo, and Wireshark should not be run as root.
 */
#ifndef NETLAT_PRIVATE_FILE_H
#define NETLAT_PRIVATE_FILE_H

/* Make a file that is not there yet, below a directory or AT_FDCWD. Its descriptor, or -errno. */
int private_file_create(int directory, const char *name);

/* Make a directory that is not there yet. 0 or -errno. */
int private_directory_create(const char *path);

#endif
