# SPDX-License-Identifier: Apache-2.0
#
# Constraints of the system. There is little to say:
#   - DDR and MIO pins of the processing system are placed by the PS7 IP's own constraints, from its ZC706 preset.
#   - FCLK_CLK0 is the one clock; the PS7 IP declares it with the period that it was configured for.
#   - No pin of the programmable logic is used, so there are no I/O delays.
#   - proc_sys_reset brings the exceptions of its synchronizer. All other resets are synchronous and are to be timed.

# A compressed bitstream loads faster and is otherwise the same.
set_property BITSTREAM.GENERAL.COMPRESS TRUE [current_design]
