// SPDX-License-Identifier: MIT
#include "json.h"

/* Bytes of the UTF-8 character at `text`, 0 if there is none. */
static size_t utf8_length(const unsigned char *text)
{
	unsigned char first = text[0], low = 0x80, high = 0xbf;
	size_t length, i;

	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		length = 2;
	else if (first >= 0xe0 && first <= 0xef)
		length = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		length = 4;
	else
		return 0;

	/* The second byte's range is what excludes overlong forms, surrogates and all above U+10FFFF. */
	switch (first) {
	case 0xe0:
		low = 0xa0;
		break;
	case 0xed:
		high = 0x9f;
		break;
	case 0xf0:
		low = 0x90;
		break;
	case 0xf4:
		high = 0x8f;
		break;
	}
	if (text[1] < low || text[1] > high)
		return 0;
	for (i = 2; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

static void write_ascii(FILE *out, unsigned char c)
{
	switch (c) {
	case '"':
		fputs("\\\"", out);
		break;
	case '\\':
		fputs("\\\\", out);
		break;
	case '\b':
		fputs("\\b", out);
		break;
	case '\f':
		fputs("\\f", out);
		break;
	case '\n':
		fputs("\\n", out);
		break;
	case '\r':
		fputs("\\r", out);
		break;
	case '\t':
		fputs("\\t", out);
		break;
	default:
		if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			putc(c, out);
	}
}

void json__string(FILE *out, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	putc('"', out);
	while (*c) {
		size_t length = utf8_length(c);

		if (length == 0) {
			fputs("\xef\xbf\xbd", out);
			c++;
		} else if (length == 1) {
			write_ascii(out, *c++);
		} else {
			fwrite(c, 1, length, out);
			c += length;
		}
	}
	putc('"', out);
}

void json__numbers(FILE *out, const __u32 *numbers, size_t count)
{
	size_t i;

	putc('[', out);
	for (i = 0; i < count; i++)
		fprintf(out, "%s%u", i ? "," : "", numbers[i]);
	putc(']', out);
}
