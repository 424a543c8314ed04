/* SPDX-License-Identifier: MIT */
/*
 * lwctl topo convert
 */
#ifndef LINKWIRE_TOPO_CONVERT_H
#define LINKWIRE_TOPO_CONVERT_H

#include "lwctl/lwctl.h"

lwctl_fn topo_convert;

#endif
