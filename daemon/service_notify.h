/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * service_notify.h - what the service manager is told, sd_notify(3): nothing where there is none
 * (no $NOTIFY_SOCKET). A message that cannot be sent is lost.
 */
#ifndef NETLAT_SERVICE_NOTIFY_H
#define NETLAT_SERVICE_NOTIFY_H

/* It observes `what`; also when a reload is over. */
void service_notify_ready(const char *what);

/* What it observes changed. */
void service_notify_status(const char *what);

/* It is about to read its configuration again: service_notify_ready() has to follow. */
void service_notify_reloading(void);

/* It is about to end. */
void service_notify_stopping(void);

#endif
