# SPDX-License-Identifier: Apache-2.0
"""Plan and text of max pooling, `finn:ip:pool`."""
