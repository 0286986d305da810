/* SPDX-License-Identifier: Apache-2.0
 *
 * As much of Xilinx standalone's header as the C driver's example uses, to compile it on a host.
 */
#ifndef XIL_CACHE_H
#define XIL_CACHE_H

#include <stdint.h>

typedef intptr_t INTPTR;

void Xil_DCacheFlushRange(INTPTR address, uint32_t length);
void Xil_DCacheInvalidateRange(INTPTR address, uint32_t length);

#endif
