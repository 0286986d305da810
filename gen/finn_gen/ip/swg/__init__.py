# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the sliding window generator, `finn:ip:swg`."""
