# SPDX-License-Identifier: Apache-2.0
"""Compressor trees for sums of binary products, as data.

A processing element (PE) adds SIMD products of an input bit x and a weight bit w. With
bit 0 = -1 and bit 1 = +1 a product is XNOR, and the sum of n products is a popcount. The
trees planned here use three facts:

1. The parity of products is linear over GF(2): ``a ^ b ^ c = ~(X ^ W)`` where X is the parity of
   the three inputs, which every PE shares, and W the parity of the three weights, which a memory
   can hold in place of the third weight (`memory.encode`) and a constant simply is. So a
   full adder on three products needs no LUT for its sum, only one for its carry.
2. A half slice of 7-series (two LUTs, two positions of the carry chain) counts seven bits:
   two bits removed a LUT, where a full adder removes one (Kumm and Zipf, FPL 2014).
3. A row of LUT6_2 on a carry chain adds three numbers; it takes the last two rows of the tree and
   the accumulator at once, and an initial value that is zero except in the first cycle comes
   along for nothing, so the comparison with a threshold is the sign of the accumulator.

A tree is cells and the numbers of their nets, nothing else: no text, no file. Weights of products:
``acc = init + sum over planes b of 2^b * popcount(~(x_b ^ w) ^ flip_b)``.

    cells      what a tree is
    memory     plans that of a row whose weights come from a memory
    constant   plans that of all rows, where weights are constants
    clusters   plans that of rows which share sums
    products   what products with weights of several bits put on the heaps in the place of XNORs
    build      what the two share: heaps of bits, and cells that compress them
    schedule   finds the cheapest levels of cells, by the heights of a heap's columns alone
"""

from finn_gen.ip.mvtu.tree.cells import CUT, MAX_ADDRESS_BITS, ONE, ZERO, Kind, Product, Shape, Tree
from finn_gen.ip.mvtu.tree.constant import plan_constant_tree
from finn_gen.ip.mvtu.tree.memory import encode, plan_memory_tree, triples
from finn_gen.ip.mvtu.tree.products import offsets, products

__all__ = (
    "CUT",
    "MAX_ADDRESS_BITS",
    "ONE",
    "ZERO",
    "Kind",
    "Product",
    "Shape",
    "Tree",
    "encode",
    "offsets",
    "plan_constant_tree",
    "plan_memory_tree",
    "products",
    "triples",
)
