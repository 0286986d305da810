/* SPDX-License-Identifier: Apache-2.0
 *
 * Example for a Zynq-7000 without an operating system (Xilinx standalone): classify two images, a job behind the other.
 *
 * FINN_BASE is the accelerator's base address in the block design; xparameters.h has it under the cell's name.
 */
#include "finn.h"

#include "xil_cache.h"
#include "xil_printf.h"

#ifndef FINN_BASE
#define FINN_BASE 0x43C00000u
#endif
#define JOBS 2

/* Whole cache lines of 32 bytes, so that no neighbour shares one with what the accelerator writes. */
#define LINES(bytes) (((bytes) + 31u) / 32u * 32u)

static uint8_t pixels[FINN_IMAGE_ELEMENTS];
static uint8_t images[JOBS][LINES(FINN_IMAGE_BYTES)] __attribute__((aligned(32)));
static uint8_t results[JOBS][LINES(FINN_RESULT_BYTES)] __attribute__((aligned(32)));

int main(void)
{
    struct finn finn;
    enum finn_result result = finn_open(&finn, FINN_BASE);
    unsigned job, i;

    for (job = 0; job < JOBS && result == FINN_OK; job++) {
        for (i = 0; i < FINN_IMAGE_ELEMENTS; i++)
            pixels[i] = (uint8_t)(job ? 255u : 0u);
        finn_pack(images[job], pixels);
        /* The accelerator reads from memory, not from the processor's cache; no line of a result may be written back
         * over it. */
        Xil_DCacheFlushRange((INTPTR)images[job], sizeof images[job]);
        Xil_DCacheFlushRange((INTPTR)results[job], sizeof results[job]);
        result = finn_start(&finn, (uintptr_t)images[job], (uintptr_t)results[job], 1);
    }
    if (result == FINN_OK)
        result = finn_wait(&finn, 0);
    if (result != FINN_OK) {
        xil_printf("finn: %s\r\n", finn_text(result));
        return 1;
    }
    for (job = 0; job < JOBS; job++) {
        Xil_DCacheInvalidateRange((INTPTR)results[job], sizeof results[job]);
        for (i = 0; i < FINN_RESULT_COUNT; i++)
            xil_printf("image %d, number %d: %d\r\n", (int)job, (int)i, (int)finn_number(results[job], i));
    }
    return 0;
}
