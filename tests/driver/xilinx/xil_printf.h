/* SPDX-License-Identifier: Apache-2.0
 *
 * As much of Xilinx standalone's header as the C driver's example uses, to compile it on a host.
 */
#ifndef XIL_PRINTF_H
#define XIL_PRINTF_H

void xil_printf(const char *format, ...);

#endif
