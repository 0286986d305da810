# SPDX-License-Identifier: Apache-2.0
"""A design sweep: many accelerators of one network, planned, simulated and synthesized, as a table and as fronts.

grid     the points that are asked for
point    what becomes of one, on whichever worker
table    rows as CSV and Parquet
fronts   which rows no other one beats, and the page that shows them
command  the command `finn-gen sweep`
"""
