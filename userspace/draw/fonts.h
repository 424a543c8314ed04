/* SPDX-License-Identifier: MIT */
/*
 * The program that draws, confined, where letters have to be looked up.
 */
#ifndef LINKWIRE_DRAW_FONTS_H
#define LINKWIRE_DRAW_FONTS_H

#include <stdbool.h>

bool confine_but_fonts(void);

#endif
