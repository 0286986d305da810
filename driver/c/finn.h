/* SPDX-License-Identifier: Apache-2.0
 *
 * Driver of an accelerator for programs without an operating system: C99, no libraries, no memory of its own.
 *
 * Registers and sizes come from the header that `finn-gen build NET --package axi` writes; FINN_REGISTERS names it.
 * Addresses of images and results are those that the accelerator sees. On a processor with a data cache that the
 * accelerator does not share, flush images before finn_start, and invalidate results after finn_wait.
 */
#ifndef FINN_H
#define FINN_H

#include <stdint.h>

#ifndef FINN_REGISTERS
#define FINN_REGISTERS "finn_registers.h"
#endif
#include FINN_REGISTERS

enum finn_result {
    FINN_OK,
    FINN_NOT_FOUND,       /* IDENTITY is another: no bitstream is loaded, or the base address is wrong */
    FINN_OTHER_VERSION,   /* bitstream and header are of different versions of the generator */
    FINN_OTHER_NETWORK,   /* the bitstream is of another network than the header */
    FINN_OTHER_PLAN,      /* the same network with another folding or other parameters */
    FINN_BAD_ARGUMENT,    /* a count of 0, an address that is no multiple of 8, or images and results overlap */
    FINN_QUEUE_FULL,      /* two jobs are under way already */
    FINN_TIMEOUT,         /* nothing moved for `patience` looks */
    FINN_DMA_ERROR,       /* a channel stopped: see `failed`; finn_soft_reset before anything else */
    FINN_WRONG_FRAMES,    /* images of another length than the accelerator's: results mean nothing */
    FINN_WRONG_WEIGHTS    /* a unit did not keep what was written */
};

/* What stopped a channel. */
struct finn_failure {
    int to_memory;        /* 0: images to the accelerator (MM2S), 1: results to memory (S2MM) */
    uint32_t flags;       /* errors in the channel's STATUS: FINN_DMA_MM2S_STATUS_*_MASK */
    uint64_t address;     /* of the burst that failed, if slave_error or decode_error is among them */
    uint32_t images;      /* that were finished in the job */
};

struct finn {
    uintptr_t base;       /* of the accelerator's registers */
    uint32_t patience;    /* looks at a register, without an image finished, after which it is given up */
    void (*wait)(void *); /* called between two looks, to sleep until the interrupt; may be 0 */
    void *context;        /* its argument */
    uint32_t queued;      /* jobs since the last reset */
    struct finn_failure failed;
};

/* Look whether the accelerator of the header lies at `base`, and reset it. Sets patience to 1,000,000. */
enum finn_result finn_open(struct finn *finn, uintptr_t base);

/* Reset accelerator, DMA and counters, once bursts under way are through. Weights that were loaded stay. */
enum finn_result finn_soft_reset(struct finn *finn);

/* Queue `count` images that lie one after the other, FINN_IMAGE_BYTES each; results need FINN_RESULT_BYTES each.
 * One job may run and one wait. */
enum finn_result finn_start(struct finn *finn, uint64_t images, uint64_t results, uint32_t count);

/* Jobs that are not finished. */
uint32_t finn_pending(const struct finn *finn);

/* Wait until at most `pending` jobs are not finished. */
enum finn_result finn_wait(struct finn *finn, uint32_t pending);

/* Queue a job and wait until it is finished. */
enum finn_result finn_classify(struct finn *finn, uint64_t images, uint64_t results, uint32_t count);

/* Let the interrupt tell of finished jobs and of errors, or not. */
void finn_interrupts(struct finn *finn, int enable);

/* Take the interrupt back; for the interrupt's handler. Errors keep it high until finn_soft_reset. */
void finn_acknowledge(struct finn *finn);

/* Load a unit: `words` are pairs of address and value, in the order of a file of `finn-gen weights`, `window` is the
 * base of the unit's registers. It runs again afterwards, unless the result is not FINN_OK. */
enum finn_result finn_load(struct finn *finn, uint32_t window, const uint32_t (*words)[2], uint32_t count);

/* Counters of a stage boundary since the last reset; counting pauses while they are read. */
enum finn_result finn_boundary(struct finn *finn, uint32_t boundary, uint64_t *busy, uint64_t *stalled);

/* FINN_IMAGE_BYTES of an image of FINN_IMAGE_ELEMENTS pixels, 0 to 255, row by row, channels innermost. */
void finn_pack(uint8_t *packed, const uint8_t *pixels);

/* Number `index` of a result: the label (index 0), or a score. */
int64_t finn_number(const uint8_t *result, uint32_t index);

/* A line to print for a result. */
const char *finn_text(enum finn_result result);

#endif
