# SPDX-License-Identifier: Apache-2.0
"""finn_sim: pictures through a simulated accelerator, and the flow for FuseSoC."""
