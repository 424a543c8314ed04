/* SPDX-License-Identifier: MIT */
#ifndef LWCTL_VERSION_H
#define LWCTL_VERSION_H

#define LINKWIRE_VERSION "0.1.0"

#endif
