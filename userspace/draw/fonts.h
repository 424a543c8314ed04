/* SPDX-License-Identifier: MIT */
/*
 * The program that draws, confined, where letters have to be looked up.
 */
#ifndef LINKWIRE_DRAW_FONTS_H
#define LINKWIRE_DRAW_FONTS_H

void confine_but_fonts(void);

#endif
