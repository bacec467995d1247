/* Writes frames of application/vnd.amazon.eventstream for tests, with a CRC-32 of its own, bit by bit, so that the reader is not judged by
 * what it uses itself. Not part of the production code. */
#pragma once

#include "base/sb.h"

static inline uint32_t frame_crc(struct str s)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static inline void frame_u32(struct sb *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        sb_char(b, (char)(v >> shift & 0xff));
}

/* value: its bytes; their length is written for types 6 and 7. */
static inline void frame_header(struct sb *b, struct str name, int type, struct str value)
{
    sb_char(b, (char)name.n);
    sb_str(b, name);
    sb_char(b, (char)type);
    if (type == 6 || type == 7) {
        sb_char(b, (char)(value.n >> 8));
        sb_char(b, (char)(value.n & 0xff));
    }
    sb_str(b, value);
}

/* Appends a frame of headers as frame_header wrote them. */
static inline void frame_write(struct sb *b, struct str headers, struct str payload)
{
    size_t start = b->n;
    frame_u32(b, (uint32_t)(16 + headers.n + payload.n));
    frame_u32(b, (uint32_t)headers.n);
    frame_u32(b, frame_crc(str_sub(sb_view(b), start, b->n)));
    sb_str(b, headers);
    sb_str(b, payload);
    frame_u32(b, frame_crc(str_sub(sb_view(b), start, b->n)));
}

/* Appends an event as Bedrock sends it. */
static inline void frame_event(struct sb *b, struct str type, struct str payload)
{
    struct sb headers = SB_INIT(4096);
    frame_header(&headers, STR(":event-type"), 7, type);
    frame_header(&headers, STR(":content-type"), 7, STR("application/json"));
    frame_header(&headers, STR(":message-type"), 7, STR("event"));
    frame_write(b, sb_view(&headers), payload);
    sb_done(&headers);
}
