# SPDX-License-Identifier: Apache-2.0
"""Each IP in a folder of its name; here the generator's frame: parameters, rendering, files, registers."""
