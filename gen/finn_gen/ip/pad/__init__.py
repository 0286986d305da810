# SPDX-License-Identifier: Apache-2.0
"""Plan and text of the image padder, `finn:ip:pad`."""
