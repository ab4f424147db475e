/* SPDX-License-Identifier: MIT */
/* The little of JSON that writing the protocol needs. */
#ifndef JSON_H
#define JSON_H

#include <linux/types.h>
#include <stddef.h>
#include <stdio.h>

/* Writes a quoted string; bytes that are not UTF-8 become U+FFFD. */
void json__string(FILE *out, const char *text);

/* Writes an array of integers. */
void json__numbers(FILE *out, const __u32 *numbers, size_t count);

#endif /* JSON_H */
