# SPDX-License-Identifier: Apache-2.0
"""Many pieces of work: on processes, on a Dask cluster, and what goes wrong with them."""
