# SPDX-License-Identifier: Apache-2.0
"""Plan, registers and text of the control core of an accelerator, `finn:ip:ctrl`."""
