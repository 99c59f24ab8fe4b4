/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* service_notify.c - what the service manager is told, sd_notify(3). */
#include "service_notify.h"

#include <systemd/sd-daemon.h>

#include "clock.h"

void service_notify_ready(const char *what)
{
	sd_notifyf(0, "READY=1\nSTATUS=Observing %s", what);
}

void service_notify_status(const char *what)
{
	sd_notifyf(0, "STATUS=Observing %s", what);
}

void service_notify_reloading(void)
{
	/* The time is for Type=notify-reload (systemd 253): it tells this reload from an earlier.
	 */
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=Reloading", monotonic_ns() / 1000);
}

void service_notify_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=Ending");
}
