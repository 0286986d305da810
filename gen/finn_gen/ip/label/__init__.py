# SPDX-License-Identifier: Apache-2.0
"""Plan and text of label selection, `finn:ip:label`."""
