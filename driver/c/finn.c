/* SPDX-License-Identifier: Apache-2.0 */
#include "finn.h"

/* Access to a register; a test puts functions of its own here. */
#ifdef FINN_ACCESS
#include FINN_ACCESS
#else
#define FINN_READ(address) (*(volatile const uint32_t *)(address))
#define FINN_WRITE(address, value) (*(volatile uint32_t *)(address) = (value))
#endif

/* The channels count finished jobs modulo this. */
#define JOBS ((FINN_DMA_S2MM_STATUS_JOBS_MASK >> FINN_DMA_S2MM_STATUS_JOBS_SHIFT) + 1u)
#define MOST_JOBS 2u
#define UNIT_CONTROL 0u
#define UNIT_STATUS 4u
#define BRIGHT 128u

/* Registers of a channel of the DMA. Both have the same fields; `frame` is one of S2MM alone. */
struct channel {
    uint32_t base_lo, base_hi, length, count, start, status, done, address_lo, address_hi, errors;
};

#define ERRORS(side)                                                                                                   \
    (FINN_DMA_##side##_STATUS_SLAVE_ERROR_MASK | FINN_DMA_##side##_STATUS_DECODE_ERROR_MASK |                          \
     FINN_DMA_##side##_STATUS_MISALIGNED_MASK | FINN_DMA_##side##_STATUS_BAD_LENGTH_MASK |                             \
     FINN_DMA_##side##_STATUS_BAD_COUNT_MASK | FINN_DMA_##side##_STATUS_OVERSIZED_MASK |                               \
     FINN_DMA_##side##_STATUS_OVERRUN_MASK)
#define CHANNEL(side, errors)                                                                                          \
    {                                                                                                                  \
        FINN_DMA_##side##_BASE_LO, FINN_DMA_##side##_BASE_HI, FINN_DMA_##side##_LENGTH, FINN_DMA_##side##_COUNT,       \
            FINN_DMA_##side##_START, FINN_DMA_##side##_STATUS, FINN_DMA_##side##_DONE,                                 \
            FINN_DMA_##side##_ERROR_ADDRESS_LO, FINN_DMA_##side##_ERROR_ADDRESS_HI, errors                             \
    }

static const struct channel source = CHANNEL(MM2S, ERRORS(MM2S));
static const struct channel sink = CHANNEL(S2MM, ERRORS(S2MM) | FINN_DMA_S2MM_STATUS_FRAME_MASK);

static uint32_t get(const struct finn *finn, uint32_t offset)
{
    return FINN_READ(finn->base + offset);
}

static void put(const struct finn *finn, uint32_t offset, uint32_t value)
{
    FINN_WRITE(finn->base + offset, value);
}

/* Wait until the bits `mask` of a register have a value. */
static enum finn_result until(const struct finn *finn, uint32_t offset, uint32_t mask, uint32_t value)
{
    uint32_t looks;
    for (looks = 0; looks < finn->patience; looks++)
        if ((get(finn, offset) & mask) == value)
            return FINN_OK;
    return FINN_TIMEOUT;
}

enum finn_result finn_open(struct finn *finn, uintptr_t base)
{
    finn->base = base;
    finn->patience = 1000000u;
    finn->wait = 0;
    finn->context = 0;
    if (get(finn, FINN_CTRL_IDENTITY) != FINN_IDENTITY)
        return FINN_NOT_FOUND;
    if (get(finn, FINN_CTRL_VERSION) != FINN_VERSION)
        return FINN_OTHER_VERSION;
    if (get(finn, FINN_CTRL_NAME_DIGEST_LO) != FINN_NAME_DIGEST_LO ||
        get(finn, FINN_CTRL_NAME_DIGEST_HI) != FINN_NAME_DIGEST_HI)
        return FINN_OTHER_NETWORK;
    if (get(finn, FINN_CTRL_PLAN_DIGEST_LO) != FINN_PLAN_DIGEST_LO ||
        get(finn, FINN_CTRL_PLAN_DIGEST_HI) != FINN_PLAN_DIGEST_HI)
        return FINN_OTHER_PLAN;
    return finn_soft_reset(finn);
}

enum finn_result finn_soft_reset(struct finn *finn)
{
    enum finn_result result;
    finn->queued = 0;
    put(finn, FINN_CTRL_CONTROL, FINN_CTRL_CONTROL_SOFT_RESET_MASK);
    result = until(finn, FINN_CTRL_STATUS, FINN_CTRL_STATUS_RESETTING_MASK, 0);
    if (result != FINN_OK)
        return result;
    put(finn, FINN_CTRL_INTERRUPT_STATUS,
        FINN_CTRL_INTERRUPT_STATUS_SHORT_FRAME_MASK | FINN_CTRL_INTERRUPT_STATUS_LONG_FRAME_MASK);
    put(finn, FINN_CTRL_CONTROL, FINN_CTRL_CONTROL_COUNT_MASK | FINN_CTRL_CONTROL_CLEAR_MASK);
    return until(finn, FINN_CTRL_STATUS, FINN_CTRL_STATUS_CLEARING_MASK, 0);
}

static void queue(const struct finn *finn, const struct channel *channel, uint64_t address, uint32_t length,
                  uint32_t count)
{
    put(finn, channel->base_lo, (uint32_t)address);
    put(finn, channel->base_hi, (uint32_t)(address >> 32));
    put(finn, channel->length, length);
    put(finn, channel->count, count);
    put(finn, channel->start, FINN_DMA_MM2S_START_START_MASK);
}

enum finn_result finn_start(struct finn *finn, uint64_t images, uint64_t results, uint32_t count)
{
    uint64_t image_bytes = (uint64_t)FINN_IMAGE_BYTES * count, result_bytes = (uint64_t)FINN_RESULT_BYTES * count;
    if (count == 0 || images % 8 || results % 8 || (images < results + result_bytes && results < images + image_bytes))
        return FINN_BAD_ARGUMENT;
    if (finn_pending(finn) >= MOST_JOBS)
        return FINN_QUEUE_FULL;
    queue(finn, &sink, results, FINN_RESULT_BYTES, count); /* first, so that results have somewhere to go */
    queue(finn, &source, images, FINN_IMAGE_BYTES, count);
    finn->queued++;
    return FINN_OK;
}

uint32_t finn_pending(const struct finn *finn)
{
    uint32_t status = get(finn, FINN_DMA_S2MM_STATUS);
    uint32_t finished = (status & FINN_DMA_S2MM_STATUS_JOBS_MASK) >> FINN_DMA_S2MM_STATUS_JOBS_SHIFT;
    return (finn->queued - finished) % JOBS;
}

/* Whether a channel has stopped; `failed` then says why. */
static int stopped(struct finn *finn, const struct channel *channel)
{
    uint32_t flags = get(finn, channel->status) & channel->errors;
    if (!flags)
        return 0;
    finn->failed.to_memory = channel == &sink;
    finn->failed.flags = flags;
    finn->failed.address = get(finn, channel->address_lo);
    finn->failed.address |= (uint64_t)get(finn, channel->address_hi) << 32;
    finn->failed.images = get(finn, channel->done);
    return 1;
}

enum finn_result finn_wait(struct finn *finn, uint32_t pending)
{
    uint32_t frames = FINN_CTRL_INTERRUPT_STATUS_SHORT_FRAME_MASK | FINN_CTRL_INTERRUPT_STATUS_LONG_FRAME_MASK;
    uint32_t looks = 0, images = 0;
    for (;;) {
        uint32_t done;
        finn_acknowledge(finn); /* before the look: what ends after it raises the interrupt again */
        if (stopped(finn, &source) || stopped(finn, &sink))
            return FINN_DMA_ERROR;
        if (finn_pending(finn) <= pending)
            break;
        done = get(finn, sink.done);
        looks = done == images ? looks + 1 : 0;
        images = done;
        if (looks >= finn->patience)
            return FINN_TIMEOUT;
        if (finn->wait)
            finn->wait(finn->context);
    }
    return get(finn, FINN_CTRL_INTERRUPT_STATUS) & frames ? FINN_WRONG_FRAMES : FINN_OK;
}

enum finn_result finn_classify(struct finn *finn, uint64_t images, uint64_t results, uint32_t count)
{
    enum finn_result result = finn_start(finn, images, results, count);
    return result == FINN_OK ? finn_wait(finn, 0) : result;
}

void finn_interrupts(struct finn *finn, int enable)
{
    put(finn, FINN_DMA_INTERRUPT_ENABLE,
        enable ? FINN_DMA_INTERRUPT_ENABLE_S2MM_DONE_MASK | FINN_DMA_INTERRUPT_ENABLE_S2MM_ERROR_MASK |
                     FINN_DMA_INTERRUPT_ENABLE_MM2S_ERROR_MASK
               : 0);
    put(finn, FINN_CTRL_INTERRUPT_ENABLE, enable ? FINN_CTRL_INTERRUPT_ENABLE_DMA_MASK : 0);
}

void finn_acknowledge(struct finn *finn)
{
    put(finn, FINN_DMA_S2MM_STATUS, FINN_DMA_S2MM_STATUS_DONE_MASK);
}

enum finn_result finn_load(struct finn *finn, uint32_t window, const uint32_t (*words)[2], uint32_t count)
{
    enum finn_result result;
    uint32_t i;
    put(finn, window + UNIT_CONTROL, 1);
    result = until(finn, window + UNIT_STATUS, 1, 1);
    if (result != FINN_OK)
        return result;
    for (i = 0; i < count; i++)
        put(finn, window + words[i][0], words[i][1]);
    for (i = 0; i < count; i++)
        if (get(finn, window + words[i][0]) != words[i][1])
            return FINN_WRONG_WEIGHTS;
    put(finn, window + UNIT_CONTROL, 0);
    return FINN_OK;
}

/* A counter of 64 bits: reading the lower half holds the upper one. */
static uint64_t counter(const struct finn *finn, uint32_t offset)
{
    uint32_t low = get(finn, offset);
    return low | (uint64_t)get(finn, offset + 4) << 32;
}

enum finn_result finn_boundary(struct finn *finn, uint32_t boundary, uint64_t *busy, uint64_t *stalled)
{
    enum finn_result result;
    if (boundary >= FINN_CTRL_BUSY_LO_COUNT)
        return FINN_BAD_ARGUMENT;
    put(finn, FINN_CTRL_CONTROL, 0);
    result = until(finn, FINN_CTRL_STATUS, FINN_CTRL_STATUS_COUNTING_MASK, 0);
    if (result == FINN_OK) {
        *busy = counter(finn, FINN_CTRL_BUSY_LO + boundary * FINN_CTRL_BUSY_LO_STRIDE);
        *stalled = counter(finn, FINN_CTRL_STALLED_LO + boundary * FINN_CTRL_STALLED_LO_STRIDE);
    }
    put(finn, FINN_CTRL_CONTROL, FINN_CTRL_CONTROL_COUNT_MASK);
    return result;
}

void finn_pack(uint8_t *packed, const uint8_t *pixels)
{
    uint32_t i, b, bit = 0;
    const uint32_t bits = FINN_IMAGE_PACKED ? 1u : 8u;
    for (i = 0; i < FINN_IMAGE_BYTES; i++)
        packed[i] = 0;
    for (i = 0; i < FINN_IMAGE_ELEMENTS; i++)
        for (b = 0; b < bits; b++, bit++) {
            uint32_t value = bits == 1u ? pixels[i] >= BRIGHT : (uint32_t)pixels[i] >> b & 1u;
            uint32_t word = bit / FINN_IMAGE_WORD_WIDTH, lane = bit % FINN_IMAGE_WORD_WIDTH;
            packed[word * FINN_IMAGE_WORD_BYTES + lane / 8u] |= (uint8_t)(value << lane % 8u);
        }
}

int64_t finn_number(const uint8_t *result, uint32_t index)
{
    uint32_t b;
    uint64_t number = 0;
    for (b = 0; b < FINN_RESULT_WIDTH; b++) {
        uint32_t bit = index * FINN_RESULT_WIDTH + b;
        uint32_t word = bit / FINN_RESULT_WORD_WIDTH, lane = bit % FINN_RESULT_WORD_WIDTH;
        number |= (uint64_t)(result[word * FINN_RESULT_WORD_BYTES + lane / 8u] >> lane % 8u & 1u) << b;
    }
    if (FINN_RESULT_SIGNED && number >> (FINN_RESULT_WIDTH - 1u))
        return (int64_t)number - ((int64_t)1 << FINN_RESULT_WIDTH);
    return (int64_t)number;
}

const char *finn_text(enum finn_result result)
{
    switch (result) {
    case FINN_OK:
        return "all right";
    case FINN_NOT_FOUND:
        return "no accelerator at this address: load the bitstream, check the base address";
    case FINN_OTHER_VERSION:
        return "bitstream and header are of different versions: take both from the same build";
    case FINN_OTHER_NETWORK:
        return "the bitstream is of another network: take bitstream and header from the same build";
    case FINN_OTHER_PLAN:
        return "another folding or other parameters: take bitstream and header from the same build";
    case FINN_BAD_ARGUMENT:
        return "a count of 0 or beyond what there is, an address that is no multiple of 8, or images and results overlap";
    case FINN_QUEUE_FULL:
        return "two jobs are under way: call finn_wait first";
    case FINN_TIMEOUT:
        return "nothing moved: check that the memory port answers, then call finn_soft_reset";
    case FINN_DMA_ERROR:
        return "the DMA stopped, `failed` tells where: check the addresses, then call finn_soft_reset";
    case FINN_WRONG_FRAMES:
        return "images of a wrong length: take bitstream and header from the same build";
    case FINN_WRONG_WEIGHTS:
        return "a unit did not keep its weights: write those of this accelerator";
    }
    return "no result of this driver";
}
