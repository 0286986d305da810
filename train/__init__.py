# SPDX-License-Identifier: Apache-2.0
"""`python -m train` is `finn-train` in a checkout; beside it is what only maintainers of the carried networks need."""
